"""Plays a process on the server that skips time, against activities that only note what they were asked for.

The activities stand for the database (`rows.py`). A test tells its case what people and outside systems do, lets time
pass, and reads what the process did:

    case = await skipping.open("home_visit")
    await case.answer("choose_visit", "booked", starts=…, ends=…)
    await case.passes(days=2)
    assert "visit_day_before" in case.told
    assert await case.ends() == "done"
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker, WorkflowRunner

from backoffice.engine.processes import stories
from backoffice.engine.sandbox import runner
from backoffice.engine.search_attributes import ATTRIBUTES
from tests.workflows.rows import Gives, Rows
from workflows.base.contracts import (
    Answered,
    ChildClosed,
    Done,
    Happened,
    Opened,
    OpenItem,
    OutsideCall,
    SystemBack,
    Transition,
    Turned,
)
from workflows.base.process import Process
from workflows.base.spec import ItemKind, ProcessSpec

HISTORIES = Path(__file__).parent.parent / "histories"
QUEUE = "rehearsal"
PATIENCE = 10.0
"""Seconds of real time for a step that needs no time of its own."""


def case_id_of(process: str, branch: str) -> str:
    """The same id for every rehearsal of a branch, so that its saved history can be replayed."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{process}/{branch}"))


@dataclass(kw_only=True)
class Rehearsed(Rows):
    """One case: what its process did, and the methods that tell it what happens."""

    id: str
    spec: ProcessSpec
    env: WorkflowEnvironment
    handle: WorkflowHandle[Any, Any] = None  # type: ignore[assignment]
    commands: int = 0

    def kind(self, item: OpenItem) -> ItemKind[Any, Any]:
        """What the process declares of an item that was opened."""
        return self.spec.kind(item.kind)

    # --- what happens to it -------------------------------------------------------------------------------------------

    async def until(self, true: Callable[[], bool], what: str = "") -> None:
        """Waits until the process has done something that needs no time to pass."""
        for _ in range(int(PATIENCE / 0.01)):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"the process never came to {what}; it did {self.acts}, asked {list(self.items)}")

    async def asks(self, step: str) -> OpenItem:
        await self.until(lambda: step in self.items, f"ask {step}")
        return self.items[step]

    async def enters(self, stage: str) -> None:
        await self.until(lambda: stage in self.stages, f"enter {stage}")

    async def answer(self, step: str, outcome: str, *, by: str = "", part: str = "", **facts: Any) -> None:
        """An answer to a work item that is open, signalled as the relay does."""
        item = await self.asks(step)
        self.answered.add(step)
        part = part or (self.kind(item).part if by else "")
        await self.signal("answered", Answered(self.id, self.command(), step, outcome, by, part, "", facts))

    async def happens(self, kind: str, **facts: Any) -> None:
        await self.signal("happened", Happened(self.id, self.command(), kind, facts))

    async def child_closes(
        self, process: str, ended: str = "done", parts: dict[str, str] | None = None, /, **facts: Any
    ) -> None:
        """The last case of that process under this one ends."""
        await self.until(lambda: process in self.children, f"open a case of {process}")
        count = self.children.count(process)
        step = process if count == 1 else f"{process}-{count}"
        closed = ChildClosed(self.id, self.command(), step, ended, facts, parts or {})
        await self.signal("child_closed", closed)

    async def is_withdrawn(self, because: str = "by_customer") -> None:
        """`because` is also the ending with which a rule of the process stops it."""
        self.state = "stopping"
        await self.signal("withdraw", Turned(self.id, self.command(), because))

    async def is_frozen(self) -> None:
        self.state = "frozen"
        await self.signal("freeze", Turned(self.id, self.command(), "suspicion"))

    async def is_unfrozen(self) -> None:
        self.state = ""
        await self.signal("unfreeze", Turned(self.id, self.command(), "cleared"))

    async def system_is_back(self, system: str) -> None:
        await self.signal("system_back", SystemBack(self.id, self.command(), system))

    async def passes(self, duration: timedelta | None = None, **parts: float) -> None:
        """Lets time pass on the server, and the process do what is due."""
        await self.env.sleep(duration or timedelta(**parts))
        await self.is_quiet()

    async def passes_until(self, moment: datetime) -> None:
        now = await self.now()
        if moment > now:
            await self.passes(moment - now)

    async def now(self) -> datetime:
        return (await self.env.get_current_time()).astimezone(UTC)

    async def is_quiet(self) -> None:
        """Waits until the process itself only waits, and no task of it is under way."""
        await self._is_quiet(but_activities=False)

    async def has_heard(self) -> None:
        """Waits until the process has taken up what it was told, also while a call waits to be tried again."""
        await self._is_quiet(but_activities=True)

    async def _is_quiet(self, *, but_activities: bool) -> None:
        quiet = 0
        while quiet < 3:
            before = len(self.done) + len(self.tries)
            await asyncio.sleep(0.02)
            seen = (await self.handle.describe()).raw_description
            busy = seen.HasField("pending_workflow_task") or (bool(seen.pending_activities) and not but_activities)
            quiet = 0 if busy or before != len(self.done) + len(self.tries) else quiet + 1

    async def ends(self) -> str:
        """Plays on, skipping time, to the end of the process; gives the result."""
        return str(await asyncio.wait_for(self.handle.result(), PATIENCE * 3))

    async def fails_a_task(self) -> None:
        """Until its code has raised something, for which the engine tries the task again and again."""
        while True:
            events = (await self.handle.fetch_history()).events
            if any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in events):
                return
            await asyncio.sleep(0.02)

    async def raw(self, signal: str, payload: Payload) -> None:
        """A signal that we did not seal, such as anybody who reaches the engine could send."""
        request = SignalWorkflowExecutionRequest(namespace=self.env.client.namespace, signal_name=signal)
        request.workflow_execution.workflow_id = self.id
        request.input.payloads.append(payload)
        await self.env.client.workflow_service.signal_workflow_execution(request)

    def command(self) -> str:
        self.commands += 1
        return f"command {self.commands}"

    async def signal(self, name: str, message: object) -> None:
        await self.handle.signal(name, message)


