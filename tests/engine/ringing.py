"""Cases of the bell for tests, and what the server holds of them."""

from __future__ import annotations

import uuid
from typing import Any

from temporalio.client import Client

from backoffice.actors import system
from backoffice.cases import opening
from backoffice.cases.models import Case, CaseState, Command
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.engine import client as engine
from tests.engine.bell import BELL
from tests.factories import make_customer
from workflows.base.spec import Nothing


def open_bell() -> Case:
    case, _new = opening.open_case(
        process="bell", customer=make_customer(), by=system(), key=str(uuid.uuid4()), content={}
    )
    return case


def ring(case: Case, kind: str = "rung") -> Command:
    """Orders a signal to the case's process, in its transaction, as a rule does."""
    with changing(case.id) as locked:
        signal(locked, BELL.signal(kind), Nothing())
    return Command.objects.filter(case=case).latest("number")


def closed(case: Case) -> bool:
    case.refresh_from_db()
    return case.state == CaseState.CLOSED


def applied(case: Case) -> int:
    case.refresh_from_db()
    return case.applied


def signals(temporal: Client, case: Case) -> list[str]:
    """The ids of the commands that the server has of this case, in the order in which it got them."""

    async def read() -> list[str]:
        found: list[dict[str, Any]] = []
        async for event in temporal.get_workflow_handle(str(case.id)).fetch_history_events():
            if event.HasField("workflow_execution_signaled_event_attributes"):
                payloads = event.workflow_execution_signaled_event_attributes.input.payloads
                found += await temporal.data_converter.decode(payloads)
        return [signal["command"] for signal in found]

    return engine.run(read())


def history(temporal: Client, case_id: str) -> bytes:
    """The history as it is stored, event by event."""

    async def read() -> bytes:
        handle = temporal.get_workflow_handle(case_id)
        return b"".join([event.SerializeToString() async for event in handle.fetch_history_events()])

    return engine.run(read())


def starts(temporal: Client, case: Case) -> int:
    """How many runs the server knows of the case's workflow."""

    async def count() -> int:
        found = temporal.list_workflows(f"WorkflowId = '{case.id}'")
        return len([run async for run in found])

    return engine.run(count())
