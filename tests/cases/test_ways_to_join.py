"""A second party who gets a code by hand or by letter: what it is good for, and every way in which it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from backoffice.actors import Actor, Level, system
from backoffice.cases import claiming, handing_over, parties
from backoffice.cases.claiming import Claiming
from backoffice.cases.models import Case, CaseState, Event, Party
from backoffice.cases.parties import Invited, Joining
from backoffice.cases.timeline_view import Reader, lines
from backoffice.cases.unit_of_work import changing
from backoffice.cases.ways import CODE_BY_HAND, CODE_BY_POST, CODE_BY_POST_ABROAD, Way
from backoffice.customers.models import ContactKind, Customer
from backoffice.customers.postal import of_parts
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, NeedsProof, NotFound
from backoffice.staff.models import Role, User
from backoffice.trust.codes import CodeRefused
from backoffice.trust.models import Code
from tests.catalogue import installed
from tests.engine.bell import BELL
from tests.engine.conftest import make_bell
from tests.engine.ringing import open_bell
from tests.factories import actor, make_customer, make_staff
from tests.playing import customer_actor, outside_actor
from workflows.base.spec import PartyRole

pytestmark = pytest.mark.django_db
HOME = of_parts({"country": "NL", "line1": "Lindenstraat 12", "code": "3512 AB", "town": "Utrecht"})
ABROAD = of_parts({"country": "PL", "line1": "ul. Prosta 51", "code": "00-838", "town": "Warszawa"})
BY_HAND = Invited("Ewa", "Nowak", way=Way.HAND)
BY_LETTER = Invited("Ewa", "Nowak", way=Way.LETTER, address=HOME)
OWN_MAIL = "ewa@own.example"
PASSWORD = "seven-blue-kettles"
WRONG = "2222-2222-2222-22"
NETWORK = "192.0.2.1"


@pytest.fixture(autouse=True)
def _bell_with_a_party() -> Iterator[None]:
    cache.clear()
    spec = replace(BELL, parties=(PartyRole(name="neighbour", title="the neighbour"),))
    with installed(replace(make_bell(), spec=spec)):
        yield


@pytest.fixture
def case() -> Case:
    return open_bell()


def later(**time: float) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


def invited(case: Case, whom: Invited = BY_HAND) -> Party:
    with changing(case.id) as locked:
        by = customer_actor(case.customer)
        return parties.invite(locked, role="neighbour", whom=whom, by=by, now=datetime.now(UTC), field="mail")


def opener(case: Case) -> Actor:
    return customer_actor(case.customer, level=Level.CONFIRMED, proof="totp")


def made(case: Case, now: datetime | None = None) -> str:
    """The code that the opener sees once."""
    return handing_over.make_code(case_id=case.id, role="neighbour", by=opener(case), now=now).code


def sent(template: str) -> str:
    """The code in the newest message."""
    message = Message.objects.filter(template=template).latest("pk")
    contact = message.contact
    assert contact.customer is not None
    composed = composing.letter if contact.channel == "letter" else composing.mail
    text = composed(
        template,
        customer=contact.customer,
        case_reference=contact.case_reference,
        check_code=contact.reference,
        context=message.context,
    ).text
    found = re.search(r"Your code: ([0-9A-Z-]+)", text)
    assert found, text
    return found[1]


def claim(case: Case, code: str, *, mail: str = OWN_MAIL, reference: str = "", now: datetime | None = None) -> None:
    claiming.claim(Claiming(reference or case.reference, code, mail), address=NETWORK, now=now)


def joining(case: Case, **other: str) -> Joining:
    typed = {"reference": case.reference, "mail": OWN_MAIL, "username": "ewa", "password": PASSWORD}
    return Joining(**{**typed, "code": other.pop("code", "") or sent("party_proves_mail"), **other})


def join(case: Case, *, now: datetime | None = None, **other: str) -> User:
    return parties.join(joining(case, **other), address=NETWORK, now=now)[0]


def joined(case: Case) -> Customer:
    customer = parties.of_case(case)["neighbour"].customer
    assert customer.user is not None
    return customer


class TestByHand:
    def test_nobody_is_written_to_and_the_record_has_no_address(self, case: Case) -> None:
        party = invited(case)

        assert not Message.objects.exists()
        assert not party.customer.contact_points.exists()
        assert Event.objects.filter(case=case, kind="party.named").count() == 1

    def test_the_code_and_a_proven_mail_address_open_the_account(self, case: Case) -> None:
        invited(case)
        code = made(case)

        claim(case, code)
        assert not parties.of_case(case)["neighbour"].customer.contact_points.exists()
        user = join(case)

        customer = joined(case)
        assert customer.user == user
        point = customer.contact_points.get()
        assert (point.value, point.verified_how, point.superseded_at) == (OWN_MAIL, "enrolment_code", None)
        assert Event.objects.get(case=case, kind="party.joined").data == {"party": "neighbour", "way": "hand"}
        assert parties.of_case(case)["neighbour"].claimed_mail is None

    def test_the_timeline_says_how_they_joined(self, case: Case) -> None:
        invited(case)
        claim(case, made(case))
        join(case)

        told = lines(list(Event.objects.filter(case=case)), [Case.objects.get(id=case.id)], reader=Reader.STAFF)

        said = " ".join(str(line.sentence) for line in told)
        assert "opened an account by a code that the other one gave them: the neighbour" in said

    def test_neither_code_is_in_clear_anywhere(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code)
        proof = sent("party_proves_mail")

        rows = str(
            [*Code.objects.values(), *Event.objects.values(), *Message.objects.values(), *Party.objects.values()]
        )
        for one in (code, proof):
            assert one not in rows
            assert one.replace("-", "") not in rows

    def test_the_code_lasts_seven_days(self, case: Case) -> None:
        invited(case)
        code = made(case)

        with pytest.raises(CodeRefused):
            claim(case, code, now=later(days=CODE_BY_HAND.days, seconds=1))
        claim(case, code, now=later(days=CODE_BY_HAND.days, seconds=-60))

    def test_a_new_one_voids_the_one_before_and_what_was_claimed_with_it(self, case: Case) -> None:
        invited(case)
        first = made(case)
        claim(case, first)
        proof = sent("party_proves_mail")

        made(case)

        with pytest.raises(CodeRefused):
            claim(case, first)
        with pytest.raises(CodeRefused):
            join(case, code=proof)

    def test_it_is_good_once(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code)
        join(case)

        with pytest.raises(CodeRefused):
            claim(case, code, mail="other@own.example")
        with pytest.raises(CodeRefused):
            join(case, username="ewa2")

    def test_a_mistyped_address_is_claimed_again_and_the_first_counts_no_more(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code, mail="eva@own.example")
        wrong = sent("party_proves_mail")

        claim(case, code)

        with pytest.raises(CodeRefused):
            join(case, mail="eva@own.example", code=wrong)
        assert join(case)

    def test_it_is_good_for_no_other_case(self, case: Case) -> None:
        other = open_bell()
        invited(case)
        invited(other)
        made(other)

        with pytest.raises(CodeRefused):
            claim(other, made(case))

    def test_after_the_case_is_stopped_it_is_good_for_nothing(self, case: Case) -> None:
        invited(case)
        code = made(case)
        claim(case, code)
        proof = sent("party_proves_mail")

        for state in (CaseState.STOPPING, CaseState.CLOSED):
            Case.objects.filter(id=case.id).update(state=state)
            with pytest.raises(CodeRefused):
                claim(case, code)
            with pytest.raises(CodeRefused):
                join(case, code=proof)
            with pytest.raises(NotFound):
                made(case)

    def test_five_wrong_codes_block_it(self, case: Case) -> None:
        invited(case)
        code = made(case)
        said = []
        for _try in range(5):
            with pytest.raises(CodeRefused) as refused:
                claim(case, WRONG)
            said.append(refused.value.sentence)

        assert "one more try" in said[3]
        assert "now blocked" in said[4]
        with pytest.raises(CodeRefused):
            claim(case, code)
        claim(case, made(case))

    def test_ten_tries_an_hour_from_one_network_and_no_more(self, case: Case) -> None:
        invited(case)
        code = made(case)
        for _try in range(10):
            with pytest.raises(CodeRefused):
                claim(case, WRONG, reference="K7Q-4MX-2")

        with pytest.raises(Conflict, match="Too many tries"):
            claim(case, code)
        with pytest.raises(Conflict, match="Too many tries"):
            take_part(case, make_customer(), code)

    def test_no_more_than_five_addresses_are_written_to_with_one_code(self, case: Case) -> None:
        invited(case)
        code = made(case)
        for number in range(5):
            claim(case, code, mail=f"ewa{number}@own.example")

        with pytest.raises(Conflict, match="as many codes as we send"):
            claim(case, code)
        claim(case, made(case))

    def test_whatever_is_wrong_the_words_are_the_same(self, case: Case) -> None:
        invited(case)
        code = made(case)
        for reference, typed in (("K7Q-4MX-2", code), ("nonsense", code), (case.reference, WRONG)):
            with pytest.raises(CodeRefused) as refused:
                claim(case, typed, reference=reference)
            assert refused.value.sentence.startswith("This code does not work here. Check that you typed the newest")

    def test_the_opener_cannot_be_reached_as_the_other_party_too(self, case: Case) -> None:
        invited(case)
        own = case.customer.contact_points.get(kind="mail").value

        with pytest.raises(Invalid) as refused:
            claim(case, made(case), mail=own.upper())
        assert set(refused.value.errors) == {"mail"}

    def test_an_address_that_is_none_is_refused_on_its_field(self, case: Case) -> None:
        invited(case)

        with pytest.raises(Invalid) as refused:
            claim(case, made(case), mail="ewa at example")
        assert set(refused.value.errors) == {"mail"}

    def test_the_code_for_the_address_is_sent_again_to_that_address_only(self, case: Case) -> None:
        invited(case)
        claim(case, made(case))
        before = Message.objects.count()

        parties.invite_again(reference=case.reference, mail="other@own.example", by=outside_actor())
        assert Message.objects.count() == before
        for _again in range(9):
            parties.invite_again(reference=case.reference, mail=OWN_MAIL, by=outside_actor())

        assert Message.objects.count() == 5
        assert join(case)


class TestWhoMakesTheCode:
    def test_is_the_customer_after_proving_who_they_are(self, case: Case) -> None:
        invited(case)

        with pytest.raises(NeedsProof):
            handing_over.make_code(case_id=case.id, role="neighbour", by=customer_actor(case.customer))
        assert made(case)

    def test_is_nobody_else(self, case: Case) -> None:
        invited(case)
        staff = actor(make_staff(role=Role.SUPERVISOR))
        for by, refusal in (
            (customer_actor(make_customer(), level=Level.CONFIRMED), NotFound),
            (staff, Forbidden),
            (outside_actor(), Forbidden),
            (system(), Forbidden),
        ):
            with pytest.raises(refusal):
                handing_over.make_code(case_id=case.id, role="neighbour", by=by)

    def test_needs_an_invitation_that_waits_for_one(self, case: Case) -> None:
        with pytest.raises(NotFound):
            made(case)
        invited(case, Invited("Ewa", "Nowak", OWN_MAIL))
        with pytest.raises(NotFound):
            made(case)

    def test_gets_at_most_ten(self, case: Case) -> None:
        invited(case)
        for _one in range(10):
            made(case)

        with pytest.raises(Conflict, match="as many codes as we give"):
            made(case)

    def test_makes_none_while_the_case_is_paused_or_once_they_have_joined(self, case: Case) -> None:
        invited(case)
        code = made(case)
        Case.objects.filter(id=case.id).update(state=CaseState.FROZEN)
        with pytest.raises(NotFound):
            made(case)
        Case.objects.filter(id=case.id).update(state=CaseState.OPEN)
        claim(case, code)
        join(case)

        with pytest.raises(NotFound):
            made(case)


class TestByLetter:
    @pytest.mark.parametrize(("address", "lasts"), [(HOME, CODE_BY_POST), (ABROAD, CODE_BY_POST_ABROAD)])
    def test_the_code_lasts_as_long_as_the_post_needs(self, case: Case, address: Any, lasts: timedelta) -> None:
        invited(case, replace(BY_LETTER, address=address))
        code = sent("party_invited_by_letter")

        with pytest.raises(CodeRefused):
            claim(case, code, now=later(days=lasts.days, seconds=1))
        claim(case, code, now=later(days=lasts.days, seconds=-60))

    def test_the_letter_goes_to_the_address_and_its_code_proves_it(self, case: Case) -> None:
        party = invited(case, BY_LETTER)
        message = Message.objects.get(template="party_invited_by_letter")
        assert (message.contact.channel, message.contact.customer) == ("letter", party.customer)
        assert "Ewa Nowak" in composing.addressee(message.destination, customer=party.customer)

        claim(case, sent("party_invited_by_letter"))
        join(case)

        proven = {point.kind: point.verified_how for point in joined(case).contact_points.all()}
        assert proven == {ContactKind.MAIL: "enrolment_code", ContactKind.POSTAL: "enrolment_code"}

    def test_without_an_address_there_is_no_letter(self, case: Case) -> None:
        with pytest.raises(Invalid) as refused:
            invited(case, replace(BY_LETTER, address=None))
        assert set(refused.value.errors) == {"line1"}
        with pytest.raises(Invalid) as refused:
            invited(case, replace(BY_LETTER, address=of_parts({"country": "NL", "line1": "Lindenstraat 12"})))
        assert {"code", "town"} <= set(refused.value.errors)
        assert not Party.objects.exists()

    def test_the_one_who_named_them_never_sees_its_code(self, case: Case) -> None:
        invited(case, BY_LETTER)

        with pytest.raises(NotFound):
            made(case)

    def test_another_one_is_sent_after_five_days_and_voids_the_first(self, case: Case) -> None:
        invited(case, BY_LETTER)
        first, by = sent("party_invited_by_letter"), customer_actor(case.customer)
        with pytest.raises(Conflict, match="still be on its way"):
            handing_over.post_again(case_id=case.id, role="neighbour", by=by)

        handing_over.post_again(case_id=case.id, role="neighbour", by=by, now=later(days=5, seconds=1))

        with pytest.raises(CodeRefused):
            claim(case, first, now=later(days=6))
        claim(case, sent("party_invited_by_letter"), now=later(days=6))

    def test_three_letters_and_no_more(self, case: Case) -> None:
        invited(case, BY_LETTER)
        by = customer_actor(case.customer)
        for days in (6, 12):
            handing_over.post_again(case_id=case.id, role="neighbour", by=by, now=later(days=days))

        with pytest.raises(Conflict, match="as many codes as we give"):
            handing_over.post_again(case_id=case.id, role="neighbour", by=by, now=later(days=18))

    def test_nobody_else_has_one_sent(self, case: Case) -> None:
        invited(case, BY_LETTER)
        for by, refusal in (
            (customer_actor(make_customer()), NotFound),
            (actor(make_staff(role=Role.SUPERVISOR)), Forbidden),
        ):
            with pytest.raises(refusal):
                handing_over.post_again(case_id=case.id, role="neighbour", by=by, now=later(days=6))


def take_part(case: Case, customer: Customer, code: str) -> Case:
    return claiming.join_with_account(
        reference=case.reference, code=code, customer=customer, by=customer_actor(customer), address=NETWORK
    )


class TestWithAnAccount:
    @pytest.fixture
    def ewa(self) -> Customer:
        return make_customer(given_name="Ewa", family_name="Nowak")

    @pytest.mark.parametrize("whom", [BY_HAND, BY_LETTER, Invited("EWA", "nowak", "ewa.nowak@example.org")])
    def test_who_has_one_joins_with_it(self, case: Case, ewa: Customer, whom: Invited) -> None:
        invited(case, whom)
        code = {
            Way.HAND: lambda: made(case),
            Way.LETTER: lambda: sent("party_invited_by_letter"),
            Way.MAIL: lambda: sent("party_invited"),
        }[whom.way]()

        assert take_part(case, ewa, code) == case

        assert joined(case) == ewa
        event = Event.objects.get(case=case, kind="party.joined_with_account")
        assert (event.data["way"], event.actor_id) == (whom.way, str(ewa.public_id))
        with pytest.raises(CodeRefused):
            take_part(case, make_customer(given_name="Ewa", family_name="Nowak"), code)

    def test_nobody_of_another_name_does(self, case: Case) -> None:
        invited(case)
        code = made(case)

        with pytest.raises(Conflict, match="names somebody else"):
            take_part(case, make_customer(given_name="Jan", family_name="Nowak"), code)
        with pytest.raises(Conflict, match="names somebody else"):
            take_part(case, make_customer(kind="organisation", organisation_name="Ewa Nowak"), code)
        claim(case, code)

    def test_the_opener_does_not_join_their_own_case(self, case: Case) -> None:
        customer = case.customer
        invited(case, replace(BY_HAND, given_name=customer.given_name, family_name=customer.family_name))

        with pytest.raises(Conflict, match="your own case"):
            take_part(case, customer, made(case))

    def test_nobody_joins_for_another(self, case: Case, ewa: Customer) -> None:
        invited(case)

        with pytest.raises(NotFound):
            claiming.join_with_account(
                reference=case.reference, code=made(case), customer=ewa, by=customer_actor(make_customer()),
                address=NETWORK,
            )  # fmt: skip

    def test_a_wrong_code_counts_and_says_the_same(self, case: Case, ewa: Customer) -> None:
        invited(case)
        made(case)
        for _try in range(5):
            with pytest.raises(CodeRefused) as refused:
                take_part(case, ewa, WRONG)

        assert "now blocked" in refused.value.sentence


class TestThePages:
    def test_the_code_leads_to_a_second_one_and_that_to_the_case(self, case: Case, client: Client) -> None:
        invited(case)
        given = {"reference": case.reference, "mail": OWN_MAIL}

        assert client.get("/join/code/").status_code == 200
        shown = client.post("/join/code/", {**given, "code": made(case)}, follow=True).content.decode()
        assert "Your code is right" in shown
        assert OWN_MAIL in shown

        typed = {**given, "code": sent("party_proves_mail"), "username": "ewa", "password": PASSWORD}
        answer = client.post("/join/", typed)
        assert (answer.status_code, answer["Location"]) == (302, f"/portal/cases/{case.reference}/")

    def test_a_wrong_one_stands_on_its_field(self, case: Case, client: Client) -> None:
        invited(case)

        answer = client.post("/join/code/", {"reference": case.reference, "mail": OWN_MAIL, "code": WRONG})

        assert answer.status_code == 400
        assert "This code does not work here." in answer.content.decode()

    def test_who_has_an_account_types_it_in_the_portal(self, case: Case, client: Client) -> None:
        invited(case)
        ewa = make_customer(given_name="Ewa", family_name="Nowak")
        assert client.get("/portal/join/").status_code == 302
        client.force_login(ewa.user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]

        wrong = client.post("/portal/join/", {"reference": case.reference, "code": WRONG})
        assert (wrong.status_code, "does not work here" in wrong.content.decode()) == (400, True)
        right = client.post("/portal/join/", {"reference": case.reference, "code": made(case)})

        assert right["Location"] == reverse("portal:case", args=[case.reference])
        assert client.get(right["Location"]).status_code == 200
