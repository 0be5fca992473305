"""The base of every process: the words that a story is written in, from opening to closing. A process is a class with a
`story()` that reads as its state chart. What it says with `enter`, `notify`, `do` and `call` is collected until it has
to wait, and is then done in one database transaction and one local activity, because an event of the engine costs more
than a row (`docs/engine.md` says why, `make bench` how much).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

import msgspec
from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError

from workflows.base.asking import Asking
from workflows.base.contracts import Close, DoEffect, Opened, SendNotice, State, Why, from_wire, to_wire
from workflows.base.inbox import Ended, Stopped
from workflows.base.journal import Branch, Journal, here
from workflows.base.saying import STOPPED, Planned, Saying, Undo
from workflows.base.spec import (
    CASE_EXPIRED,
    CASE_REJECTED,
    CASE_WITHDRAWN,
    RESOLVE_FAILURE,
    Call,
    Effect,
    Facts,
    FailureOutcome,
    Nothing,
    Notice,
    Result,
    Stage,
)

CASE_KIND = SearchAttributeKey.for_keyword("CaseKind")
CASE_STAGE = SearchAttributeKey.for_keyword("CaseStage")
NEEDS_ATTENTION = SearchAttributeKey.for_bool("NeedsAttention")
"""Search attributes, for operators only. They are set only when an operator needs them: each time costs an event of the
engine."""

Opening = TypeVar("Opening", bound=Facts)
A = TypeVar("A", bound=Facts)
R = TypeVar("R", bound=Facts)
T = TypeVar("T")
AnyUndo = Effect[Any, Any] | Call[Any, Any]
_A_MOMENT = 0.02
"""Seconds to wait, so that a new task of the engine begins. If a signal arrives just as a run ends, the engine discards
the task that ends it, and everything done in that task would be asked for again."""
_FAREWELLS = {
    Result.WITHDRAWN: CASE_WITHDRAWN,
    Result.EXPIRED: CASE_EXPIRED,
    Result.REJECTED: CASE_REJECTED,
    Result.FAILED: CASE_REJECTED,
}


class Process(Asking, Generic[Opening]):
    """The base of all processes. A subclass sets `spec`, writes `story`, and has a `run` that plays it. `opening` are
    the facts that it starts with. Its own attributes need not be saved, because its story runs again.
    """

    entries_a_run: ClassVar[int] = 2000
    """After this many entries of its journal a case continues as new, if the engine has not suggested it earlier."""
    opening: Opening

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Raises `TypeError` when a process defines a name that belongs to the base."""
        super().__init_subclass__(**kwargs)
        if taken := {name for name in vars(cls) if name in _NAMES} - _TO_WRITE:
            raise TypeError(f"{cls.__name__} takes names of the base: {', '.join(sorted(taken))}")

    @workflow.init
    def __init__(self, opened: Opened | None) -> None:
        super().__init__()
        self._changes: dict[str, bool] = {}
        self._stage = ""
        if opened is None:
            return
        self.case = opened.case
        self.opening = cast("Opening", from_wire(opened.facts, self.spec.opening))
        if opened.requester:
            self._parts[opened.requester] = "requester"
        state = opened.state
        self._began_at = state.began_at if state else workflow.now()
        if state is not None:
            self._take_up(state.inbox)
            self._journal = Journal(state.journal)
            self._number = state.number
            self._changes = dict(state.changes)

    # --- the story ----------------------------------------------------------------------------------------------------

    async def story(self) -> None:
        """The process itself. It returns when the case is done; `raise self.ends(…)` ends it in any other way."""
        raise NotImplementedError

    def closing(self) -> Facts:
        """What a parent case learns when this one closes, in addition to its result: facts of `spec.closing`."""
        return Nothing()

    def farewell(self, result: Result) -> None:
        """Sends the message about the end of the case. This version tells of every early end."""
        if result in _FAREWELLS:
            self.notify(_FAREWELLS[result])

    # --- its words ----------------------------------------------------------------------------------------------------

    def enter(self, stage: Stage) -> None:
        here.get().saying.stage = self._stage = stage.value

    def notify(self, notice: Notice, **shows: datetime | int | str) -> None:
        """Sends a message, with the values that it may show (`notice.shows`)."""
        if unknown := shows.keys() - set(notice.shows):
            raise ValueError(f"{notice.name} does not show {', '.join(sorted(unknown))}")
        wire = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in shows.items()}
        here.get().saying.notices.append(SendNotice(notice.name, wire))

    async def do(
        self,
        effect: Effect[A, R],
        args: A | None = None,
        *,
        undo: AnyUndo | None = None,
        on: Collection[Result] = STOPPED,
    ) -> R:
        """Has an effect on our own records: with the next step, or at once if it has an answer. `undo` takes it back
        when the case ends with one of the results `on`."""
        saying, wire = here.get().saying, _wire(args)
        saying.effects.append(DoEffect(effect.name, wire))
        if undo is not None:
            saying.undos.append(_undo(effect.name, undo, wire, on))
        if issubclass(effect.answer, Nothing):
            return effect.answer()
        return from_wire((await self.settle()).facts, effect.answer)

    async def call(
        self,
        call: Call[A, R],
        args: A | None = None,
        *,
        irrevocable: bool = False,
        undo: AnyUndo | None = None,
        on: Collection[Result] = STOPPED,
    ) -> R:
        """Calls an outside system: with the next step, or at once if it has an answer. `irrevocable` makes it the point
        of no return. If the system refuses for good, a person decides what to do."""
        branch, wire = here.get(), _wire(args)
        answers = not issubclass(call.answer, Nothing)
        if answers and branch.saying.calls:
            await self.settle()
        before, branch.saying = branch.saying, Saying()
        calls, before.calls = before.calls, []
        undoing = _undo(call.name, undo, wire, on) if undo is not None else None
        planned = Planned(call, self._key(call.name), self.now, wire, before, irrevocable, undoing)
        if answers:
            return from_wire(await self._call(planned), call.answer)
        branch.saying.calls = [*calls, planned]
        return call.answer()

    def undo_by(self, undo: AnyUndo, *, on: Collection[Result] = STOPPED) -> None:
        """From now on this takes back what was done so far, when the case ends with one of the results `on`. For what
        can be taken back only later, or was done by others."""
        self._undo.append(Undo(undo, {}, frozenset(on)))

    def undo_nothing(self) -> None:
        """What was done so far stays done, even if the case is stopped."""
        self._undo = []

    async def together(self, *stories: Coroutine[Any, Any, T]) -> list[T]:
        """Plays parts of the story at once, and returns their results. If one of them stops, the others stop too."""
        parent = here.get()
        branches = parent.divide(len(stories))
        del self._branches[parent.name]
        self._branches.update({branch.name: branch for branch in branches})
        parts = [
            asyncio.create_task(self._part(branch, story)) for branch, story in zip(branches, stories, strict=True)
        ]
        try:
            return await asyncio.gather(*parts)
        except Exception:
            for branch in branches:
                branch.abandoned = True
            await asyncio.gather(*parts, return_exceptions=True)
            parent.saying.withdraws += [step for branch in branches for step in branch.saying.withdraws]
            raise
        finally:
            self._branches[parent.name] = parent
            parent.now = max(branch.now for branch in branches)

    def knows(self, change: str) -> bool:
        """Whether this case reached this point after the story was changed. A case that was past it before keeps to the
        old way. Use this instead of `workflow.patched`, which forgets its answer when a case continues as new."""
        if change not in self._changes:
            self._changes[change] = self._journal.used_up and workflow.patched(change)
        return self._changes[change]

    # --- inside -------------------------------------------------------------------------------------------------------

    async def play(self, opened: Opened | None) -> str:
        """Plays the story, takes back what was done if it stops early, closes the case, and returns its result."""
        if opened is None:
            raise ApplicationError("The start of this case was not written by us.", type="Forged", non_retryable=True)
        root = Branch("", self._began_at)
        self._branches[root.name] = root
        story = asyncio.create_task(self._part(root, self._whole()))
        while not story.done():
            try:
                await workflow.wait_condition(lambda: story.done() or self._may_continue() or not self._fits())
                if not story.done() and self._fits() and not self._all_is_known:
                    await asyncio.sleep(_A_MOMENT)
                    continue
            except asyncio.CancelledError:
                self._cancelled = True
                continue
            if not self._fits():
                raise RuntimeError("this story is another one than that which the journal was written of")
            if not story.done():
                workflow.continue_as_new(msgspec.structs.replace(opened, state=self._state()))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return story.result()

    async def _part(self, branch: Branch, story: Coroutine[Any, Any, T]) -> T:
        here.set(branch)
        try:
            return await story
        finally:
            del self._branches[branch.name]

    def _fits(self) -> bool:
        return self._journal.fits(self._branches.keys())

    def _may_continue(self) -> bool:
        """Whether the case may continue as new: only while it waits, nothing is being done, and nothing has come that
        would make the story go on."""
        wants = len(self._journal.new) >= self.entries_a_run or workflow.info().is_continue_as_new_suggested()
        return (
            wants
            and self._journal.used_up
            and not (self._compensating or self._cancelled)
            and bool(self._branches)
            and self._idling.keys() == self._branches.keys()
            and not any(goes_on() for goes_on in self._idling.values())
            and workflow.all_handlers_finished()
        )

    def _state(self) -> State:
        return State(self._began_at, self._number, self._journal.entries, self._inbox(), self._changes)

    async def _whole(self) -> str:
        try:
            try:
                await self.story()
            except Ended as ended:
                await self.settle()
                return await self._stop_short(ended)
            await self._finish(Result.DONE, "")
        except Stopped as stopped:
            return await self._stop_short(stopped)
        return Result.DONE.value

    async def _stop_short(self, end: Stopped) -> str:
        """Takes back what was done, the last thing first, and closes the case. If something cannot be taken back, the
        case ends as failed, for a person to look at; the rest is still taken back."""
        self._compensating = True
        here.get().saying = Saying()
        for undo in [] if self._is_passing else self._undo[::-1]:
            if end.result not in undo.results:
                continue
            try:
                await self._take_back(undo)
            except Stopped as failed:
                end = failed
        await self._finish(end.result, end.reason)
        return end.result.value

    async def _take_back(self, undo: Undo) -> None:
        if isinstance(undo.by, Effect):
            here.get().saying.effects.append(DoEffect(undo.by.name, undo.args))
        else:
            await self.call(undo.by, from_wire(undo.args, undo.by.args))
            await self.settle()

    async def _finish(self, result: Result, reason: str) -> None:
        self.farewell(result)
        here.get().saying.close = Close(result.value, reason, to_wire(self.closing()), dict(self._parts))
        await self.settle()

    async def _ask_what_now(self, name: str, code: str) -> None:
        self._show_operators(attention=True)
        answer = await self.ask(RESOLVE_FAILURE, why=Why("refused", f"{name}: {code}"))
        self._show_operators(attention=False)
        if answer.outcome is FailureOutcome.GIVE_UP:
            raise Stopped(Result.FAILED, f"{name}:{code}"[:200])

    def _show_operators(self, *, attention: bool) -> None:
        if self._journal.used_up:
            workflow.upsert_search_attributes(
                [NEEDS_ATTENTION.value_set(attention), CASE_STAGE.value_set(self._stage or "opened")]
            )


_NAMES = {name for name in (*dir(Process), *vars(Asking())) if not name.startswith("__")} | {"_changes", "_stage"}
_TO_WRITE = {"spec", "run", "story", "closing", "farewell", "opening", "entries_a_run"}
"""The names that a process may or must define itself."""


def _wire(args: Facts | None) -> dict[str, Any]:
    return to_wire(args) if args is not None else {}


def _undo(done: str, undo: AnyUndo, args: dict[str, Any], on: Collection[Result]) -> Undo:
    """The undo, with the same facts if it takes any."""
    if undo.undoes != done:
        raise ValueError(f"{undo.name} is not declared to undo {done}")
    return Undo(undo, {} if issubclass(undo.args, Nothing) else args, frozenset(on))