class Rehearsal:
    """A fresh server and a worker with all processes that are installed, or with these, for one test."""

    def __init__(self, env: WorkflowEnvironment, *, branch: str, processes: Sequence[type[Process[Any]]] = ()) -> None:
        self.env = env
        self.branch = branch
        self.processes = processes or stories()
        self.cases: dict[str, Rehearsed] = {}
        self.failures: dict[str, list[str]] = {}

    async def open(
        self,
        process: str,
        *,
        requester: str = "",
        gives: dict[str, Gives | list[Gives]] | None = None,
        **facts: Any,
    ) -> Rehearsed:
        """Starts a case. `gives` says what effects and calls answer: facts, a function of their arguments, or a list of
        these, one for each time; the last one stays."""
        case_id = case_id_of(process, self.branch if not self.cases else f"{self.branch}_{len(self.cases) + 1}")
        answers = {name: given if isinstance(given, list) else [given] for name, given in (gives or {}).items()}
        spec = next(story.spec for story in self.processes if story.spec.name == process)
        case = Rehearsed(id=case_id, spec=spec, env=self.env, gives=answers, failures=self.failures)
        self.cases[case_id] = case
        case.handle = await self.env.client.start_workflow(
            process, Opened(case_id, facts, requester), id=case_id, task_queue=QUEUE
        )
        return case

    def refuses(self, call: str, *codes: str) -> None:
        """The next calls of an outside system are refused for good, once for each code."""
        self.failures.setdefault(call, []).extend(codes)

    def worker(self, *, sandbox: WorkflowRunner | None = None, processes: Sequence[type[Process[Any]]] = ()) -> Worker:
        """One that plays all processes, or these as they were before a deploy: then it keeps nothing in its memory, so
        that the next worker is asked at once."""

        @activity.defn(name="transition")
        async def transition(step: Transition) -> Done:
            return self._case(step.case).apply(step)

        @activity.defn(name="outside")
        async def outside(asked: OutsideCall) -> Done:
            return self._case(asked.case).call(asked)

        return Worker(
            self.env.client,
            task_queue=QUEUE,
            workflows=processes or self.processes,
            max_cached_workflows=0 if processes else 1000,
            activities=[transition, outside],
            workflow_runner=sandbox or runner("workflows", "tests"),
        )

    def _case(self, case_id: str) -> Rehearsed:
        case, run = self.cases[case_id], activity.info().workflow_run_id
        if run and run not in case.runs:
            case.runs.append(run)
        return case

    async def keep_histories(self, *, record: bool) -> None:
        """Saves the history of each case that has ended, or checks that there is a saved one."""
        for number, case in enumerate(self.cases.values(), start=1):
            branch = self.branch if number == 1 else f"{self.branch}_{number}"
            path = HISTORIES / case.spec.name / f"{branch}.json"
            if record:
                history = await case.handle.fetch_history()
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(history.to_json() + "\n")
            else:
                assert path.exists(), f"no golden history of {branch}: run pytest --record-histories"


async def with_search_attributes(env: WorkflowEnvironment) -> WorkflowEnvironment:
    """This server can add them but not list them, so that `register` does not work here."""
    request = AddSearchAttributesRequest(namespace=env.client.namespace, search_attributes=ATTRIBUTES)
    await env.client.operator_service.add_search_attributes(request)
    return env
