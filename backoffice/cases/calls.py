"""Calls of outside systems: made with their key and outside any transaction, recorded once for each key."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice.actors import system
from backoffice.cases import catalogue, incidents, numbering, steps
from backoffice.cases.models import CallRecord, Case, IncidentKind
from backoffice.cases.outside import OutsideRefused
from backoffice.cases.unit_of_work import changing, later_of
from backoffice.refusals import NotFound
from backoffice.statements import Select, insert, update
from workflows.base.contracts import Done, MakeCall, OutsideCall, Wire, from_wire, to_wire
from workflows.base.spec import Call

_CASE = Select(lambda case_id: Case.objects.filter(id=case_id).select_related("customer"), uuid.UUID(int=1))
_OF_CASE = Select(lambda case_id: CallRecord.objects.filter(case_id=case_id), uuid.UUID(int=1))

Made = tuple[MakeCall, catalogue.Record[Any]]


def call_outside(outside: OutsideCall) -> Done:
    """Makes one call and records its answer; recorded before, it gives the first answer. What the process said before
    the call is done first, once, in the transaction that looks whether the call may be made. Only a brief first try
    leaves it to the record, where the call may need nothing of it.

    Raises `OutsideRefused`, after which what was said is done all the same, and `OutsideUnavailable`.
    """
    call = outside.call
    now = later_of(timezone.now(), outside.at)
    case = look(outside.case) if outside.brief else None
    if case is not None and not needs_before(case, call):
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
    except OutsideRefused:
        with changing(case.id) as locked:
            begin(locked, call, now=now)
        raise
    with changing(case.id) as locked:
        return Done(facts=keep(locked, call, record, now=now))


def needs_before(case: Case, call: MakeCall) -> bool:
    """Whether what was said before the call must be done, and its record written, before it is made."""
    return call.before.no_return or bool(call.before.effects) or _bound(case, call).begins_first


def look(case_id: str) -> Case:
    """The case as it is, without its lock. Raises `NotFound`."""
    case = _CASE.first(uuid.UUID(case_id))
    if case is None:
        raise NotFound("unknown_case", "There is no such case.")
    return case


def recorded(case: Case, calls: Sequence[MakeCall]) -> dict[str, Wire]:
    """The answers of those that were made before, by their keys."""
    rows, keys = _records(case), {call.key for call in calls}
    return {key: row.answer for key, row in rows.items() if key in keys and row.answer is not None}


def _records(case: Case) -> dict[str, CallRecord]:
    """The calls of the case by their keys, read once for each unit of work."""
    return case.once("calls", lambda: {row.key: row for row in _OF_CASE(case.id)})


def _insert(case: Case, row: CallRecord) -> None:
    insert([row])
    _records(case)[row.key] = row


def begin(case: Case, call: MakeCall, *, now: datetime) -> None:
    """Within `changing`: what was said before the call is done, once."""
    if call.key not in _records(case):
        steps.do(case, call.before, now=now)
        _insert(case, CallRecord(case=case, key=call.key, begun_at=call.asked_at))


def was_begun(case: Case, call: Call[Any, Any]) -> bool:
    """Whether the outside system may have been called, whatever became of that: for a call that is bound with
    `begins_first`, of which there is a record before it is made."""
    return CallRecord.objects.filter(case_id=case.id, key__startswith=f"{case.id}:{call.name}:").exists()


def _bound(case: Case, call: MakeCall) -> catalogue.BoundCall[Any, Any]:
    return catalogue.process(case.process).call(call.name)


def system_of(case: Case, call: MakeCall) -> str:
    """The code of the outside system that is called."""
    return _bound(case, call).spec.system


def make(case: Case, call: MakeCall, *, now: datetime) -> catalogue.Record[Any]:
    """Asks the outside system, with no transaction open. Where a worker was killed, the process may believe that it
    asked later than it did; our record knows better."""
    bound, begun = _bound(case, call), _records(case).get(call.key)
    args = from_wire(call.args, bound.spec.args)
    asked_at = min(call.asked_at, begun.begun_at) if begun else call.asked_at
    try:
        return bound.makes(case=case, args=args, key=call.key, asked_at=asked_at, now=now)
    except OutsideRefused as refused:
        refused.key = call.key
        raise


def keep(case: Case, call: MakeCall, record: catalogue.Record[Any], *, now: datetime) -> Wire:
    """Within `changing`: writes what the outside system answered, once, and gives it as the process learns it."""
    found = _records(case).get(call.key)
    if found is not None and found.answer is not None:
        answer: Wire = found.answer
        return answer
    row = found or CallRecord(case=case, key=call.key, begun_at=call.asked_at)
    if found is None:
        steps.do(case, call.before, now=now)
    row.answer = to_wire(record(case, now))
    if found is None:
        _insert(case, row)
    else:
        update(row, ("answer",))
    for kind, key in ((IncidentKind.OUTSIDE_AWAY, system_of(case, call)), (IncidentKind.CALL_FAILS, call.name)):
        incidents.resolve(case, kind, key=key, by=system(), at=now)
    return row.answer


def keep_all(case: Case, made: Iterable[Made], *, now: datetime) -> None:
    for call, record in made:
        keep(case, call, record, now=now)
