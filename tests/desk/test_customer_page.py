"""A customer on one page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backoffice.cards.models import Card, CardState
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


def of_cards(page: Any) -> list[Any]:
    """What is offered about cards."""
    return [offer for offer in page.context["offers"] if "card_reissue" in offer.url]


def test_everything_about_them_stands_on_one_page(at_desk: Desk, card: Card) -> None:
    domain, item = make_domain(customer=card.customer), ask(open_card_case(card), "call_customer")
    desk = at_desk()

    page = desk.get(opened(desk, card)).content.decode()

    for shown in (card.customer.name, str(card), domain.name, item.case.reference, "phone changed 3 days ago"):
        assert shown in page
    assert "A case about this card is open already." in page


def test_addresses_are_masked(at_desk: Desk, card: Card) -> None:
    desk = at_desk()

    page = desk.get(opened(desk, card)).content.decode()

    for point in card.customer.contact_points.all():
        assert point.value not in page


def test_what_can_be_opened_is_offered_to_who_may_open_it(at_desk: Desk, card: Card) -> None:
    support, compliance = at_desk(), at_desk(role=Role.COMPLIANCE)

    offered = support.get(opened(support, card))
    not_offered = compliance.get(opened(compliance, card))

    way = f"/desk/customer/{card.customer.public_id}/open/card_reissue/"
    assert [(offer.label, offer.url, offer.why_not) for offer in of_cards(offered)] == [("Replace a card", way, "")]
    assert f"{way}?card={card.public_id}" in offered.content.decode()
    assert of_cards(not_offered) == []
    assert way not in not_offered.content.decode()


def test_what_cannot_be_opened_now_says_why_not(at_desk: Desk) -> None:
    desk, card = at_desk(), make_card(state=CardState.CLOSED)

    page = desk.get(opened(desk, card))

    assert [offer.why_not for offer in of_cards(page)] == ["This card is closed."]
    assert "disabled" in page.content.decode()
