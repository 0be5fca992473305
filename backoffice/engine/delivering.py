"""Delivering one command to Temporal. Delivering it again does no harm."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from django.conf import settings
from temporalio.client import Client, WorkflowHandle
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from backoffice.cases.models import CaseState, CommandKind
from backoffice.cases.outbox import Claimed
from backoffice.engine.client import RPC_TIMEOUT
from workflows.base.contracts import Answered, ChildClosed, Contract, Happened, Opened, SystemBack, Turned
from workflows.base.process import CASE_KIND

_SIGNALS: dict[str, type[Contract]] = {
    "answered": Answered,
    "happened": Happened,
    "child_closed": ChildClosed,
    "withdraw": Turned,
    "freeze": Turned,
    "unfreeze": Turned,
    "system_back": SystemBack,
}

log = structlog.get_logger(__name__)


async def deliver(temporal: Client, command: Claimed) -> None:
    """Starts, signals or cancels the process of the command's case. Raises `RPCError` when Temporal does not do it."""
    case_id = str(command.case_id)
    if command.kind == CommandKind.START:
        await _start(temporal, command)
        return
    handle: WorkflowHandle[Any, Any] = temporal.get_workflow_handle(case_id)
    if command.kind == CommandKind.CANCEL:
        await handle.cancel(rpc_timeout=RPC_TIMEOUT)
        return
    told = {"case": case_id, "command": str(command.id), **command.payload}
    message = msgspec.convert(told, _SIGNALS[command.signal])
    try:
        await handle.signal(command.signal, message, rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and command.case_state == CaseState.CLOSED:
            return
        raise


async def _start(temporal: Client, command: Claimed) -> None:
    try:
        await temporal.start_workflow(
            command.process,
            msgspec.convert(command.payload, Opened),
            id=str(command.case_id),
            task_queue=settings.TEMPORAL_TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(CASE_KIND, command.process)]),
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError:
        log.info("case was started before", case=str(command.case_id))
