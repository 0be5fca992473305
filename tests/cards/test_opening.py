from __future__ import annotations

import pytest

from backoffice.cards.models import CardReissue, CardState, Reason, Signal
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cards.reissue.signals import fraud_signalled
from backoffice.cases.models import Case, Event
from backoffice.refusals import Conflict, Invalid
from tests.factories import actor, make_card, make_staff
from tests.playing import close, customer_actor, open_card_case, outside_actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", [Reason.LOST, Reason.STOLEN, Reason.FRAUD])
def test_a_card_in_other_hands_is_blocked_with_its_case(reason: Reason) -> None:
    card = make_card()
    open_card_case(card, reason=reason)

    card.refresh_from_db()
    assert card.state == CardState.BLOCKED


@pytest.mark.parametrize("reason", [Reason.DAMAGED, Reason.EXPIRING])
def test_a_worn_card_goes_on_working(reason: Reason) -> None:
    card = make_card()
    open_card_case(card, reason=reason)

    card.refresh_from_db()
    assert card.state == CardState.ACTIVE


@pytest.mark.parametrize("reason", [Reason.DAMAGED, Reason.EXPIRING])
def test_a_card_that_is_not_activated_is_reported_lost_and_not_worn(reason: Reason) -> None:
    """A case about it would name the digits with which it is activated."""
    card = make_card(state=CardState.INACTIVE)

    with pytest.raises(Invalid) as refused:
        open_reissue(card=card, reason=reason, by=customer_actor(card.customer), key="k")

    assert set(refused.value.errors) == {"reason"}
    assert open_card_case(card, reason=Reason.LOST).subject == f"VISA ····{card.last_four}"


def test_an_unknown_reason_is_refused_at_its_field() -> None:
    card = make_card()

    with pytest.raises(Invalid) as refused:
        open_reissue(card=card, reason="bored", by=customer_actor(card.customer), key="k")

    assert set(refused.value.errors) == {"reason"}
    assert not Case.objects.exists()


def test_a_closed_card_is_not_reissued() -> None:
    card = make_card(state=CardState.CLOSED)

    with pytest.raises(Conflict) as refused:
        open_card_case(card)

    assert (refused.value.code, refused.value.field) == ("not_reissuable", "card")


def test_a_case_that_closed_frees_its_card_for_another() -> None:
    card = make_card()
    close(open_card_case(card, reason=Reason.DAMAGED), "withdrawn")

    assert open_card_case(card, reason=Reason.DAMAGED).state == "open"
    assert CardReissue.objects.filter(card=card, live=True).count() == 1


def test_staff_who_opens_has_the_part_of_the_requester() -> None:
    hanna = make_staff()
    case = open_card_case(make_card(), by=actor(hanna))

    assert [(part.user_id, part.part) for part in case.parts.all()] == [(hanna.id, "requester")]


def test_a_second_signal_joins_the_case_that_is_open_and_a_later_one_opens_another() -> None:
    card = make_card()
    first, _ = fraud_signalled(signal_id="s1", card=card, by=outside_actor())
    joined, new = fraud_signalled(signal_id="s2", card=card, by=outside_actor())
    close(first, "withdrawn")
    later, new_later = fraud_signalled(signal_id="s3", card=card, by=outside_actor())

    assert (joined.id, new, new_later) == (first.id, False, True)
    assert later.id != first.id
    assert Event.objects.filter(case=first, kind="card.signalled_again").count() == 1
    assert Signal.objects.count() == 3


def test_payments_are_sealed_at_rest() -> None:
    from django.db import connection

    case = open_card_case(
        make_card(),
        payments=[{"id": "p1", "amount": "12.34", "currency": "EUR", "merchant": "Zeldzaam Winkel", "at": ""}],
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT payments::text FROM cards_cardreissue WHERE case_id = %s", [case.id])
        assert "Zeldzaam" not in cursor.fetchone()[0]
