"""A customer on one page, and opening a case from there."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from backoffice.cards.models import Card, CardState
from backoffice.cases.models import Case
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import make_card, make_customer_with_new_phone, make_domain
from tests.playing import ask, open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def card() -> Card:
    return make_card(customer=make_customer_with_new_phone())


def opened(desk: Client, card: Card) -> str:
    """Opens the record for a reason, and gives its address."""
    record = f"/desk/customer/{card.customer.public_id}/"
    desk.post(f"{record}why/", {"why": "contact"})
    return record


def test_everything_about_him_stands_on_one_page(at_desk: Desk, card: Card) -> None:
    domain, item = make_domain(customer=card.customer), ask(open_card_case(card), "call_customer")
    desk = at_desk()

    page = desk.get(opened(desk, card)).content.decode()

    for shown in (card.customer.name, str(card), domain.name, item.case.reference, "phone changed 3 days ago"):
        assert shown in page
    assert "A new card is already being made for this one." in page


def test_addresses_are_masked(at_desk: Desk, card: Card) -> None:
    desk = at_desk()

    page = desk.get(opened(desk, card)).content.decode()

    for point in card.customer.contact_points.all():
        assert point.value not in page


def test_a_case_is_opened_for_a_card(at_desk: Desk, card: Card) -> None:
    desk = at_desk()
    record = opened(desk, card)
    form = desk.get(f"{record}reissue/?card={card.public_id}").context["form"]

    sent = {"card": str(card.public_id), "reason": "lost", "key": str(form.initial["key"])}
    answer = desk.post(f"{record}reissue/", sent, follow=True)
    again = desk.post(f"{record}reissue/", sent, follow=True)

    case = Case.objects.get()
    card.refresh_from_db()
    assert f"Case {case.reference} is open." in answer.content.decode()
    assert f"This had opened case {case.reference} already." in again.content.decode()
    assert card.state == CardState.BLOCKED


def test_the_same_key_for_something_else_is_a_conflict(at_desk: Desk, card: Card) -> None:
    desk, key = at_desk(), str(uuid.uuid4())
    record = opened(desk, card)
    desk.post(f"{record}reissue/", {"card": str(card.public_id), "reason": "lost", "key": key})

    refused = desk.post(f"{record}reissue/", {"card": str(card.public_id), "reason": "stolen", "key": key})

    assert refused.status_code == 409
    assert "Use a new key for a new request." in refused.content.decode()


def test_a_card_that_is_being_replaced_is_not_replaced_twice(at_desk: Desk, card: Card) -> None:
    open_card_case(card)
    desk = at_desk()

    refused = desk.post(
        f"{opened(desk, card)}reissue/", {"card": str(card.public_id), "reason": "lost", "key": str(uuid.uuid4())}
    )

    assert refused.status_code == 409
    assert Case.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"card": "none"}, {"reason": "boredom"}, {"key": "x"}])
def test_what_is_missing_is_told_and_nothing_is_opened(at_desk: Desk, card: Card, wrong: dict[str, str]) -> None:
    desk = at_desk()
    sent = {"card": str(card.public_id), "reason": "lost", "key": str(uuid.uuid4())} | wrong

    answer = desk.post(f"{opened(desk, card)}reissue/", sent)

    assert answer.status_code == 400
    assert "Check what you filled in" in answer.content.decode()
    assert not Case.objects.exists()


def test_a_card_of_another_customer_is_not_offered(at_desk: Desk, card: Card) -> None:
    desk = at_desk()
    sent = {"card": str(make_card().public_id), "reason": "lost", "key": str(uuid.uuid4())}

    assert desk.post(f"{opened(desk, card)}reissue/", sent).status_code == 400
    assert not Case.objects.exists()


def test_without_the_record_open_no_case_is_opened(at_desk: Desk, card: Card) -> None:
    sent = {"card": str(card.public_id), "reason": "lost", "key": str(uuid.uuid4())}

    answer = at_desk(role=Role.SUPPORT).post(f"/desk/customer/{card.customer.public_id}/reissue/", sent)

    assert answer.status_code == 403
    assert not Case.objects.exists()
