"""Both parties sign a cession: in their accounts, or in a file of ours."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.actors import Level, system
from backoffice.cases import answering, catalogue, claiming, parties
from backoffice.cases.answering import Receipt
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.contact_points import supersede
from backoffice.customers.models import Act, CustomerKind, May, NationalId
from backoffice.customers.representatives import Entry, enter
from backoffice.domains.cession import evidence
from backoffice.domains.cession.calls import cautions_of
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import restored
from backoffice.refusals import Conflict, Invalid, NeedsProof, NotFound
from backoffice.trust.models import Code, Contact
from tests.domains.ceding import ADDRESS, PESEL, effect, holder_of_a_domain, make_domain, open_cession
from tests.factories import make_customer, make_user, now, totp_code
from tests.playing import advance, ask, close, customer_actor
from tests.portal.conftest import Person, make_person

pytestmark = pytest.mark.django_db
TAKES = {"decision": "agreed", "number_kind": "PESEL", "number": PESEL, **ADDRESS}


@pytest.fixture
def case() -> Case:
    return open_cession(holder_of_a_domain())


def new_holder_of(case: Case) -> Any:
    """Has opened an account with the code of the invitation."""
    party = parties.of_case(case)["new_holder"].customer
    party.user = make_user()
    party.save(update_fields=["user"])
    return party


def answer(case: Case, item: WorkItem, by: Any, **data: Any) -> Receipt:
    actor = customer_actor(by, level=Level.CONFIRMED, proof="totp")
    return answering.answer(item_id=item.id, by=actor, data=data)


class TestTheNewHolder:
    def test_gives_a_number_and_an_address_and_they_stand_on_their_own_record(self, case: Case) -> None:
        party = new_holder_of(case)

        answer(case, ask(case, "confirm_new"), party, **TAKES)

        assert NationalId.objects.get(customer=party).number == PESEL
        new = restored(Cession.objects.get(case=case).new_holder)
        assert (new.name, new.number, new.address["town"]) == ("Ewa Nowak", PESEL, "Warszawa")

    @pytest.mark.parametrize("field", ["number", "line1"])
    def test_is_asked_for_what_the_registry_needs(self, case: Case, field: str) -> None:
        given = {name: text for name, text in TAKES.items() if name != field}

        with pytest.raises(Invalid) as refused:
            answer(case, ask(case, "confirm_new"), new_holder_of(case), **given)
        assert field in refused.value.errors

    def test_cannot_have_the_number_of_another_customer(self, case: Case) -> None:
        make_customer(national_ids={"PESEL": PESEL})

        with pytest.raises((Conflict, Invalid)) as refused:
            answer(case, ask(case, "confirm_new"), new_holder_of(case), **TAKES)
        assert "Another customer has this number" in str(refused.value)

    def test_cannot_be_the_holder_again_under_another_account(self) -> None:
        """Who joins their own case by a code of their own is still stopped by their number."""
        case = open_cession(make_domain(make_customer(national_ids={"PESEL": PESEL})), invite_by="hand", mail="")

        with pytest.raises((Conflict, Invalid)) as refused:
            answer(case, ask(case, "confirm_new"), new_holder_of(case), **TAKES)
        assert "Another customer has this number" in str(refused.value)

    def test_is_entered_with_the_mail_address_that_they_proved(self) -> None:
        case = open_cession(holder_of_a_domain(), invite_by="hand", mail="")
        party = new_holder_of(case)
        supersede(customer=party, kind="mail", value="ewa@own.example", how="enrolment_code", by=system(), now=now())

        answer(case, ask(case, "confirm_new"), party, **TAKES)

        assert restored(Cession.objects.get(case=case).new_holder).mail == "ewa@own.example"

    def test_who_does_not_take_it_gives_nothing(self, case: Case) -> None:
        party = new_holder_of(case)

        item = answer(case, ask(case, "confirm_new"), party, decision="declined")

        assert item.outcome == "declined"
        assert not restored(Cession.objects.get(case=case).new_holder).address

    def test_reads_the_exact_words(self, case: Case) -> None:
        item = ask(case, "confirm_new")
        form = catalogue.answering(item).form_for(item, by=customer_actor(new_holder_of(case)))

        assert "I, Ewa Nowak, take over all rights and duties in the domain tulip.pl from Maria" in str(form.intro)

    def test_signs_only_after_proving_it(self, case: Case) -> None:
        item = ask(case, "confirm_new")

        with pytest.raises(NeedsProof):
            answering.answer(item_id=item.id, by=customer_actor(new_holder_of(case)), data=TAKES)

    def test_whose_account_has_another_name_cannot_take_what_was_given_to_that_name(self) -> None:
        other = make_customer(given_name="Max", family_name="Roest", contacts={"mail": "ewa.nowak@example.org"})
        case = open_cession(holder_of_a_domain())

        with pytest.raises(Conflict, match="The holder gives the domain to Ewa Nowak") as refused:
            answer(case, ask(case, "confirm_new"), other, **TAKES)

        assert refused.value.field == "decision"
        assert restored(Cession.objects.get(case=case).new_holder).name == "Ewa Nowak"
        assert answer(case, case.items.get(), other, decision="declined").outcome == "declined"

    def test_nobody_else_answers_for_them(self, case: Case) -> None:
        item = ask(case, "confirm_new")

        for other in (case.customer, make_customer()):
            with pytest.raises(NotFound):
                answer(case, item, other, **TAKES)


class TestTheHolder:
    def test_signs_the_words_with_both_names(self, case: Case) -> None:
        item = ask(case, "confirm_old")
        form = catalogue.answering(item).form_for(item, by=customer_actor(case.customer))

        signed = f"I, {case.customer.name}, give all rights and duties in the domain tulip.pl to Ewa Nowak."
        assert signed in str(form.intro)
        with pytest.raises(NeedsProof):
            answering.answer(item_id=item.id, by=customer_actor(case.customer), data={"decision": "agreed"})
        assert answer(case, item, case.customer, decision="agreed").outcome == "agreed"

    def test_confirms_the_request_only_after_proving_it(self, case: Case) -> None:
        item = ask(case, "request")

        with pytest.raises(NeedsProof):
            answering.answer(item_id=item.id, by=customer_actor(case.customer), data={})
        assert answer(case, item, case.customer).outcome == "confirmed"


class TestWhatAsksForCare:
    @pytest.mark.parametrize(
        ("fields", "customer", "found"),
        [
            ({}, {}, {"new_customer"}),
            ({"is_high_value": True}, {}, {"new_customer", "high_value"}),
            ({}, {"phone_days": 3}, {"new_customer", "address_changed"}),
        ],
    )
    def test_is_told_to_the_person_who_approves(
        self, fields: dict[str, Any], customer: dict[str, Any], found: set[str]
    ) -> None:
        case = open_cession(make_domain(make_customer(**customer), **fields))

        assert set(cautions_of(case, now=now())) == found
        assert effect(case, "weigh_cession").needs_approval  # type: ignore[attr-defined]

    def test_is_also_an_account_of_another_name_than_the_one_that_was_written(self) -> None:
        make_customer(given_name="Max", family_name="Roest", contacts={"mail": "ewa.nowak@example.org"})
        paper = {"route": "paper", "number_kind": "PESEL", "number": PESEL, **ADDRESS}
        case = open_cession(holder_of_a_domain(), **paper)
        item = ask(case, "approve_cession")

        assert cautions_of(case, now=now()) == ["other_name"]
        assert ("The new holder's account", "Max Roest") in evidence.parties(case, item)

    @pytest.mark.parametrize(("days", "found"), [(None, ["old_extract"]), (20, []), (100, ["old_extract"])])
    def test_is_a_signed_pdf_of_a_company_without_a_fresh_extract(self, days: int | None, found: list[str]) -> None:
        company = make_customer(kind=CustomerKind.ORGANISATION, organisation_name="Zielony Port", contacts={})
        if days is not None:
            extract_of = (now() - timedelta(days=days)).date()
            entry = Entry(name="Jan Lis", may=May.ALONE, acts=[Act.DOMAINS], extract_of=extract_of)
            enter(organisation=company, entry=entry, by=system(), now=now())
        make_customer(given_name="Ewa", family_name="Nowak", contacts={"mail": "ewa.nowak@example.org"})

        def cautions(route: str) -> list[str]:
            fields = {"number_kind": "PESEL", "number": PESEL, **ADDRESS}
            domain = make_domain(company, f"{route.replace('_', '-')}.pl")
            return cautions_of(open_cession(domain, route=route, **fields), now=now())

        assert cautions("signed_pdf") == found
        assert cautions("paper") == []

    def test_a_new_holder_who_was_a_customer_before_is_none(self) -> None:
        ewa = make_customer(given_name="Ewa", family_name="Nowak", contacts={"mail": "ewa.nowak@example.org"})
        case = open_cession(holder_of_a_domain())

        assert parties.of_case(case)["new_holder"].customer == ewa
        assert cautions_of(case, now=now()) == []


class TestThePage:
    @pytest.fixture
    def maria(self) -> Person:
        return make_person()

    def test_both_see_who_gives_what_to_whom_and_what_is_missing(self, maria: Person) -> None:
        case = open_cession(make_domain(maria.customer))
        ask(case, "confirm_old")

        page = maria.client.get(reverse("portal:case", args=[case.reference])).content.decode()

        for said in ("Who gives what to whom", "Holder now", "tulip.pl", "Ewa Nowak", "has to sign it", "Stop this"):
            assert said in page
        assert "has to open an account with the code from our mail" in page

    def test_the_holder_makes_the_code_that_they_give_to_the_new_one(self, maria: Person) -> None:
        case = open_cession(make_domain(maria.customer), invite_by="hand", mail="")
        ask(case, "confirm_new", stage="agreed")
        page = maria.client.get(reverse("portal:case", args=[case.reference])).content.decode()
        assert "has to join with the code that the holder gives them" in page
        here = reverse("portal:invitation", args=[case.reference, "new_holder"])
        assert here in page

        asked = maria.client.get(here).content.decode()
        assert "We will never ask you for" in asked
        assert not Code.objects.filter(case_id=case.id).exists()
        wrong = maria.client.post(here, {"code": "000000"})
        assert (wrong.status_code, "does not work" in wrong.content.decode()) == (400, True)
        shown = maria.client.post(here, {"code": totp_code(maria.secret)}, follow=True).content.decode()

        code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}", shown)
        assert code
        assert case.reference in shown
        claiming.claim(claiming.Claiming(case.reference, code[0], "ewa@own.example"), address="192.0.2.1")
        again = maria.client.get(reverse("portal:case", args=[case.reference])).content.decode()
        assert "Make another code" in again
        assert code[0] not in again

    def test_the_new_holder_has_no_page_for_codes(self, maria: Person) -> None:
        case = open_cession(make_domain(maria.customer), invite_by="hand", mail="")
        party = new_holder_of(case)
        client = Client()
        client.force_login(party.user, backend="django.contrib.auth.backends.ModelBackend")

        here = reverse("portal:invitation", args=[case.reference, "new_holder"])
        assert client.get(here).status_code == 404
        assert "The invitation of" not in client.get(reverse("portal:case", args=[case.reference])).content.decode()

    def test_another_letter_is_had_from_the_page_of_the_case(self, maria: Person) -> None:
        case = open_cession(make_domain(maria.customer), invite_by="letter", mail="", **ADDRESS)
        here = reverse("portal:invitation", args=[case.reference, "new_holder"])
        page = maria.client.get(reverse("portal:case", args=[case.reference])).content.decode()
        assert "The letter may still be on its way" in page
        assert maria.client.post(here).status_code == 409
        Code.objects.filter(case_id=case.id).update(issued_at=now() - timedelta(days=6))

        assert "Have another letter sent?" in maria.client.get(here).content.decode()
        assert maria.client.post(here)["Location"] == reverse("portal:case", args=[case.reference])

        assert Contact.objects.filter(case_id=case.id, channel="letter").count() == 2

    def test_the_new_holder_sees_the_same_and_how_to_say_no(self, maria: Person) -> None:
        case = open_cession(make_domain(maria.customer))
        party = new_holder_of(case)
        ask(case, "confirm_new", stage="agreed")
        client = Client()
        client.force_login(party.user, backend="django.contrib.auth.backends.ModelBackend")
        here = reverse("portal:case", args=[case.reference])

        page = client.get(here).content.decode()

        for said in ("tulip.pl is to become yours", maria.customer.name, "Ewa Nowak (you)", "You can say no"):
            assert said in page
        close(case, "rejected")
        assert "tulip.pl stays with its holder" in client.get(here).content.decode()

    def test_until_when_it_can_be_stopped_is_said_to_both(self, maria: Person) -> None:
        case = open_cession(make_domain(maria.customer))
        advance(case, stage="cooling", waiting_on="us", waiting_until=now() + timedelta(days=3))
        here = reverse("portal:case", args=[case.reference])

        told = " ".join(maria.client.get(here).content.decode().split())

        assert "Until when it can be stopped, and how" in told
        assert "without signing in" in told.lower()
        Cession.objects.filter(case=case).update(executed_at=now())
        assert "Until when it can be stopped" not in maria.client.get(here).content.decode()
