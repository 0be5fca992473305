"""The lines of an update, one for each recurring payment, and the one way in which a line is settled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.actors import Actor
from backoffice.cards.autopay import holds
from backoffice.cards.autopay.models import (
    MOVES,
    AutopayUpdate,
    Line,
    LineState,
    Mandate,
    MandateState,
    MovedBy,
    NetworkAnswer,
)
from backoffice.cards.models import Card, CardState
from backoffice.cases import signals, timeline
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import NotFound
from workflows.autopay_update.spec import ALL_ANSWERED, LETTERS_WAIT, MOVE_REST, NOTHING_LEFT
from workflows.base.spec import Nothing

OPEN = (LineState.ASKED, LineState.TO_DO)
CALLED_OFF = (LineState.OVER, LineState.NOT_MINE)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many payments of an update: have the new number, wait for the customer, wait for an answer of the network,
    are over or not the customer's, and still have the old number at the end."""

    moved: int = 0
    yours: int = 0
    silent: int = 0
    gone: int = 0
    left: int = 0

    @property
    def all(self) -> int:
        return self.moved + self.yours + self.silent + self.gone + self.left


def update_of(case: Case) -> AutopayUpdate:
    """Raises `NotFound` for a case of another process."""
    found = AutopayUpdate.objects.select_related("card").filter(case=case).first()
    if found is None:
        raise NotFound("unknown_update", _("There is no such case."))
    found.case = case
    return found


def counts(update: AutopayUpdate) -> Counts:
    """What waits for the customer because its biller never answered counts as silent, and is on their list too."""
    found = Line.objects.filter(update=update).aggregate(
        moved=Count("pk", filter=Q(state=LineState.MOVED)),
        yours=Count("pk", filter=Q(state=LineState.TO_DO) & ~Q(answer=NetworkAnswer.NONE, in_batch=True)),
        silent=Count("pk", filter=Q(state__in=OPEN, answer=NetworkAnswer.NONE, in_batch=True)),
        gone=Count("pk", filter=Q(state__in=CALLED_OFF)),
        left=Count("pk", filter=Q(state=LineState.LEFT)),
    )
    return Counts(**found)


def in_words(found: Counts) -> str:
    """ "9 moved, 2 wait for you, 1 biller has not answered": only what there is."""
    said = []
    if found.moved:
        said.append(ngettext("%(n)d moved", "%(n)d moved", found.moved) % {"n": found.moved})
    if found.yours:
        said.append(ngettext("%(n)d waits for you", "%(n)d wait for you", found.yours) % {"n": found.yours})
    if found.silent:
        told = ngettext("%(n)d biller has not answered", "%(n)d billers have not answered", found.silent)
        said.append(told % {"n": found.silent})
    if found.left:
        told = ngettext("%(n)d still has the old number", "%(n)d still have the old number", found.left)
        said.append(told % {"n": found.left})
    return ", ".join(said)


def to_do(update: AutopayUpdate) -> Sequence[Line]:
    """The customer's list, in a fixed order."""
    return list(
        Line.objects.filter(update=update, state=LineState.TO_DO)
        .select_related("mandate__biller", "mandate__card")
        .order_by("position")
    )


def open_ones_of(mandate: Mandate) -> QuerySet[Line]:
    return Line.objects.filter(mandate=mandate, state__in=OPEN, update__live=True).order_by("pk")


@contextlib.contextmanager
def changing_line(line: Line) -> Iterator[Line]:
    """The line, read again under the lock of its case, which `line.update.case` then is."""
    with changing(line.update_id) as case:
        found = Line.objects.select_related("update__card", "mandate__biller").get(pk=line.pk)
        found.update.case = case
        yield found


def settle(line: Line, state: LineState, *, how: MovedBy, by: Actor, now: datetime) -> bool:
    """Within `changing_line`: `close`, with an event; when it was the last one, the process goes on."""
    if not close(line, state, how=how, now=now):
        return False
    timeline.note(line.update.case, "autopay.ticked", by=by, data={"how": state.value, "who": how.value}, at=now)
    tell_process(line.update)
    return True


def close(line: Line, state: LineState, *, how: MovedBy, now: datetime) -> bool:
    """Within `changing` of its case: the line needs nothing more. Its mandate has the new card, or is over; a hold at
    its biller is lifted. False where it was settled before, and where `can_settle` says no."""
    if not can_settle(line):
        return False
    line.state, line.settled_by, line.settled_at = state, how, now
    line.save(update_fields=["state", "settled_by", "settled_at"])
    mandate = line.mandate
    if state == LineState.MOVED:
        mandate.card = line.update.card
        mandate.save(update_fields=["card"])
    elif state in CALLED_OFF:
        mandate.state = MandateState.OVER if state == LineState.OVER else MandateState.NOT_MINE
        mandate.over_on = now.date()
        mandate.save(update_fields=["state", "over_on"])
    holds.lift(line, now=now)
    return True


