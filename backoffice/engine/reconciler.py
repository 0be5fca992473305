"""The reconciler compares our rows with the engine, and repairs or reports differences.

| rows | engine | what is done |
|---|---|---|
| open, nothing done yet | no such workflow | the start and all signals are ordered again |
| open, something done | no such workflow | reported: a process that is replayed from rows could do things twice |
| open | closed | reported: the case needs attention |
| closed | still running | reported after a grace of five minutes |
| — | a workflow without a case | reported |
| a dead letter without an incident | — | reported |
| open | its workflow task fails | reported with the reason; taken away when it runs again |

To ask the engine about each case costs it a call. So it is asked for the list of what runs, a thousand at once; each
case that differs from the list is looked at, and of the others, which may fail without differing, a slice in each pass:
all of them where they are few, and each in its turn where they are many.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils import timezone
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from backoffice.actors import system
from backoffice.cases import incidents, outbox
from backoffice.cases.models import Case, CaseState, Command, CommandState, IncidentKind
from backoffice.cases.unit_of_work import changing
from backoffice.engine import client as engine

T = TypeVar("T")
GRACE = timedelta(minutes=5)
DAY = timedelta(days=1)
EVERY = timedelta(minutes=1)
"""The time for which a slice has its turn; beat starts a pass that often."""
SLICE = 500
"""So many cases are looked at in each pass although nothing speaks against them."""
CHUNK = 200
"""So many rows are read at once."""


@dataclass
class Report:
    """What a comparison found; each is a sentence without personal data."""

    compared: int = 0
    repaired: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    """`fails` is why its workflow task fails; empty when it does not fail."""

    status: WorkflowExecutionStatus | None
    fails: str = ""


def reconcile(*, now: datetime | None = None) -> Report:
    """Compares the cases that are open, or were closed within the last day. Raises `RuntimeError` when Temporal is
    away."""
    now = now or timezone.now()
    report = Report()
    running = _asked(_running())
    for case in _to_look_at(set(running), now=now):
        report.compared += 1
        seen = _asked(_look(str(case.id)))
        if _differ(case, seen):
            case.refresh_from_db()
        _compare(case, seen, report, now=now)
    for letter in Command.objects.filter(state=CommandState.DEAD).select_related("case"):
        if not incidents.open_ones(letter.case).filter(kind=IncidentKind.DEAD_LETTER, key=str(letter.number)).exists():
            _report(letter.case, report, IncidentKind.DEAD_LETTER, key=str(letter.number), error=letter.error)
    known = set(map(str, Case.objects.filter(state=CaseState.OPEN).values_list("id", flat=True)))
    for workflow_id in running:
        if workflow_id not in known and not Case.objects.filter(id=_uuid(workflow_id)).exists():
            report.reported.append(f"workflow {workflow_id} has no case")
    return report


def _to_look_at(running: set[str], *, now: datetime) -> Iterator[Case]:
    """The cases that differ from the list, those whose process is known to fail, and the slice of this pass. The list
    is a moment old, so it decides only whom to look at."""
    started = Case.objects.filter(outbox__number=1, outbox__state=CommandState.SENT)
    is_open = set(started.exclude(state=CaseState.CLOSED).values_list("id", flat=True))
    is_closed = set(started.filter(state=CaseState.CLOSED, closed_at__gt=now - DAY).values_list("id", flat=True))
    wanted = {case for case in is_open if str(case) not in running}
    wanted |= {case for case in is_closed if str(case) in running}
    wanted |= is_open & set(incidents.cases_with(IncidentKind.PROCESS_FAILS))
    wanted |= _slice(is_open | is_closed, now=now)
    ids = sorted(wanted)
    for start in range(0, len(ids), CHUNK):
        yield from Case.objects.filter(id__in=ids[start : start + CHUNK])


def _slice(cases: Collection[uuid.UUID], *, now: datetime) -> set[uuid.UUID]:
    """About `SLICE` cases: those whose ids, which are random, lie in the part of all ids whose turn it is now."""
    parts = -(-len(cases) // SLICE) or 1
    turn = int(now.timestamp() // EVERY.total_seconds()) % parts
    return {case for case in cases if case.int * parts >> 128 == turn}


def _asked(question: Coroutine[Any, Any, T]) -> T:
    try:
        return engine.run(question, timeout=120)
    except (RPCError, TimeoutError) as away:
        raise RuntimeError("Temporal does not answer.") from away


def _differ(case: Case, seen: _Seen) -> bool:
    """The row was read before the engine was asked, so a case that was closed in between must be read again."""
    return (case.state != CaseState.CLOSED) != (seen.status is WorkflowExecutionStatus.RUNNING)


def _compare(case: Case, seen: _Seen, report: Report, *, now: datetime) -> None:
    is_open = case.state != CaseState.CLOSED
    running = seen.status is WorkflowExecutionStatus.RUNNING
    if is_open and seen.status is None and case.applied > 0:
        _report(case, report, IncidentKind.ENGINE_LOST)
    elif is_open and seen.status is None:
        _order_again(case, now=now)
        report.repaired.append(f"{case.reference}: started again, with everything that it was told")
    elif is_open and not running:
        _report(case, report, IncidentKind.ENDED_EARLY)
    elif not is_open and running and case.closed_at and now - case.closed_at > GRACE:
        _report(case, report, IncidentKind.RUNS_ON)
    elif seen.fails:
        _report(case, report, IncidentKind.PROCESS_FAILS, error=seen.fails)
    elif case.open_incidents and incidents.open_ones(case).filter(kind=IncidentKind.PROCESS_FAILS).exists():
        with changing(case.id) as locked:
            incidents.resolve(locked, IncidentKind.PROCESS_FAILS, by=system())
        report.repaired.append(f"{case.reference}: runs again")


def _report(case: Case, report: Report, kind: IncidentKind, *, key: str = "", error: str = "") -> None:
    with changing(case.id) as locked:
        incidents.open(locked, kind, by=system(), key=key, values={"error": error})
    report.reported.append(f"{case.reference}: {kind.label}{f' ({error})' if error else ''}")


def _order_again(case: Case, *, now: datetime) -> None:
    """Sends all commands of the case again, in their order: the rows hold everything that the process was ever told."""
    Command.objects.filter(case=case).update(
        state=CommandState.WAITING, tries=0, leased_until=None, next_try_at=now, error=""
    )
    outbox.wake()


async def _look(case_id: str) -> _Seen:
    temporal = await engine.client()
    handle = temporal.get_workflow_handle(case_id)
    try:
        found = await handle.describe(rpc_timeout=engine.RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return _Seen(None)
        raise
    fails = found.raw_description.pending_workflow_task.attempt > 2
    return _Seen(found.status, await _why(handle) if fails else "")


async def _why(handle: WorkflowHandle[Any, Any]) -> str:
    """The type of the error, or Temporal's name for the cause. The error's text stays sealed."""
    why = "cause unknown"
    async for event in handle.fetch_history_events(rpc_timeout=engine.RPC_TIMEOUT):
        if event.HasField("workflow_task_failed_event_attributes"):
            failed = event.workflow_task_failed_event_attributes
            cause = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower()
            why = failed.failure.application_failure_info.type or cause
    return why


async def _running() -> list[str]:
    temporal = await engine.client()
    async with asyncio.timeout(100):
        return [found.id async for found in temporal.list_workflows("ExecutionStatus = 'Running'")]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
