"""The engine of the played week: it runs the very stories of the processes, and does their steps by the very rules.

It takes what the relay would deliver, and gives each story the few words of Temporal that the stories' base uses. At
the end each open case has continued as new: what Temporal would start it with is written back as its first command.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast
from uuid import UUID

import msgspec
from django.db.models import Q
from django.utils import timezone
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from backoffice.cases import calls, catalogue, transitions
from backoffice.cases.models import Command, CommandState
from backoffice.cases.outbox import Claimed
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.engine.delivering import deliver
from demo.living.clock import Loop
from demo.living.outside import any_row
from workflows.base.contracts import Done, Opened


class Continued(BaseException):
    """The story goes on elsewhere, with this start. Not an `Exception`: no story may catch it."""

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened


@dataclass
class Run:
    """One case's process. `ended` is None while it runs; then how it ended: its result, or where it continues."""

    case: str
    story: Any
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    ended: str | Opened | None = None


_run: contextvars.ContextVar[Run] = contextvars.ContextVar("run")


class Engine:
    """`steps` counts, by family, how often something was written; `after` is called each time."""

    def __init__(self, loop: Loop, *, after: Callable[[], None] = lambda: None) -> None:
        self.loop, self._after = loop, after
        self.runs: dict[str, Run] = {}
        self.roots: dict[str, UUID] = {}
        self.steps: Counter[UUID] = Counter()
        self.over = False
        self.failed: BaseException | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        setattr(loop, "__temporal_workflow_runtime", _Words(self))

    async def relay(self, root: UUID) -> None:
        """Delivers what the family's cases have in the outbox, as the relay does, and marks it."""
        for command in self._waiting(root):
            case = command.case
            self.roots[str(case.id)] = root
            await deliver(
                cast("Client", self),
                Claimed(
                    command.id, case.id, command.number, command.kind, command.signal, command.payload, 1,
                    case.process, case.state,
                ),
            )  # fmt: skip
            now = timezone.now()
            Command.objects.filter(id=command.id).update(state=CommandState.SENT, sent_at=now, tries=1)
        self._after()
        self.steps[root] += 1

    def has_gone_on(self, root: UUID, since: int) -> bool:
        """Whether anything was written in the family since `steps` counted so much."""
        return self.steps[root] != since

    @staticmethod
    def _waiting(root: UUID) -> Iterable[Command]:
        if not any_row("cases_command WHERE state = 'waiting'"):
            return ()
        family = Q(case_id=root) | Q(case__root_id=root)
        waiting = Command.objects.filter(family, state=CommandState.WAITING).select_related("case")
        return waiting.order_by("created_at", "case_id", "number")

    # --- what `deliver` needs of a client ---------------------------------------------------------------------------

    async def start_workflow(self, process: str, opened: Opened, *, id: str, **_: Any) -> None:
        run = self.runs[id] = Run(id, None)
        run.context.run(_run.set, run)
        run.story = run.context.run(catalogue.process(process).story, opened)
        self.begin(self._play(run, opened), run.context)

    def get_workflow_handle(self, case: str) -> _Handle:
        return _Handle(self.runs[case])

    async def _play(self, run: Run, opened: Opened) -> None:
        try:
            run.ended = await run.story.run(opened)
        except Continued as continued:
            run.ended = continued.opened

    # --- tasks ------------------------------------------------------------------------------------------------------

    def begin(self, work: Coroutine[Any, Any, Any], context: contextvars.Context | None = None) -> asyncio.Task[Any]:
        """Runs it beside the others; the first that fails ends everything."""
        task = self.loop.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() and self.failed is None:
            self.failed = task.exception()

    async def do(self, name: str, asked: Any) -> Done:
        """A step or a call, done as the worker does it (`backoffice/engine/activities.py`)."""
        try:
            done = transitions.apply(asked) if name == "transition" else calls.call_outside(asked)
        except OutsideRefused as refused:
            raise ApplicationError(refused.code, refused.key, type="OutsideRefused", non_retryable=True) from None
        except OutsideUnavailable as away:
            raise ApplicationError(away.code, type="OutsideUnavailable") from None
        await self.relay(self.roots[asked.case])
        return done

    # --- the end ----------------------------------------------------------------------------------------------------

    async def hand_over(self) -> list[str]:
        """Lets each open case continue as new, and orders that start of the real engine; gives the cases' ids."""
        self.over = True
        await self.loop.holds(lambda: self.failed is not None or all(run.ended for run in self.runs.values()))
        now, open_ones = timezone.now(), []
        for run in self.runs.values():
            if isinstance(run.ended, Opened):
                Command.objects.filter(case_id=run.case, number=1).update(
                    payload=msgspec.to_builtins(run.ended), state=CommandState.WAITING, sent_at=None, tries=0,
                    next_try_at=now,
                )  # fmt: skip
                open_ones.append(run.case)
        return open_ones


@dataclass(frozen=True)
class _Handle:
    run: Run

    async def signal(self, name: str, message: Any, **_: Any) -> None:
        if self.run.ended is None:
            self.run.context.run(getattr(self.run.story, name), message)


@dataclass(frozen=True)
class _Info:
    engine: Engine
    workflow_id: str

    def get_current_history_length(self) -> int:
        """Another with each moment: what was done before it is known."""
        return int(self.engine.loop.time() * 1000)

    def is_continue_as_new_suggested(self) -> bool:
        return self.engine.over


class _Words:
    """Of all that Temporal offers a workflow, what our stories use."""

    logger_details: dict[str, Any] = {}

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def workflow_info(self) -> _Info:
        return _Info(self._engine, _run.get().case)

    def workflow_time_ns(self) -> int:
        return int(self._engine.loop.now().timestamp() * 1_000_000) * 1000

    def workflow_is_replaying(self) -> bool:
        return False

    def workflow_patch(self, name: str, **_: Any) -> bool:
        return True

    def workflow_all_handlers_finished(self) -> bool:
        return True

    def workflow_upsert_search_attributes(self, attributes: Any, **_: Any) -> None:
        """Operators look for them in the real engine, which has none of these runs."""

    async def workflow_wait_condition(
        self, condition: Callable[[], bool], *, timeout: float | None = None, **_: Any
    ) -> None:
        await asyncio.wait_for(self._engine.loop.holds(condition), timeout)

    def workflow_start_local_activity(self, name: str, asked: Any, **_: Any) -> asyncio.Task[Done]:
        return self._engine.loop.create_task(self._engine.do(name, asked))

    def workflow_start_activity(self, name: str, *_: Any, **__: Any) -> NoReturn:
        raise Unplayable(f"{name}: an outside system does not answer, so the week cannot be played")

    def workflow_continue_as_new(self, opened: Opened, **_: Any) -> NoReturn:
        raise Continued(opened)


class Unplayable(BaseException):
    """Something happened that the played week has no answer to."""
