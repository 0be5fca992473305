"""What follows when the network's time is over, while the customer's list is open, and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from backoffice.actors import Actor, system
from backoffice.cards.autopay import holds, lines
from backoffice.cards.autopay.models import AutopayUpdate, LetterState, Line, LineState, Mandate, MandateState
from backoffice.cards.models import CardState
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.unit_of_work import changing, outside_any
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
        [
            Line(update=update, mandate=one, position=number, old_card_id=one.card_id)
            for number, one in enumerate(new, start=last + 1)
        ]
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
    """Asks for longer where that helps. Where the new card itself is closed, nothing can be moved to it any more."""
    update = lines.update_of(case)
    if update.card.state == CardState.CLOSED:
        leave(update, now=now)
    found = _of(update, LineState.TO_DO)
    for line in found:
        holds.ask(line, now=now)
    return Waiting(lines=len(found), letters=sum(1 for line in found if line.letter_state == LetterState.WAITS))


def lift_holds(case: Case, *, by: Actor, now: datetime) -> None:
    for line in _of(lines.update_of(case), LineState.TO_DO):
        holds.lift(line, now=now)


def give_way(update: AutopayUpdate, *, now: datetime) -> None:
    """To the update of a card that replaces this one's: whatever is open here is moved, or stands on a list, there.
    Takes the lock of its own family of cases. Again it changes nothing."""
    outside_any()
    with changing(update.case_id) as case:
        update.refresh_from_db()
        if update.live and case.state == CaseState.OPEN and Line.objects.filter(update=update, state__in=lines.OPEN):
            update.case = case
            leave(update, now=now)
            lines.tell_process(update)


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
    found = found.select_related("mandate__biller__endpoint", "mandate__card__replaces", "old_card")
    found = found.order_by("position")
    rows = list(found)
    for line in rows:
        line.update = update
    return rows
