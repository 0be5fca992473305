"""Payments that the card network knows and we did not: a biller that has an old card of the batch on file."""

from __future__ import annotations

from datetime import datetime

from backoffice.cards.autopay import files, lines, mandates
from backoffice.cards.autopay.models import (
    MOVES,
    AutopayUpdate,
    FoundFrom,
    Line,
    LineState,
    Mandate,
    MovedBy,
    NetworkAnswer,
)
from backoffice.cards.models import Card


def card_of(update: AutopayUpdate, token: str) -> Card | None:
    """The old card of this batch with the issuer's token."""
    return next((one for one in lines.earlier(update.card) if one.issuer_token == token), None)


def take(*, update: AutopayUpdate, card: Card, told: files.Find, now: datetime) -> bool:
    """Within `changing` of its case: a payment and its line, or, for one that we know, no more than that it was moved.
    What the customer called over or not theirs stays so. Whether it was news."""
    answer, biller = NetworkAnswer(told.answer), mandates.biller_called(told.biller, told.name)
    known = mandates.of_biller(biller, [update.card, *lines.earlier(update.card)])
    if known is not None:
        line = Line.objects.filter(update=update, mandate=known, state__in=lines.OPEN).first()
        if line is None or answer not in MOVES:
            return False
        line.update = update
        return lines.close(line, LineState.MOVED, how=MovedBy.NETWORK, now=now)
    mandate = Mandate.objects.create(customer=card.customer, card=card, biller=biller, found_from=FoundFrom.NETWORK)
    line = lines.add(update, mandate, in_batch=True, answer=answer, answered_at=now)
    if answer in MOVES:
        lines.close(line, LineState.MOVED, how=MovedBy.NETWORK, now=now)
    else:
        lines.ask_to_wait(line, now=now)
    return True
