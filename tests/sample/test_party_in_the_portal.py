"""The second party in the portal: asked, answering, and shown nothing of the case's customer."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from backoffice.cases import opening
from backoffice.cases.models import Case, WorkItem
from backoffice.ui import headlines
from tests.factories import make_customer
from tests.playing import advance, ask, customer_actor
from tests.portal.conftest import Person, make_person
from tests.sample.conftest import OPENING
from tests.sample.process import PROCESS

pytestmark = pytest.mark.django_db


@pytest.fixture
def ewa() -> Person:
    return make_person()


@pytest.fixture
def item(ewa: Person) -> WorkItem:
    holder = make_customer(given_name="Maria", family_name="Uniquename")
    data = {**OPENING, "mail": ewa.customer.contact_points.get(kind="mail").value}
    case, _new = opening.open_by_form(
        process=PROCESS.name, customer=holder, by=customer_actor(holder), key=str(uuid.uuid4()), data=data
    )
    return ask(case, "take_over", stage="agreed")


def page(person: Person, name: str, *args: object) -> str:
    return person.client.get(reverse(f"portal:{name}", args=args)).content.decode()


def test_the_case_is_on_the_first_page_with_what_is_asked(ewa: Person, item: WorkItem) -> None:
    listed = page(ewa, "cases")

    assert item.case.reference in listed
    assert reverse("portal:item", args=[item.id]) in listed


def test_its_page_says_in_which_role_and_nothing_of_the_customer(ewa: Person, item: WorkItem) -> None:
    shown = page(ewa, "case", item.case.reference)

    assert "Somebody named you as the new holder." in shown
    for hidden in ("Uniquename", "Locker held", "Nobody else can get it", item.case.customer.phrase):
        assert hidden not in shown


def test_the_page_of_what_is_asked_says_in_which_role_and_nothing_of_the_customer(ewa: Person, item: WorkItem) -> None:
    headline = headlines.for_performer(item)

    assert "Somebody named you as the new holder." in headline.lead
    assert headline != headlines.for_customer(item.case)


def test_the_party_does_not_stop_the_case(ewa: Person, item: WorkItem) -> None:
    answer: Any = ewa.client.post(reverse("portal:stop", args=[item.case.reference]))

    item.case.refresh_from_db()
    assert (answer.status_code, item.case.state) == (404, "open")
    assert "Only the person who opened this case can stop it." in page(ewa, "stop", item.case.reference)


def test_the_items_of_the_customer_are_not_the_partys(ewa: Person, item: WorkItem) -> None:
    other = ask(item.case, "agree")

    assert ewa.client.get(reverse("portal:item", args=[other.id])).status_code == 404


def test_who_is_no_party_sees_nothing(item: WorkItem) -> None:
    stranger = make_person()

    for name, args in (("case", [item.case.reference]), ("item", [item.id]), ("stop", [item.case.reference])):
        assert stranger.client.get(reverse(f"portal:{name}", args=args)).status_code == 404


def test_a_closed_case_is_still_read_and_asks_nothing(ewa: Person, item: WorkItem) -> None:
    from workflows.base.contracts import Close

    advance(item.case, close=Close("done"))

    shown = page(ewa, "case", item.case.reference)
    assert "This case is closed." in shown
    assert not Case.objects.get(id=item.case_id).items.filter(state="open").exists()
