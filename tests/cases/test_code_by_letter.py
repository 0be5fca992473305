"""A second party who gets a code by letter, or who has an account already, and the pages for both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.cases import claiming, handing_over
from backoffice.cases.models import Case, Event, Party
from backoffice.cases.parties import Invited
from backoffice.cases.ways import CODE_BY_POST, CODE_BY_POST_ABROAD, Way
from backoffice.customers.models import ContactKind, Customer
from backoffice.customers.postal import of_parts
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, NotFound
from backoffice.staff.models import Role
from backoffice.trust.codes import CodeRefused
from tests.cases.joining import (
    ABROAD,
    BY_HAND,
    BY_LETTER,
    HOME,
    NETWORK,
    OWN_MAIL,
    PASSWORD,
    WRONG,
    _bell_with_a_party,
    case,
    claim,
    invited,
    join,
    joined,
    later,
    made,
    sent,
    take_part,
)
from tests.factories import actor, make_customer, make_staff
from tests.playing import customer_actor

__all__ = ["_bell_with_a_party", "case"]
pytestmark = pytest.mark.django_db


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
