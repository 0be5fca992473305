"""Plays a process on the server that skips time, against activities that only note what they were asked for.

The activities stand for the database: which step is done, remembered or held back is decided by the rule that the rows
have (`cases/numbering.py`); what would be written is tested with the real ones, in the tests of the rooms. A test tells
its case what people and outside systems do, lets time pass, and reads what the process did:

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
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker, WorkflowRunner

from backoffice.cases import catalogue, numbering
from backoffice.cases.numbering import Verdict
from backoffice.engine.processes import stories
from backoffice.engine.search_attributes import ATTRIBUTES
from backoffice.engine.worker import runner
from workflows.base.contracts import (
    Answered,
    ChildClosed,
    Close,
    Done,
    Happened,
    MakeCall,
    Opened,
    OpenItem,
    OutsideCall,
    Said,
    SystemBack,
    Transition,
    Turned,
    Wire,
)
from workflows.base.spec import ItemKind

HISTORIES = Path(__file__).parent.parent / "histories"
QUEUE = "rehearsal"
PATIENCE = 10.0
"""Seconds of real time for a step that needs no time of its own."""

Gives = Wire | Callable[[Wire], Wire]
"""What an effect or a call answers, or a function of its arguments that gives it."""


def case_id_of(process: str, branch: str) -> str:
    """The same for every rehearsal of a branch, so that its saved history can be played again."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{process}/{branch}"))


@dataclass(frozen=True)
class Step:
    """What was done at once, at the process's own time. `number` is 0 for what was said before a call."""

    number: int
    at: datetime
    said: Said


