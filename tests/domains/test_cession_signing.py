"""Both parties sign a cession: in their accounts, or in a file of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backoffice.actors import Level
from backoffice.cases import answering, catalogue, parties
from backoffice.cases.answering import Receipt
from backoffice.cases.models import Case, WorkItem
from backoffice.customers import contact_points
from backoffice.customers.models import NationalId
from backoffice.domains.cession import papers
from backoffice.domains.cession.calls import cautions_of
from backoffice.domains.cession.models import Cession
from backoffice.domains.cession.new_holder import restored
from backoffice.refusals import Conflict, Invalid, NeedsProof, NotFound
from tests.domains.ceding import ADDRESS, PESEL, effect, holder_of_a_domain, make_domain, open_cession
from tests.factories import make_customer, make_user, now
from tests.playing import ask, customer_actor
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


def mail_of(customer: Any) -> str:
    point = contact_points.current(customer=customer, kind="mail")
    assert point is not None
    return str(point.value)


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

    def test_who_does_not_take_it_gives_nothing(self, case: Case) -> None:
        party = new_holder_of(case)

        item = answer(case, ask(case, "confirm_new"), party, decision="declined")

        assert item.outcome == "declined"
        assert not restored(Cession.objects.get(case=case).new_holder).address

    def test_reads_the_exact_words(self, case: Case) -> None:
        item = ask(case, "confirm_new")
        form = catalogue.answering(item).form_for(item, by=customer_actor(new_holder_of(case)))

        assert "I, Ewa Nowak, take over all rights and duties in the domain tulip.pl from Maria" in str(form.intro)

    def test_nobody_else_answers_for_them(self, case: Case) -> None:
        item = ask(case, "confirm_new")

        for other in (case.customer, make_customer()):
            with pytest.raises(NotFound):
                answer(case, item, other, **TAKES)


class TestTheHolder:
    def test_signs_the_words_with_both_names(self, case: Case) -> None:
        item = answer(case, ask(case, "confirm_old"), case.customer, decision="agreed")

        assert item.outcome == "agreed"

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

        for said in ("Who gives what to whom", "tulip.pl", "Ewa Nowak", "has to sign it", "It can still be stopped"):
            assert said in page

    def test_the_form_is_there_to_be_downloaded_once_it_is_made(self, maria: Person) -> None:
        case = open_cession(
            make_domain(maria.customer), route="signed_pdf", **ADDRESS, number_kind="PESEL", number=PESEL
        )
        address = reverse("portal:case", args=[case.reference])
        before = maria.client.get(address).content.decode()

        effect(case, "make_form")
        page = maria.client.get(address).content.decode()

        form = papers.form_of(case)
        assert form is not None
        link = reverse("documents:file", args=[form.public_id])
        assert link in page
        assert "Download the form to sign" not in before
        assert maria.client.get(link).content.startswith(b"%PDF")

    def test_the_new_holder_sees_the_same_but_no_way_to_stop_it(self, maria: Person) -> None:
        case = open_cession(make_domain(make_customer()), mail=mail_of(maria.customer))
        address = reverse("portal:case", args=[case.reference])

        page = maria.client.get(address).content.decode()
        Case.objects.filter(pk=case.pk).update(state="closed", outcome="withdrawn", closed_at=now())
        closed = maria.client.get(address).content.decode()

        for said in ("Who gives what to whom", "tulip.pl", str(case.customer), "Nothing changes unless you agree"):
            assert said in page
        assert "It can still be stopped" not in page
        assert "Nothing changes unless you agree" not in closed
