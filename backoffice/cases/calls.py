"""Calls of outside systems: made with their key and outside any transaction, recorded once for each key."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from backoffice.actors import system as the_system
from backoffice.cases import attention, effects, numbering, processes, steps
from backoffice.cases.changing import changing, later_of, order
from backoffice.cases.models import CallRecord, Case, CommandKind
from workflows.base.contracts import Done, MakeCall, OutsideCall, Wire, from_wire, to_wire

WAKES = 50
"""So many cases are woken by one success; each that succeeds wakes more."""

Made = tuple[MakeCall, effects.Record]


def call_outside(outside: OutsideCall) -> Done:
    """Makes one call and records its answer; recorded before, it gives the first answer. What the process said before
    the call is done first, once, in the transaction that looks whether the call may be made. Only a brief first try
    leaves it to the record, where the call may need nothing of it.

    Raises `OutsideRefused`, after which what was said is done all the same, and `OutsideUnavailable`.
    """
    call = outside.call
    now = later_of(timezone.now(), outside.at)
    if outside.brief and not needs_before(call):
        case = Case.objects.select_related("customer").get(id=outside.case)
        answered = recorded(case, [call]).get(call.key)
        held = numbering.held(state=case.state, compensating=outside.compensating)
    else:
        with changing(uuid.UUID(outside.case)) as case:
            answered = recorded(case, [call]).get(call.key)
            held = numbering.held(state=case.state, compensating=outside.compensating)
            if answered is None and held is None:
                begin(case, call, now=now)
    if answered is not None:
        return Done(facts=answered)
    if held is not None:
        return Done(held=held.value)
    try:
        record = make(case, call, now=now)
    except effects.OutsideRefused:
        with changing(case.id) as locked:
            begin(locked, call, now=now)
        raise
    with changing(case.id) as locked:
        return Done(facts=keep(locked, call, record, now=now))


def needs_before(call: MakeCall) -> bool:
    """Whether what was said before the call must be done before it is made."""
    return call.before.no_return or bool(call.before.effects)


def recorded(case: Case, calls: Sequence[MakeCall]) -> dict[str, Wire]:
    """The answers of those that were made before, by their keys."""
    keys = [call.key for call in calls]
    rows = CallRecord.objects.filter(key__in=keys, answer__isnull=False)
    return dict(rows.values_list("key", "answer"))


def begin(case: Case, call: MakeCall, *, now: datetime) -> CallRecord:
    """Within `changing`: what was said before the call is done, once."""
    found = CallRecord.objects.filter(key=call.key).first()
    if found is not None:
        return found
    steps.do(case, call.before, now=now)
    system = processes.process(case.process).call(call.name).system
    return CallRecord.objects.create(case=case, key=call.key, system=system, begun_at=now)


def make(case: Case, call: MakeCall, *, now: datetime) -> effects.Record:
    """Asks the outside system, with no transaction open."""
    declared = processes.process(case.process).call(call.name)
    asked = effects.outside_effect(f"{case.process}.{call.name}")
    args = from_wire(call.args, declared.args)
    try:
        return asked(case=case, args=args, key=call.key, asked_at=call.asked_at, now=now)
    except effects.OutsideRefused as refused:
        refused.key = call.key
        raise


def keep(case: Case, call: MakeCall, record: effects.Record, *, now: datetime) -> Wire:
    """Within `changing`: writes what the outside system answered, once, and gives it as the process learns it."""
    row = CallRecord.objects.filter(key=call.key).first()
    if row is not None and row.answer is not None:
        answer: Wire = row.answer
        return answer
    declared = processes.process(case.process).call(call.name)
    if row is None:
        steps.do(case, call.before, now=now)
        row = CallRecord(case=case, key=call.key, system=declared.system, begun_at=now)
    answered = record(case, now)
    row.answer, row.away_since = to_wire(answered) if answered is not None else {}, None
    row.save()
    _waits_no_more(case, row, now=now)
    return row.answer


def keep_all(case: Case, made: Iterable[Made], *, now: datetime) -> None:
    for call, record in made:
        keep(case, call, record, now=now)


# --- outside systems that are away ------------------------------------------------------------------------------------


def away(*, case_id: uuid.UUID, call: MakeCall) -> None:
    """Notes that the case waits for the system of this call. Noted twice is noted once."""
    now = timezone.now()
    waiting = CallRecord.objects.filter(key=call.key, answer=None, away_since=None)
    with changing(case_id) as case:
        if waiting.update(away_since=now):
            case.waiting_for = processes.process(case.process).call(call.name).system


def _waits_no_more(case: Case, row: CallRecord, *, now: datetime) -> None:
    marks = (f"{row.key.split(':')[1]}:", f"{row.key.split(':')[1]} fails")
    attention.given(case, marks=marks, by=the_system(), at=now)
    if case.waiting_for:
        others = CallRecord.objects.filter(case=case, answer=None, away_since__isnull=False).exclude(key=row.key)
        case.waiting_for = others.values_list("system", flat=True).first() or ""


def wake(system: str) -> int:
    """The system answers again: the processes that wait for it are told, each once; gives how many. They would try
    again by themselves before long, so nothing is lost where this is."""
    waiting = CallRecord.objects.filter(system=system, answer=None, away_since__isnull=False)
    keys = list(waiting.order_by("away_since").values_list("key", "case_id")[:WAKES])
    for key, case_id in keys:
        with changing(case_id) as case:
            if CallRecord.objects.filter(key=key, answer=None, away_since__isnull=False).update(away_since=None):
                order(case, CommandKind.SIGNAL, signal="system_back", payload={"system": system})
    return len(keys)
