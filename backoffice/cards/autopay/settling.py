"""What follows when the network's time is over, while the customer's list is open, and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from backoffice.actors import Actor, system
from backoffice.cards.autopay import holds, lines
from backoffice.cards.autopay.models import AutopayUpdate, LetterState, Line, LineState, Mandate, MandateState
from backoffice.cases import timeline
from backoffice.cases.models import Case
from workflows.autopay_update.facts import AutopayMoved, Waiting


def write_lines(case: Case, *, now: datetime) -> int:
    """A line for every payment that goes on with an earlier number of the card; gives how many there are. One that was
    added by hand meanwhile has its line already."""
    update = lines.update_of(case)
    there = Line.objects.filter(update=update)
    last = there.aggregate(last=Max("position"))["last"] or 0
    live = Mandate.objects.filter(card__in=lines.earlier(update.card), state=MandateState.LIVE)
    new = live.exclude(pk__in=there.values("mandate")).order_by("pk")
    Line.objects.bulk_create(
        [Line(update=update, mandate=one, position=number) for number, one in enumerate(new, start=last + 1)]
    )
    count = there.count()
    timeline.note(case, "autopay.inventory", by=system(), data={"lines": str(count)}, at=now)
    return count


def settle_answers(case: Case, *, by: Actor, now: datetime) -> Waiting:
    """Within the step: what the network has not moved is the customer's list, and every biller on it is asked to
    wait."""
    update = lines.update_of(case)
    update.settled_at = now
    update.save(update_fields=["settled_at"])
    Line.objects.filter(update=update, state=LineState.ASKED).update(state=LineState.TO_DO)
    waiting = renew_holds(case, by=by, now=now)
    timeline.note(case, "autopay.settled", by=by, data={"lines": str(waiting.lines)}, at=now)
    return waiting


def renew_holds(case: Case, *, by: Actor, now: datetime) -> Waiting:
    """Asks for longer where that helps."""
    found = _of(lines.update_of(case), LineState.TO_DO)
    for line in found:
        holds.ask(line, now=now)
    return Waiting(lines=len(found), letters=sum(1 for line in found if line.letter_state == LetterState.WAITS))


def lift_holds(case: Case, *, by: Actor, now: datetime) -> None:
    for line in _of(lines.update_of(case), LineState.TO_DO):
        holds.lift(line, now=now)


def sum_up(case: Case, *, by: Actor, now: datetime) -> AutopayMoved:
    """What is still on the list has the old number, and no biller waits any longer because of us."""
    update = lines.update_of(case)
    leave(update, now=now)
    counted = lines.counts(update)
    data = {"moved": str(counted.moved), "left": str(counted.left)}
    timeline.note(case, "autopay.summed_up", by=by, data=data, at=now)
    return AutopayMoved(moved=counted.moved, left=counted.left)


def leave(update: AutopayUpdate, *, now: datetime) -> None:
    """Every line that is open is left with the old number. Its mandate goes on."""
    for line in _of(update, *lines.OPEN):
        line.state = LineState.LEFT
        line.settled_at = now
        line.save(update_fields=["state", "settled_at"])
        holds.lift(line, now=now)


def _of(update: AutopayUpdate, *states: LineState) -> Sequence[Line]:
    found = Line.objects.filter(update=update, state__in=states)
    found = found.select_related("mandate__biller__endpoint", "mandate__card__replaces").order_by("position")
    rows = list(found)
    for line in rows:
        line.update = update
    return rows
