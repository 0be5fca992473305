"""Blocking and releasing a card, in our own records. The issuer has been asked before (`calls.py`).

A damaged or expiring card hands its number on to the new one, so for a time two cards have one number: what blocks one
of them blocks both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from backoffice.actors import Actor
from backoffice.cards.models import Card, CardReissue, CardState, Reason, Signal
from backoffice.cards.reissue import answers
from backoffice.cases import timeline
from backoffice.cases.models import Case, Event
from backoffice.statements import update

KEEPS_NUMBER = (Reason.DAMAGED, Reason.EXPIRING)


def of_same_number(card: Card) -> Sequence[Card]:
    """The other cards that have the number of this one, the newest first; closed ones too. A card that was posted again
    has a number of its own."""
    handed_on = CardReissue.objects.filter(Q(card=card) | Q(new_card=card), reason__in=KEEPS_NUMBER, postings=1)
    pairs = handed_on.exclude(new_card=None).select_related("card", "new_card").order_by("-case__opened_at")
    found = [pair.new_card if pair.card_id == card.pk else pair.card for pair in pairs]
    return [other for other in found if other is not None]


def newest_of_number(card: Card) -> Card:
    """The card that has the number of this one now: itself, or the one that was ordered to take its place."""
    seen = {card.pk}
    while True:
        newer = [one for one in of_same_number(card) if one.replaces_id == card.pk and one.pk not in seen]
        if not newer or newer[0].state == CardState.CLOSED:
            return card
        card = newer[0]
        seen.add(card.pk)


def block_here(card: Card) -> None:
    """Blocks a card, and those of its number, in our own records; the case's first step blocks it at the issuer."""
    for one in (card, *of_same_number(card)):
        if one.state in (CardState.ACTIVE, CardState.INACTIVE):
            _set(one, CardState.BLOCKED)


def is_blocked_there(reissue: CardReissue) -> bool:
    """Whether nobody can pay with the old card. In our own records it is blocked before the issuer has said so, where
    this case blocks it."""
    if reissue.card.state != CardState.BLOCKED:
        return False
    if reissue.reason in KEEPS_NUMBER:
        return True
    return Event.objects.filter(case=reissue.case_id, kind="card.blocked").exists()


def why_not_release(case: Case) -> str:
    """The code of the reason for which the card of this case stays blocked, whatever its customer says; empty where it
    may be released: fraud was signalled, its customer told somebody a secret, another case has blocked it, or it was
    never activated."""
    reissue = CardReissue.of(case)
    if Signal.objects.filter(case=case).exists():
        return "signalled"
    if answers.told_secret(answers.latest(case)):
        return "told_secret"
    others = CardReissue.objects.filter(live=True).exclude(case=case)
    if others.filter(Q(card=reissue.card) | Q(new_card=reissue.card)).exists():
        return "another_case"
    return ""


def gave_way(reissue: CardReissue) -> bool:
    """Whether this case has given way to one that has blocked its card, or the new one."""
    if not reissue.live:
        return True
    return reissue.new_card_id is not None and CardReissue.objects.filter(card=reissue.new_card_id, live=True).exists()


def others_to_close(case: Case) -> Sequence[Card]:
    """The other cards of the number of this case's card that are still open, except the new one."""
    reissue = CardReissue.of(case)
    others = of_same_number(reissue.card)
    return [one for one in others if one.pk != reissue.new_card_id and one.state != CardState.CLOSED]


def blocked(case: Case, *, by: Actor, now: datetime) -> None:
    """The issuer has blocked the card."""
    card = _card(case)
    if card.state != CardState.CLOSED:
        _set(card, CardState.BLOCKED)
    timeline.note(case, "card.blocked", by=by, data={"last_four": card.last_four}, at=now)


def unblocked(case: Case, *, by: Actor, now: datetime) -> None:
    """The issuer has released the card: the customer found it, and has proven who they are in this case."""
    card = _card(case)
    _set(card, CardState.ACTIVE)
    timeline.note(case, "card.unblocked", by=by, data={"last_four": card.last_four}, at=now)


def stays_blocked(case: Case, *, by: Actor, now: datetime) -> None:
    """Its customer stopped the case, but the card is not released."""
    data = {"last_four": _card(case).last_four, "why": why_not_release(case)}
    timeline.note(case, "card.stays_blocked", by=by, data=data, at=now)


def closed(case: Case, *, by: Actor, now: datetime) -> None:
    """The issuer has closed the old card for good. By the networks' rules, a lost or stolen card is closed when the new
    one is ordered, and a card that keeps its number when the new one is activated. It is noted once."""
    card = _card(case)
    if card.state == CardState.CLOSED:
        return
    _set(card, CardState.CLOSED)
    timeline.note(case, "card.closed", by=by, data={"last_four": card.last_four}, at=now)


def all_closed(case: Case, *, by: Actor, now: datetime) -> None:
    """The same, with the other cards that had its number."""
    for other in others_to_close(case):
        _set(other, CardState.CLOSED)
    closed(case, by=by, now=now)


def _card(case: Case) -> Card:
    return CardReissue.of(case).card


def _set(card: Card, state: CardState) -> None:
    card.state = state
    update(card, ("state",))
