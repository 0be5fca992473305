from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actors import system
from backoffice.cards.models import Card, CardReissue, CardState, IssuerNotice, Shipping
from backoffice.cards.ports import EventKind, IssuedCard, IssuerEvent, IssuerStatus
from backoffice.cards.reissue import ordering
from backoffice.cards.reissue.shipping import UnknownCard, issuer_reported
from backoffice.cases.models import Case, Command
from backoffice.cases.unit_of_work import changing
from tests.factories import make_card
from tests.playing import close, open_card_case, outside_actor

pytestmark = pytest.mark.django_db
_STEP = {
    Shipping.NONE: 0,
    Shipping.PENDING: 1,
    Shipping.SHIPPED: 2,
    Shipping.DELIVERED: 3,
    Shipping.RETURNED: 3,
    Shipping.LOST: 3,
}


def issued(token: str, last_four: str = "5555") -> IssuedCard:
    return IssuedCard(token, "VISA", last_four, 9, 2031, IssuerStatus.INACTIVE, Shipping.PENDING, tracked=True)


def order(case: Case, token: str = "ic_new", *, again: bool = False) -> Card:
    take = ordering.reshipped if again else ordering.ordered
    with changing(case.id) as locked:
        take(locked, issued(token), by=system(), now=datetime.now(UTC))
    new = CardReissue.objects.get(case=case).new_card
    assert new is not None
    return new


def reports(shipping: Shipping, *, at: int, token: str = "ic_new", event: str = "") -> bool:
    told = IssuerEvent(
        id=event or f"evt_{token}_{at}_{shipping}",
        kind=EventKind.CARD_UPDATED,
        token=token,
        status=IssuerStatus.INACTIVE,
        shipping=shipping,
        created=datetime.fromtimestamp(at, UTC),
        sequence=(at, _STEP[shipping]),
    )
    return issuer_reported(told, by=outside_actor())


def told(case: Case) -> list[tuple[str, str]]:
    signals = Command.objects.filter(case=case, signal="happened").order_by("number")
    return [(command.payload["kind"], str(command.payload["facts"]["posting"])) for command in signals]


def test_each_step_of_a_letter_is_told_once() -> None:
    case = open_card_case(make_card())
    new = order(case)

    assert reports(Shipping.SHIPPED, at=100, event="e1")
    assert not reports(Shipping.SHIPPED, at=100, event="e1")
    assert not reports(Shipping.SHIPPED, at=101, event="e2")
    assert reports(Shipping.DELIVERED, at=200)

    new.refresh_from_db()
    assert new.shipping == Shipping.DELIVERED
    assert told(case) == [("card_shipped", "1"), ("card_delivered", "1")]


@pytest.mark.parametrize("arrival", list(itertools.permutations([0, 1, 2])))
def test_whatever_the_order_of_the_webhooks_the_letter_never_goes_backwards(arrival: tuple[int, ...]) -> None:
    case = open_card_case(make_card())
    new = order(case)
    events = [(Shipping.PENDING, 50), (Shipping.SHIPPED, 100), (Shipping.DELIVERED, 200)]

    for index in arrival:
        shipping, at = events[index]
        reports(shipping, at=at)

    new.refresh_from_db()
    assert new.shipping == Shipping.DELIVERED
    assert told(case)[-1] == ("card_delivered", "1")


def test_of_two_events_in_one_second_the_one_further_on_counts() -> None:
    case = open_card_case(make_card())
    order(case)

    assert reports(Shipping.DELIVERED, at=100)
    assert not reports(Shipping.SHIPPED, at=100)


@pytest.mark.parametrize("shipping", [Shipping.NONE, Shipping.PENDING])
def test_an_event_that_tells_of_no_letter_on_its_way_is_not_even_looked_up(shipping: Shipping) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert not reports(shipping, at=1, token="ic_of_nobody")

    assert len(asked) == 0


def test_a_card_that_we_do_not_know_yet_is_asked_to_come_again() -> None:
    with pytest.raises(UnknownCard):
        reports(Shipping.SHIPPED, at=1, token="ic_of_nobody")
    assert not IssuerNotice.objects.exists()


def test_a_card_of_no_case_and_of_a_closed_case_tell_nobody() -> None:
    make_card(issuer_token="ic_of_no_case")
    case = open_card_case(make_card())
    order(case)
    close(case)

    assert not reports(Shipping.SHIPPED, at=1, token="ic_of_no_case")
    assert not reports(Shipping.DELIVERED, at=1)
    assert told(case) == []


def test_news_name_the_posting_and_news_of_the_first_letter_tell_nobody_after_the_second() -> None:
    case = open_card_case(make_card())
    first = order(case)
    reports(Shipping.RETURNED, at=10)
    order(case, "ic_second", again=True)

    assert not reports(Shipping.LOST, at=20)
    assert reports(Shipping.SHIPPED, at=30, token="ic_second")
    assert told(case) == [("card_returned", "1"), ("card_shipped", "2")]
    first.refresh_from_db()
    assert first.state == CardState.CLOSED
