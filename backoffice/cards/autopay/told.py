"""Whether a biller was asked to wait, and knows it: what the desk and the customer read is no more than that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from backoffice.cards.autopay import holds
from backoffice.cards.autopay.models import LetterState, Line, LineState, Reach
from backoffice.webhooks.models import Delivery, DeliveryState


class Told(Enum):
    NOT_NEEDED = auto()
    NOT_YET = auto()
    """A letter about what is added meanwhile is written by the next step of the process."""
    ON_ITS_WAY = auto()
    ASKED = auto()
    OVER = auto()
    """It was told that it need not wait any longer."""
    NOT_DELIVERED = auto()
    SET_ASIDE = auto()
    SWITCHED_OFF = auto()
    LETTER_WAITS = auto()
    LETTER_SENT = auto()
    LETTER_REFUSED = auto()
    UNREACHABLE = auto()
    NO_LONGER_HELPS = auto()


ASKING = frozenset({Told.ON_ITS_WAY, Told.LETTER_WAITS})
HAVE_ASKED = frozenset({Told.ASKED, Told.LETTER_SENT})
NOT_REACHED = frozenset({Told.NOT_DELIVERED, Told.SET_ASIDE, Told.SWITCHED_OFF, Told.LETTER_REFUSED, Told.UNREACHABLE})
_LETTERS = {
    LetterState.WAITS: Told.LETTER_WAITS,
    LetterState.SENT: Told.LETTER_SENT,
    LetterState.REFUSED: Told.LETTER_REFUSED,
}


@dataclass(frozen=True)
class How:
    """`message` is the newest webhook about the line, where there was one."""

    told: Told
    message: Delivery | None = None


def of_lines(lines: Iterable[Line], *, today: date) -> Mapping[int, How]:
    """By the key of each line, with its biller and endpoint read. `today` is in UTC."""
    rows = list(lines)
    keys = {holds.message_key(line) for line in rows if line.holds}
    sent = {one.key: one for one in Delivery.objects.filter(key__in=keys).select_related("endpoint")}
    return {line.pk: _of(line, sent.get(holds.message_key(line)) if line.holds else None, today) for line in rows}


def _of(line: Line, sent: Delivery | None, today: date) -> How:
    if sent is not None:
        return How(_of_message(line, sent, today), sent)
    if line.letter_state:
        is_over = line.letter_state == LetterState.SENT and line.hold_until and line.hold_until <= today
        return How(Told.NO_LONGER_HELPS if is_over else _LETTERS[LetterState(line.letter_state)])
    if line.state != LineState.TO_DO:
        return How(Told.NOT_NEEDED)
    biller = line.mandate.biller
    if biller.reach == Reach.NOTHING or (biller.reach == Reach.WEBHOOK and biller.endpoint is None):
        return How(Told.UNREACHABLE)
    if biller.reach == Reach.WEBHOOK and biller.endpoint is not None and not biller.endpoint.active:
        return How(Told.SWITCHED_OFF)
    return How(Told.NO_LONGER_HELPS if holds.helps_until(line, today) is None else Told.NOT_YET)


def _of_message(line: Line, sent: Delivery, today: date) -> Told:
    match DeliveryState(sent.state):
        case DeliveryState.WAITING:
            return Told.ON_ITS_WAY if sent.endpoint.active else Told.SWITCHED_OFF
        case DeliveryState.FAILED:
            return Told.NOT_DELIVERED
        case DeliveryState.SET_ASIDE:
            return Told.SET_ASIDE
        case DeliveryState.SENT if line.hold_until is None:
            return Told.OVER
        case DeliveryState.SENT:
            return Told.ASKED if line.hold_until and line.hold_until > today else Told.NO_LONGER_HELPS
