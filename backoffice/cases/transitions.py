"""One transition of a case: everything that its process decided, in one transaction, once for each number."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone

from backoffice.actors import Actor, system
from backoffice.cases import catalogue, incidents, timeline
from backoffice.cases.closing import close_case
from backoffice.cases.items import escalate as escalate_items
from backoffice.cases.items import expire, open_items, remind, withdraw_items
from backoffice.cases.models import Case, CaseState, IncidentKind
from backoffice.cases.opening import open_case
from backoffice.cases.unit_of_work import changing, later_of
from backoffice.messages.telling import Notice, tell_all
from workflows.base.spec import Facts
from workflows.exchange import Done, OutsideCall, Tell, Transition


def apply(transition: Transition) -> Done:
    """Does a transition and gives its result; done before, it gives the first result. Raises what a rule raises, and
    then nothing is written."""
    by = system()
    with changing(uuid.UUID(transition.case)) as case:
        if case.applied >= transition.number:
            return _remembered(case)
        held = _held(case, transition.compensating)
        if held:
            return Done(held=held)
        now = later_of(timezone.now(), datetime.fromisoformat(transition.at))
        done = _do(case, transition, by=by, now=now)
        incidents.resolve(case, IncidentKind.STEP_FAILS, key=str(transition.number), by=by, at=now)
        _remember(case, transition.number, done)
        return done


def call_outside(call: OutsideCall) -> Done:
    """Calls an outside system and records its answer. First comes what the process said until then, once; then the
    call, with its key and outside any transaction; then the record, once."""
    now = later_of(timezone.now(), datetime.fromisoformat(call.at))
    with changing(uuid.UUID(call.case)) as case:
        if case.applied >= call.number:
            return _remembered(case)
        held = _held(case, call.compensating)
        if held:
            return Done(held=held)
        if call.before and case.applied < call.before.number:
            _do(case, call.before, by=system(), now=later_of(now, datetime.fromisoformat(call.before.at)))
            _remember(case, call.before.number, Done())
    bound = catalogue.process(case.process).call(call.effect.name)
    args = msgspec.convert(call.effect.args, bound.spec.args)
    record = bound.makes(case=case, args=args, key=call.key, asked_at=datetime.fromisoformat(call.at), now=now)
    return _record(call, record)


def _record(call: OutsideCall, record: catalogue.Record[Any]) -> Done:
    with changing(uuid.UUID(call.case)) as case:
        if case.applied >= call.number:
            return _remembered(case)
        now = later_of(timezone.now(), datetime.fromisoformat(call.at))
        done = Done(facts=_told(record(case, now)))
        for kind in (IncidentKind.OUTSIDE_AWAY, IncidentKind.CALL_FAILS):
            incidents.resolve(case, kind, key=call.effect.name, by=system(), at=now)
        _remember(case, call.number, done)
        return done


def _do(case: Case, transition: Transition, *, by: Actor, now: datetime) -> Done:
    facts: dict[str, str] = {}
    process = catalogue.process(case.process)
    if transition.no_return:
        case.past_no_return = True
        timeline.note(case, "case.no_return", by=by, at=now)
    for called in transition.effects:
        bound = process.effect(called.name)
        facts |= _told(bound.does(case=case, args=msgspec.convert(called.args, bound.spec.args), now=now))
    if transition.stage:
        case.stage = transition.stage
        timeline.note(case, "case.stage", by=by, data={"stage": transition.stage}, at=now)
    if transition.waiting_on:
        case.waiting_on = transition.waiting_on
        until = transition.waiting_until
        case.waiting_until = datetime.fromisoformat(until) if until else None
    withdraw_items(case, steps=transition.withdraws, by=by, now=now)
    late = expire(case, steps=transition.expires, by=by, now=now)
    remind(case, steps=transition.reminds, by=by, now=now)
    escalate_items(case, steps=transition.escalates, by=by, now=now)
    open_items(case, opens=transition.opens, by=by, now=now)
    _tell(case, transition.tells, by=by, now=now)
    for child in transition.children:
        facts |= _open_child(case, child.process, child.step, child.facts, by=by, now=now)
    if transition.close:
        close_case(case, close=transition.close, by=by, now=now)
    return Done(facts=facts, late=late)


def _tell(case: Case, messages: Sequence[Tell], *, by: Actor, now: datetime) -> None:
    """Writes all messages of a transition at once; the urgent ones go to the customer's earlier addresses too."""
    if not messages:
        return
    process = catalogue.process(case.process)
    notices = [
        Notice(
            process.message(message.template),
            {**process.message_facts(case, message.template), **message.facts},
            channels=message.channels,
            urgent=message.urgent,
            to_old=message.urgent,
        )
        for message in messages
    ]
    tell_all(customer=case.customer, case_id=case.id, case_reference=case.reference, notices=notices, by=by, now=now)
    for notice in notices:
        told = {"template": notice.template, "channels": ",".join(notice.channels)}
        timeline.note(case, "case.told", by=by, data=told, at=now)


def _open_child(
    case: Case, process: str, step: str, content: dict[str, str], *, by: Actor, now: datetime
) -> dict[str, str]:
    child, _ = open_case(
        process=process,
        customer=case.customer,
        by=by,
        key=f"{case.id}:{step}",
        content={**content, "step": step},
        parent=case,
        now=now,
    )
    timeline.note(case, "child.opened", by=by, data={"reference": child.reference}, at=now)
    return {"child": str(child.id)}


def _held(case: Case, compensating: bool) -> str:
    if case.state == CaseState.FROZEN:
        return "frozen"
    if case.state == CaseState.STOPPING and not compensating:
        return "stopping"
    return ""


def _remember(case: Case, number: int, done: Done) -> None:
    case.applied = number
    case.applied_result = {"facts": done.facts, "late": list(done.late)}


def _remembered(case: Case) -> Done:
    return Done(facts=case.applied_result.get("facts", {}), late=tuple(case.applied_result.get("late", ())))


def _told(answer: Facts) -> dict[str, str]:
    return {name: str(value) for name, value in msgspec.to_builtins(answer).items()}