@dataclass
class Rehearsed:
    """One case: what its process did, and the words to tell it what happens."""

    id: str
    process: str
    env: WorkflowEnvironment
    gives: dict[str, list[Gives]] = field(default_factory=dict)
    handle: WorkflowHandle[Any, Any] = None  # type: ignore[assignment]
    done: list[Step] = field(default_factory=list)
    tries: list[MakeCall] = field(default_factory=list)
    """Each time that an outside system was asked, whatever came of it."""
    made: dict[str, Wire] = field(default_factory=dict)
    """What outside systems answered, by the calls' keys."""
    begun: set[str] = field(default_factory=set)
    acts: list[str] = field(default_factory=list)
    """The names of effects and calls, "no return", and "stage …", in the order in which they were done."""
    answered: set[str] = field(default_factory=set)
    state: str = ""
    """ "", "frozen" or "stopping", as the row of the case would say."""
    applied: int = 0
    marks: dict[int, str] = field(default_factory=dict)
    results: dict[int, Done] = field(default_factory=dict)
    known: int = 0
    commands: int = 0

    # --- what the process did -----------------------------------------------------------------------------------------

    @property
    def stages(self) -> list[str]:
        return [step.said.stage for step in self.done if step.said.stage]

    @property
    def told(self) -> list[str]:
        return [notice.name for step in self.done for notice in step.said.notices]

    @property
    def effects(self) -> list[str]:
        """The names of all effects and calls, in their order."""
        return [act for act in self.acts if not act.startswith(("stage ", "no return"))]

    @property
    def items(self) -> dict[str, OpenItem]:
        """All work items that were opened, by their step."""
        return {item.step: item for step in self.done for item in step.said.opens}

    @property
    def expired(self) -> list[str]:
        return [name for step in self.done for name in step.said.expires]

    @property
    def withdrawn(self) -> list[str]:
        return [name for step in self.done for name in step.said.withdraws]

    @property
    def reminded(self) -> list[str]:
        return [name for step in self.done for name in step.said.reminds]

    @property
    def escalated(self) -> list[str]:
        return [name for step in self.done for name in step.said.escalates]

    @property
    def children(self) -> list[str]:
        return [child.process for step in self.done for child in step.said.children]

    @property
    def closes(self) -> list[Close]:
        return [step.said.close for step in self.done if step.said.close]

    @property
    def closed_with(self) -> Wire:
        """The facts that a parent case would get."""
        return self.closes[0].facts if self.closes else {}

    @property
    def past_no_return(self) -> bool:
        return any(step.said.no_return for step in self.done)

    def kind(self, item: OpenItem) -> ItemKind[Any, Any]:
        """What the process declares of an item that was opened."""
        return catalogue.item_kind(self.process, item.kind)

    def at(self, number: int = -1) -> datetime:
        """The process's own time of a step."""
        return self.done[number].at

    # --- what happens to it -------------------------------------------------------------------------------------------

    async def until(self, true: Callable[[], bool], what: str = "") -> None:
        """Waits until the process has done something for which no time must pass."""
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

    async def child_closes(self, process: str, ended: str = "done", /, *, parts: Any = None, **facts: Any) -> None:
        """The last case of that process under this one ends."""
        await self.until(lambda: process in self.children, f"open a case of {process}")
        count = self.children.count(process)
        step = process if count == 1 else f"{process}-{count}"
        closed = ChildClosed(self.id, self.command(), step, ended, facts, parts or {})
        await self.signal("child_closed", closed)

    async def is_withdrawn(self) -> None:
        self.state = "stopping"
        await self.signal("withdraw", Turned(self.id, self.command(), "by_customer"))

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
        """Until the process has nothing to do but wait: no task of it is under way."""
        quiet = 0
        while quiet < 3:
            before = len(self.done) + len(self.tries)
            await asyncio.sleep(0.02)
            seen = await self.handle.describe()
            busy = bool(seen.raw_description.pending_activities) or seen.raw_description.HasField(
                "pending_workflow_task"
            )
            quiet = 0 if busy or before != len(self.done) + len(self.tries) else quiet + 1

    async def ends(self) -> str:
        """Plays on, skipping time, to the end of the process; gives the result."""
        return str(await asyncio.wait_for(self.handle.result(), PATIENCE * 3))

    async def raw(self, signal: str, payload: Payload) -> None:
        """A signal that was not sealed by us, as whoever reaches the engine could send it."""
        request = SignalWorkflowExecutionRequest(namespace=self.env.client.namespace, signal_name=signal)
        request.workflow_execution.workflow_id = self.id
        request.input.payloads.append(payload)
        await self.env.client.workflow_service.signal_workflow_execution(request)

    def command(self) -> str:
        self.commands += 1
        return f"command {self.commands}"

    async def signal(self, name: str, message: object) -> None:
        await self.handle.signal(name, message)

    # --- as the rows would --------------------------------------------------------------------------------------------

    def judge(self, step: Transition) -> Verdict:
        marks = {number: mark for number, mark in self.marks.items() if number > self.known}
        self.known = max(self.known, step.known)
        return numbering.judge(
            number=step.number,
            mark=numbering.mark_of(step.said),
            applied=self.applied,
            marks=marks,
            state=self.state,
            compensating=step.compensating,
        )

    def do(self, number: int, at: datetime, said: Said) -> Wire:
        """What the last effect answers."""
        if said.no_return:
            self.acts.append("no return")
        facts: Wire = {}
        for effect in said.effects:
            self.acts.append(effect.name)
            facts = self.given(effect.name, effect.args)
        if said.stage:
            self.acts.append(f"stage {said.stage}")
        self.done.append(Step(number, at, said))
        return facts

    def given(self, name: str, args: Wire) -> Wire:
        answers = self.gives.get(name)
        if not answers:
            return {}
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        return given(args) if callable(given) else given


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
        **facts: Any,
    ) -> Rehearsed:
        """Starts a case. `gives` says what effects and calls answer: facts, a function of their arguments, or a list of
        those for one time after the other, of which the last one stays."""
        case_id = case_id_of(process, self.branch if not self.cases else f"{self.branch} {len(self.cases) + 1}")
        answers = {name: given if isinstance(given, list) else [given] for name, given in (gives or {}).items()}
        case = Rehearsed(case_id, process, self.env, answers)
        self.cases[case_id] = case
        case.handle = await self.env.client.start_workflow(
            process, Opened(case_id, facts, requester), id=case_id, task_queue=QUEUE
        )
        return case

    def refuses(self, call: str, *codes: str) -> None:
        """The next calls of an outside system are refused for good, once for each code."""
        self.failures.setdefault(call, []).extend(codes)

    def worker(self, processes: Sequence[type] = (), *, sandbox: WorkflowRunner | None = None) -> Worker:
        @activity.defn(name="transition")
        async def transition(step: Transition) -> Done:
            return self._apply(step)

        @activity.defn(name="outside")
        async def outside(asked: OutsideCall) -> Done:
            return self._call(asked)

        return Worker(
            self.env.client,
            task_queue=QUEUE,
            workflows=processes or stories(),
            activities=[transition, outside],
            workflow_runner=sandbox or runner("workflows", "tests"),
        )

    def _apply(self, step: Transition) -> Done:
        case = self.cases[step.case]
        verdict = case.judge(step)
        if verdict is Verdict.REMEMBERED:
            return case.results[step.number]
        if verdict is Verdict.TAKEN:
            return Done(taken=True)
        if verdict is not Verdict.NEXT:
            return Done(held=verdict.value)
        for call in step.calls:
            self._make(case, call, step.at)
        facts = case.do(step.number, step.at, step.said)
        case.applied, case.marks[step.number] = step.number, numbering.mark_of(step.said)
        done = Done(facts=facts, late=tuple(name for name in step.said.expires if name in case.answered))
        case.results[step.number] = done
        return done

    def _call(self, asked: OutsideCall) -> Done:
        case = self.cases[asked.case]
        if asked.call.key in case.made:
            return Done(facts=case.made[asked.call.key])
        held = numbering.held(state=case.state, compensating=asked.compensating)
        if held:
            return Done(held=held.value)
        if not asked.brief:
            self._begin(case, asked.call, asked.at)
        self._make(case, asked.call, asked.at)
        return Done(facts=case.made[asked.call.key])

    def _begin(self, case: Rehearsed, call: MakeCall, at: datetime) -> None:
        if call.key not in case.begun:
            case.begun.add(call.key)
            if call.before != Said():
                case.do(0, at, call.before)

    def _make(self, case: Rehearsed, call: MakeCall, at: datetime) -> None:
        if call.key in case.made:
            return
        if call.before.no_return or call.before.effects:
            self._begin(case, call, at)
        case.tries.append(call)
        if self.failures.get(call.name):
            self._begin(case, call, at)
            raise ApplicationError(self.failures[call.name].pop(0), call.key, type="OutsideRefused", non_retryable=True)
        facts = case.given(call.name, call.args)
        self._begin(case, call, at)
        case.acts.append(call.name)
        case.made[call.key] = facts

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
