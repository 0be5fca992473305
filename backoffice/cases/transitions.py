"""One step of a case: everything that its process decided, in one transaction, once for each number."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice.actors import system
from backoffice.cases import calls, catalogue, incidents, numbering, steps
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, IncidentKind, WorkItem
from backoffice.cases.numbering import Verdict
from backoffice.cases.outside import OutsideRefused
from backoffice.cases.unit_of_work import changing, later_of
from workflows.base.contracts import Done, MakeCall, Transition


def apply(transition: Transition) -> Done:
    """Does a step and gives its result; done before, it gives the first result. The calls that go with it are made
    first, outside any transaction, and recorded with it. Raises what a rule raises, and then nothing is written;
    `OutOfTurn` for a number that is not the next; `OutsideRefused` and `OutsideUnavailable`, and then the calls that
    were made before are recorded."""
    if transition.calls:
        return _apply_with_calls(transition)
    with changing(uuid.UUID(transition.case)) as case:
        return _apply(case, transition)


def _apply(case: Case, transition: Transition) -> Done:
    verdict = _judge(case, transition)
    if verdict is not Verdict.NEXT:
        return _otherwise(case, transition, verdict)
    now = _now(transition)
    came = steps.do(case, transition.said, now=now)
    incidents.resolve(case, IncidentKind.STEP_FAILS, key=str(transition.number), by=system(), at=now)
    done = Done(facts=came.facts, late=came.late)
    _remember(case, transition, done)
    return done


def _apply_with_calls(transition: Transition) -> Done:
    """One after the other, as the process said it. The first, before which nothing was done that it may need, costs no
    transaction of its own."""
    case, now = calls.look(transition.case), _now(transition)
    verdict = _judge(case, transition)
    if verdict is not Verdict.NEXT:
        return _otherwise(case, transition, verdict)
    recorded = calls.recorded(case, transition.calls)
    made: list[calls.Made] = []
    for number, call in enumerate(transition.calls):
        if call.key in recorded:
            continue
        if made or calls.needs_before(case, call):
            with changing(case.id) as case:
                calls.keep_all(case, made, now=now)
                if (verdict := _judge(case, transition)) is not Verdict.NEXT:
                    return _held_back(case, transition, verdict, transition.calls[:number])
                calls.begin(case, call, now=now)
            made = []
        made.append((call, _make(case, call, made, now=now)))
    with changing(case.id) as case:
        calls.keep_all(case, made, now=now)
        if (verdict := _judge(case, transition)) is not Verdict.NEXT:
            return _held_back(case, transition, verdict, transition.calls)
        return _apply(case, transition)


def _held_back(case: Case, transition: Transition, verdict: Verdict, made: Sequence[MakeCall]) -> Done:
    done = _otherwise(case, transition, verdict)
    return Done(held=done.held, made=tuple(call.key for call in made)) if done.held else done


def _make(case: Case, call: MakeCall, made: Sequence[calls.Made], *, now: datetime) -> catalogue.Record[Any]:
    """Where it fails, those made before it are recorded, and what was said before one that was refused is done."""
    try:
        return calls.make(case, call, now=now)
    except Exception as failed:
        with changing(case.id) as locked:
            calls.keep_all(locked, made, now=now)
            if isinstance(failed, OutsideRefused):
                calls.begin(locked, call, now=now)
        raise


def _judge(case: Case, transition: Transition) -> Verdict:
    return numbering.judge(
        number=transition.number,
        mark=numbering.mark_of(transition.said),
        applied=case.applied,
        marks={int(number): result["mark"] for number, result in case.applied_result.items()},
        state=case.state,
        compensating=transition.compensating,
    )


def _otherwise(case: Case, transition: Transition, verdict: Verdict) -> Done:
    result = case.applied_result.get(str(transition.number), {})
    if verdict is Verdict.REMEMBERED:
        return Done(facts=result.get("facts", {}), late=tuple(result.get("late", ())))
    if verdict is Verdict.TAKEN:
        _forget_items(case, result.get("opened", ()), number=transition.number, now=_now(transition))
        return Done(taken=True)
    return Done(held=verdict.value)


def _forget_items(case: Case, opened: list[str], *, number: int, now: datetime) -> None:
    """The process does not know of the step that opened these items, and may open others of the same name."""
    if not opened:
        return
    withdraw_items(case, steps=opened, by=system(), now=now)
    for item in WorkItem.objects.filter(case=case, step__in=opened):
        WorkItem.objects.filter(id=item.id).update(step=f"{item.step}~{number}")


def _remember(case: Case, transition: Transition, done: Done) -> None:
    """What the engine surely knows is not remembered any more."""
    results = {number: result for number, result in case.applied_result.items() if int(number) > transition.known}
    result = {
        "mark": numbering.mark_of(transition.said),
        "facts": done.facts,
        "late": list(done.late),
        "opened": [item.step for item in transition.said.opens],
    }
    results[str(transition.number)] = {name: value for name, value in result.items() if value}
    case.applied, case.applied_result = transition.number, results


def _now(transition: Transition) -> datetime:
    return later_of(timezone.now(), transition.at)
