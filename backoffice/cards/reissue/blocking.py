"""Blocking and releasing a card, in our own records. The issuer has been asked before (`calls.py`)."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, CardState
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.statements import update


def blocked(case: Case, *, by: Actor, now: datetime) -> None:
    """The issuer has blocked the card."""
    card = _card(case)
    _set(card, CardState.BLOCKED)
    timeline.note(case, "card.blocked", by=by, data={"last_four": card.last_four}, at=now)


def unblocked(case: Case, *, by: Actor, now: datetime) -> None:
    """The issuer has released the card: the customer found it, and has proven who they are in this case."""
    card = _card(case)
    _set(card, CardState.ACTIVE)
    timeline.note(case, "card.unblocked", by=by, data={"last_four": card.last_four}, at=now)


def closed(case: Case, *, by: Actor, now: datetime) -> None:
    """The issuer has closed the old card for good. By the networks' rules, a lost or stolen card is closed when the new
    one is ordered, and a card that keeps its number when the new one is activated. It is noted once."""
    card = _card(case)
    if card.state == CardState.CLOSED:
        return
    _set(card, CardState.CLOSED)
    timeline.note(case, "card.closed", by=by, data={"last_four": card.last_four}, at=now)


def _card(case: Case) -> Card:
    return CardReissue.of(case).card


def _set(card: Card, state: CardState) -> None:
    card.state = state
    update(card, ("state",))
