"""Plays a process on the server that skips time, against activities that only note what they were asked for.

The activities stand for the database: what they would write is tested with the real one, in the tests of the rooms.
A test tells its case what people and outside systems do, lets time pass, and reads what the process did:

    case = await skipping.open("home_visit")
    await case.answer("choose_visit", "booked", starts=…, ends=…)
    await case.passes(days=2)
    assert "visit_day_before" in case.told
    assert await case.ends() == "done"
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backoffice.engine.processes import stories
from backoffice.engine.search_attributes import ATTRIBUTES
from workflows.exchange import Answered, Done, Facts, Happened, Opened, OpenItem, OutsideCall, Transition, Turned

HISTORIES = Path(__file__).parent.parent / "histories"
QUEUE = "rehearsal"
PATIENCE = 10.0
"""Seconds of real time for a step that needs no time of its own."""

Gives = Facts | Callable[[Facts], Facts]


def case_id_of(process: str, branch: str) -> str:
    """The same for every rehearsal of a branch, so that its saved history can be played again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{process}/{branch}"))


@dataclass
class Rehearsed:
    """One case: what its process did, and the words to tell it what happens."""

    id: str
    process: str
    env: WorkflowEnvironment
    gives: dict[str, list[Gives]] = field(default_factory=dict)
    handle: WorkflowHandle[Any, Any] = None  # type: ignore[assignment]
    done: list[Transition] = field(default_factory=list)
    calls: list[OutsideCall] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    state: str = ""
    """ "", "frozen" or "stopping", as the row of the case would say."""
    number: int = 0

    # --- what the process did --------------------------------------------------------------------------------------

    @property
    def stages(self) -> list[str]:
        return [step.stage for step in self.done if step.stage]

    @property
    def told(self) -> list[str]:
        return [tell.template for step in self.done for tell in step.tells]

    @property
    def effects(self) -> list[str]:
        """The names of all effects, on our records and outside, in their order."""
        return [name for _number, name in sorted(self._numbered())]

    def _numbered(self) -> list[tuple[int, str]]:
        own = [(step.number, call.name) for step in self.done for call in step.effects]
        return own + [(call.number, call.effect.name) for call in self.calls]

    @property
    def items(self) -> dict[str, OpenItem]:
        """All work items that were opened, by their step."""
        return {item.step: item for step in self.done for item in step.opens}

    @property
    def expired(self) -> list[str]:
        return [name for step in self.done for name in step.expires]

    @property
    def withdrawn(self) -> list[str]:
        return [name for step in self.done for name in step.withdraws]

    @property
    def reminded(self) -> list[str]:
        return [name for step in self.done for name in step.reminds]

    @property
    def escalated(self) -> list[str]:
        return [name for step in self.done for name in step.escalates]

    @property
    def children(self) -> list[str]:
        return [child.process for step in self.done for child in step.children]

    @property
    def closed_with(self) -> Facts:
        """The facts that a parent case would get."""
        return next((step.close.facts for step in self.done if step.close), {})

    def at(self, number: int = -1) -> datetime:
        """The process's own time of a transition."""
        return datetime.fromisoformat(self.done[number].at)

    # --- what happens to it ----------------------------------------------------------------------------------------

    async def until(self, true: Callable[[], bool], what: str = "") -> None:
        """Waits until the process has done something for which no time must pass."""
        for _ in range(int(PATIENCE / 0.01)):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"the process never came to {what}; it did {self.stages}, asked {list(self.items)}")

    async def asks(self, step: str) -> OpenItem:
        await self.until(lambda: step in self.items, f"ask {step}")
        return self.items[step]

    async def enters(self, stage: str) -> None:
        await self.until(lambda: stage in self.stages, f"enter {stage}")

    async def answer(self, step: str, outcome: str, *, by: str = "", part: str = "", **facts: str) -> None:
        """An answer to a work item that is open, signalled as the relay does."""
        item = await self.asks(step)
        self.answered.add(step)
        part = part or (item.part if by else "")
        await self._signal("answered", Answered(self.id, self._command(), step, outcome, by, part, facts))

    async def happens(self, kind: str, **facts: str) -> None:
        await self._signal("happened", Happened(self.id, self._command(), kind, facts))

    async def child_closes(self, process: str, **facts: str) -> None:
        await self.until(lambda: process in self.children, f"open a case of {process}")
        count = self.children.count(process)
        step = process if count == 1 else f"{process}-{count}"
        await self.happens(f"child_closed:{step}", **facts)

    async def is_withdrawn(self) -> None:
        self.state = "stopping"
        await self._signal("withdraw", Turned(self.id, self._command(), "by_customer"))

    async def is_frozen(self) -> None:
        self.state = "frozen"
        await self._signal("freeze", Turned(self.id, self._command(), "suspicion"))

    async def is_unfrozen(self) -> None:
        self.state = ""
        await self._signal("unfreeze", Turned(self.id, self._command(), "cleared"))

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
        """Until the process has nothing to do but wait: no task of it is under way."""
        quiet = 0
        while quiet < 3:
            before = len(self.done) + len(self.calls)
            await asyncio.sleep(0.02)
            seen = await self.handle.describe()
            busy = bool(seen.raw_description.pending_activities) or seen.raw_description.HasField(
                "pending_workflow_task"
            )
            quiet = 0 if busy or before != len(self.done) + len(self.calls) else quiet + 1

    async def ends(self) -> str:
        """Plays on, skipping time, to the end of the process; gives the outcome."""
        return str(await asyncio.wait_for(self.handle.result(), PATIENCE * 3))

    async def raw(self, signal: str, payload: Payload) -> None:
        """A signal that was not sealed by us, as whoever reaches the engine could send it."""
        from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest

        request = SignalWorkflowExecutionRequest(namespace=self.env.client.namespace, signal_name=signal)
        request.workflow_execution.workflow_id = self.id
        request.input.payloads.append(payload)
        await self.env.client.workflow_service.signal_workflow_execution(request)

    def _command(self) -> str:
        self.number += 1
        return f"command {self.number}"

    async def _signal(self, name: str, message: object) -> None:
        await self.handle.signal(name, message)


