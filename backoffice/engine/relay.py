"""The relay: it delivers commands to Temporal, each at least once, those of one case in their order.

A claim takes the first undelivered command of each case, with a lease, in one short transaction; the calls are made
outside it; then the rows are marked. Whoever dies in between leaves a lease that runs out, and the command goes again:
starting is idempotent by the case's id, and a process counts a signal once by its command's id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from temporalio.client import Client, WorkflowHandle
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from backoffice.actors import system
from backoffice.cases import incidents
from backoffice.cases.models import Command, CommandKind, CommandState, IncidentKind
from backoffice.cases.unit_of_work import changing
from backoffice.engine import client as engine
from workflows.exchange import Answered, Happened, Opened, Turned
from workflows.process import CASE_KIND

LEASE = timedelta(seconds=20)
BATCH = 40
TRIES = 12
"""With the back-off below: about an hour; then the command is a dead letter, and its case needs attention."""
_UNREACHABLE = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
_SIGNALS = {"answered": Answered, "happened": Happened, "withdraw": Turned, "freeze": Turned, "unfreeze": Turned}

_CLAIM = """
UPDATE cases_command SET leased_until = %(until)s, tries = tries + 1
WHERE id IN (
    SELECT c.id FROM cases_command c
    WHERE c.state = 'waiting' AND c.next_try_at <= %(now)s AND (c.leased_until IS NULL OR c.leased_until < %(now)s)
      AND NOT EXISTS (
        SELECT 1 FROM cases_command earlier
        WHERE earlier.case_id = c.case_id AND earlier.number < c.number AND earlier.state <> 'sent')
    ORDER BY c.next_try_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
RETURNING id
"""

log = structlog.get_logger(__name__)


def relay_all() -> int:
    """Delivers until nothing is due; gives the number of commands delivered. Stops early when Temporal is away."""
    delivered = 0
    while True:
        commands = claim(now=timezone.now())
        if not commands:
            return delivered
        sent = _mark(commands, _results(commands))
        delivered += sent
        if sent == 0:
            return delivered


def _results(commands: Sequence[Command]) -> Sequence[BaseException | None]:
    """What came of each command, before its lease runs out."""
    try:
        return engine.run(_deliver_all(commands), timeout=LEASE.total_seconds() - 2)
    except TimeoutError as late:
        return [late] * len(commands)


def claim(*, now: datetime) -> Sequence[Command]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + LEASE, "batch": BATCH})
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    return list(Command.objects.filter(id__in=ids).select_related("case").order_by("next_try_at"))


async def _deliver_all(commands: Sequence[Command]) -> list[BaseException | None]:
    try:
        temporal = await engine.client()
    except RuntimeError as unreachable:
        return [unreachable] * len(commands)
    return await asyncio.gather(*(deliver(temporal, command) for command in commands), return_exceptions=True)


async def deliver(temporal: Client, command: Command) -> None:
    """Delivers one command. Delivered before is delivered."""
    case_id = str(command.case_id)
    if command.kind == CommandKind.START:
        await _start(temporal, command)
        return
    handle: WorkflowHandle[Any, Any] = temporal.get_workflow_handle(case_id)
    if command.kind == CommandKind.CANCEL:
        await handle.cancel(rpc_timeout=engine.RPC_TIMEOUT)
        return
    message = _SIGNALS[command.signal](case=case_id, command=str(command.id), **command.payload)
    try:
        await handle.signal(command.signal, message, rpc_timeout=engine.RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and command.case.state == "closed":
            return
        raise


async def _start(temporal: Client, command: Command) -> None:
    case = command.case
    try:
        await temporal.start_workflow(
            case.process,
            Opened(**command.payload),
            id=str(case.id),
            task_queue=settings.TEMPORAL_TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(CASE_KIND, case.process)]),
            rpc_timeout=engine.RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        log.info("case was started before", case=str(case.id))


def _mark(commands: Sequence[Command], results: Sequence[BaseException | None]) -> int:
    now = timezone.now()
    sent = [command.id for command, result in zip(commands, results, strict=True) if result is None]
    if sent:
        Command.objects.filter(id__in=sent).update(state=CommandState.SENT, sent_at=now, leased_until=None, error="")
    for command, result in zip(commands, results, strict=True):
        if result is not None:
            _put_off(command, result, now)
    return len(sent)


def _put_off(command: Command, error: BaseException, now: datetime) -> None:
    """Back-off, doubling to five minutes. An outage of Temporal is nobody's fault: it never makes a dead letter.

    A command that another relay has delivered meanwhile, after the lease ran out, stays delivered.
    """
    status = error.status.name if isinstance(error, RPCError) else type(error).__name__
    outage = isinstance(error, (RuntimeError, TimeoutError)) or (
        isinstance(error, RPCError) and error.status in _UNREACHABLE
    )
    log.warning("command not delivered", command=str(command.id), case=str(command.case_id), why=status)
    command.error = status[:200]
    command.next_try_at = now + (
        timedelta(seconds=2) if outage else min(timedelta(seconds=2**command.tries), timedelta(minutes=5))
    )
    if command.tries >= TRIES and not outage:
        command.state = CommandState.DEAD
    marked = Command.objects.filter(id=command.id, state=CommandState.WAITING).update(
        error=command.error,
        leased_until=None,
        next_try_at=command.next_try_at,
        state=command.state,
        tries=min(command.tries, TRIES),
    )
    if marked and command.state == CommandState.DEAD:
        with changing(command.case_id) as case:
            incidents.open(
                case, IncidentKind.DEAD_LETTER, by=system(), key=str(command.number), values={"error": status}
            )