def can_settle(line: Line) -> bool:
    """Whether it is still to be settled: while its case is open, and also later, when it was left with the old number,
    as long as its new card is the one to give them."""
    if line.state in OPEN:
        return line.update.case.state != CaseState.CLOSED
    is_left = line.state == LineState.LEFT and line.mandate.state == MandateState.LIVE
    return is_left and line.update.card.state == CardState.ACTIVE and line.mandate.card_id != line.update.card_id


def reopen(line: Line, *, by: Actor, now: datetime) -> bool:
    """Within `changing` of its case: what was called over or not theirs goes on after all, so it is moved as before.
    False where the case is not open any more."""
    if line.state not in CALLED_OFF or not line.update.live or line.update.case.state != CaseState.OPEN:
        return False
    is_asked = line.in_batch and line.answer == NetworkAnswer.NONE and line.update.settled_at is None
    line.state = LineState.ASKED if is_asked else LineState.TO_DO
    line.settled_by, line.settled_at = MovedBy.NOBODY, None
    line.save(update_fields=["state", "settled_by", "settled_at"])
    timeline.note(line.update.case, "autopay.reopened", by=by, at=now)
    if line.answer in MOVES:
        close(line, LineState.MOVED, how=MovedBy.NETWORK, now=now)
        tell_process(line.update)
    else:
        ask_to_wait(line, now=now)
    return True


def ask_to_wait(line: Line, *, now: datetime) -> None:
    """For a line that comes to the list while it is open. Before that, all are asked at once (`settling.py`)."""
    if line.state != LineState.TO_DO or line.update.settled_at is None:
        return
    holds.ask_system(line, now=now)
    if holds.is_to_be_written_to(line, now=now) and _is_asked(line.update.case):
        signals.signal(line.update.case, LETTERS_WAIT, Nothing())


def _is_asked(case: Case) -> bool:
    """Whether the customer has the list now. While they are called, nothing is sent before the call is over."""
    return WorkItem.objects.filter(case=case, kind=MOVE_REST.name, state=ItemState.OPEN).exists()


def tell_process(update: AutopayUpdate) -> None:
    """Within `changing`: tells the process when nothing is left of what it waits for."""
    if update.case.state == CaseState.CLOSED:
        return
    open_ones = Line.objects.filter(update=update, state__in=OPEN)
    if update.settled_at is not None:
        if not open_ones.exists():
            signals.signal(update.case, NOTHING_LEFT, Nothing())
    elif not open_ones.filter(answer=NetworkAnswer.NONE, in_batch=True).exists():
        signals.signal(update.case, ALL_ANSWERED, Nothing())


def join(mandate: Mandate, *, by: Actor, now: datetime) -> Line | None:
    """Puts a payment that was added by hand on the list of the update that moves this card's payments; None where no
    update does. The network was not asked about it, so it is the customer's."""
    update = next((one for one in _live_of(mandate) if _covers(one, mandate.card)), None)
    if update is None:
        return None
    with changing(update.case_id) as case:
        update.refresh_from_db()
        if not update.live or case.state == CaseState.CLOSED:
            return None
        update.case = case
        line = add(update, mandate, in_batch=False)
        timeline.note(case, "autopay.added", by=by, at=now)
        ask_to_wait(line, now=now)
        return line


def add(update: AutopayUpdate, mandate: Mandate, **fields: Any) -> Line:
    """Within `changing`: one more line, which is the customer's to do."""
    last = Line.objects.filter(update=update).aggregate(last=Max("position"))["last"] or 0
    return Line.objects.create(
        update=update,
        mandate=mandate,
        position=last + 1,
        old_card=mandate.card,
        state=LineState.TO_DO,
        **fields,
    )


def _live_of(mandate: Mandate) -> QuerySet[AutopayUpdate]:
    live = AutopayUpdate.objects.filter(live=True, card__customer_id=mandate.customer_id)
    return live.select_related("card").order_by("-case__opened_at")


def _covers(update: AutopayUpdate, card: Card) -> bool:
    return any(one.pk == card.pk for one in earlier(update.card))


def earlier(card: Card) -> Sequence[Card]:
    """The cards that this one replaces, the last one first: those whose number a biller may still have."""
    found, seen = [], {card.pk}
    before = card.replaces
    while before is not None and before.pk not in seen:
        found.append(before)
        seen.add(before.pk)
        before = before.replaces
    return found