class Rehearsal:
    """A fresh server and a worker with all processes, for one test."""

    def __init__(self, env: WorkflowEnvironment, *, branch: str) -> None:
        self.env = env
        self.branch = branch
        self.cases: dict[str, Rehearsed] = {}
        self.failures: dict[str, list[str]] = {}

    async def open(
        self,
        process: str,
        *,
        requester: str = "",
        gives: dict[str, Gives | list[Gives]] | None = None,
        **facts: str,
    ) -> Rehearsed:
        """Starts a case. `gives` says what effects answer: facts, a function of their arguments, or a list of those
        for one time after the other, of which the last one stays."""
        case_id = case_id_of(process, self.branch if not self.cases else f"{self.branch} {len(self.cases) + 1}")
        answers = {name: given if isinstance(given, list) else [given] for name, given in (gives or {}).items()}
        case = Rehearsed(case_id, process, self.env, answers)
        self.cases[case_id] = case
        case.handle = await self.env.client.start_workflow(
            process, Opened(case_id, facts, requester), id=case_id, task_queue=QUEUE
        )
        return case

    def refuses(self, effect: str, *codes: str) -> None:
        """The next calls of an outside effect are refused for good, once for each code."""
        self.failures.setdefault(effect, []).extend(codes)

    def worker(self) -> Worker:
        @activity.defn(name="transition")
        async def transition(step: Transition) -> Done:
            return self._apply(step)

        @activity.defn(name="outside")
        async def outside(call: OutsideCall) -> Done:
            return self._call(call)

        return Worker(self.env.client, task_queue=QUEUE, workflows=stories(), activities=[transition, outside])

    def _apply(self, step: Transition) -> Done:
        case = self.cases[step.case]
        held = self._held(case, step.compensating)
        if held:
            return Done(held=held)
        if any(step.number == done.number for done in case.done):
            return Done()
        case.done.append(step)
        facts: Facts = {}
        for call in step.effects:
            facts |= self._given(case, call.name, call.args)
        return Done(facts=facts, late=tuple(name for name in step.expires if name in case.answered))

    def _call(self, call: OutsideCall) -> Done:
        case = self.cases[call.case]
        held = self._held(case, call.compensating)
        if held:
            return Done(held=held)
        if call.before:
            self._apply(call.before)
        if self.failures.get(call.effect.name):
            code = self.failures[call.effect.name].pop(0)
            raise ApplicationError(code, type="OutsideRefused", non_retryable=True)
        case.calls.append(call)
        return Done(facts=self._given(case, call.effect.name, call.effect.args))

    def _held(self, case: Rehearsed, compensating: bool) -> str:
        return "" if case.state == "stopping" and compensating else case.state

    def _given(self, case: Rehearsed, name: str, args: Facts) -> Facts:
        answers = case.gives.get(name)
        if not answers:
            return {}
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        return given(args) if callable(given) else given

    async def keep_histories(self, *, record: bool) -> None:
        """Saves the history of each case that has ended, or sees that it was saved once."""
        for number, case in enumerate(self.cases.values(), start=1):
            branch = self.branch if number == 1 else f"{self.branch}_{number}"
            path = HISTORIES / case.process / f"{branch}.json"
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
