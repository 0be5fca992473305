"""Opening a case for a customer."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client

from backoffice.cards.models import Card, CardState
from backoffice.cases.models import Case
from backoffice.staff.models import Role
from tests.desk.conftest import Desk
from tests.factories import make_card
from tests.playing import open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def card() -> Card:
    return make_card()


def form_of(desk: Client, card: Card) -> str:
    """Opens the record for a reason, and gives the address of the form."""
    record = f"/desk/customer/{card.customer.public_id}/"
    desk.post(f"{record}why/", {"why": "contact"})
    return f"{record}open/card_reissue/"


def sent(card: Card, **fields: str) -> dict[str, str]:
    return {"card": str(card.public_id), "reason": "lost", "opening_key": str(uuid.uuid4())} | fields


def test_the_page_pressed_twice_opens_one_case(at_desk: Desk, card: Card) -> None:
    desk = at_desk()
    way = form_of(desk, card)
    page = desk.get(way).content.decode()
    key = re.search(r'name="opening_key" value="([^"]+)"', page)
    assert key is not None

    answer = desk.post(way, sent(card, opening_key=key[1]), follow=True)
    again = desk.post(way, sent(card, opening_key=key[1]), follow=True)

    case = Case.objects.get()
    card.refresh_from_db()
    assert f"Case {case.reference} is open." in answer.content.decode()
    assert f"This page has already opened case {case.reference}." in again.content.decode()
    assert card.state == CardState.BLOCKED


def test_what_the_page_began_with_is_chosen(at_desk: Desk, card: Card) -> None:
    desk, other = at_desk(), make_card(customer=card.customer)

    form = desk.get(f"{form_of(desk, card)}?card={other.public_id}").context["form"]

    assert form["card"].value() == str(other.public_id)


def test_the_same_key_for_something_else_is_a_conflict(at_desk: Desk, card: Card) -> None:
    desk = at_desk()
    way, first = form_of(desk, card), sent(card)
    desk.post(way, first)

    refused = desk.post(way, first | {"reason": "stolen"})

    assert refused.status_code == 409
    assert "Use a new key for a new request." in refused.content.decode()


def test_what_a_rule_refuses_stands_beside_its_field_and_what_was_typed_stays(at_desk: Desk, card: Card) -> None:
    open_card_case(card)
    desk = at_desk()

    refused = desk.post(form_of(desk, card), sent(card))

    form = refused.context["form"]
    assert refused.status_code == 409
    assert form.errors == {"card": ["A case about this card is open already."]}
    assert form["reason"].value() == "lost"
    assert Case.objects.count() == 1


def test_where_nothing_can_be_opened_the_page_says_why(at_desk: Desk) -> None:
    desk = at_desk()

    page = desk.get(form_of(desk, make_card(state=CardState.CLOSED))).content.decode()

    assert "This card is closed." in page
    assert "opening_key" not in page


@pytest.mark.parametrize("wrong", [{"card": "none"}, {"reason": "boredom"}, {"opening_key": "x"}])
def test_what_is_missing_is_told_and_nothing_is_opened(at_desk: Desk, card: Card, wrong: dict[str, str]) -> None:
    desk = at_desk()

    answer = desk.post(form_of(desk, card), sent(card) | wrong)

    assert answer.status_code == 400
    assert "Check what you filled in" in answer.content.decode()
    assert not Case.objects.exists()


def test_what_is_wrong_is_told_once(at_desk: Desk, card: Card) -> None:
    desk = at_desk()

    answer = desk.post(form_of(desk, card), sent(card, reason=""))

    assert answer.context["form"].errors == {"reason": ["Choose what happened."]}


def test_what_is_another_customer_s_is_not_taken(at_desk: Desk, card: Card) -> None:
    desk = at_desk()

    assert desk.post(form_of(desk, card), sent(make_card())).status_code == 400
    assert not Case.objects.exists()


def test_without_the_record_open_no_case_is_opened(at_desk: Desk, card: Card) -> None:
    way = f"/desk/customer/{card.customer.public_id}/open/card_reissue/"

    answer = at_desk(role=Role.SUPPORT).post(way, sent(card))

    assert answer.status_code == 403
    assert not Case.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_role_that_does_not_open_such_a_case_is_refused(at_desk: Desk, card: Card, method: str) -> None:
    desk = at_desk(role=Role.COMPLIANCE)

    answer = getattr(desk, method)(form_of(desk, card), sent(card))

    assert answer.status_code == 403
    assert "Your role does not open such a case." in answer.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize("process", ["home_visit", "loan"])
def test_what_is_not_opened_by_itself_has_no_page(at_desk: Desk, card: Card, process: str) -> None:
    desk = at_desk()

    assert desk.get(form_of(desk, card).replace("card_reissue", process)).status_code == 404


def test_a_closed_card_is_not_offered_after_a_mistake(at_desk: Desk, card: Card) -> None:
    closed = make_card(customer=card.customer, state=CardState.CLOSED)
    desk = at_desk()
    way = form_of(desk, card)

    page = desk.post(way, sent(card, reason="")).content.decode()

    assert str(card.public_id) in page
    assert str(closed.public_id) not in page
