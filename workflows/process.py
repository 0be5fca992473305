"""What every process can do: ask a human, do an effect, call outside, tell, wait, freeze, be withdrawn, compensate.

A process is a class with a `story()` that reads as its state chart. What it says with `enter`, `tell` and `effect` is
gathered and done by the next `ask`, `do`, `settle`, `outside` or by the end, in one database transaction and one
local activity: an engine event costs more than a row (`docs/engine.md` says why, `make bench` by how much).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError

from workflows.declarations import EXPIRED, RESOLVE_FAILURE, ItemKind, Performer, ProcessDeclaration, Stage, WhenDue
from workflows.doing import Doing
from workflows.exchange import (
    Answered,
    Close,
    EffectCall,
    Facts,
    Happened,
    OpenChild,
    Opened,
    OpenItem,
    Tell,
)
from workflows.gathering import Gathered, Undo
from workflows.waiting import Overtaken, Stopped

CASE_KIND = SearchAttributeKey.for_keyword("CaseKind")
CASE_STAGE = SearchAttributeKey.for_keyword("CaseStage")
WAITING_ON = SearchAttributeKey.for_keyword("WaitingOn")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")

_T = TypeVar("_T")


class Process(Doing):
    """The base of all processes. A subclass sets `declaration`, writes `story`, and has a `run` that plays it."""

    declaration: ClassVar[ProcessDeclaration]

    def __init__(self) -> None:
        super().__init__()
        self.facts: Facts = {}
        self._stage = ""
        self._stage_shown = ""

    # --- the story -------------------------------------------------------------------------------------------------

    async def story(self) -> None:
        """The process itself. Ends normally when the case is done; `stop` ends it otherwise."""
        raise NotImplementedError

    async def play(self, opened: Opened | None) -> str:
        """Plays the story to its end, compensates where it stops before it, closes the case; gives its outcome."""
        if opened is None:
            raise ApplicationError("The start of this case was not written by us.", type="Forged", non_retryable=True)
        self.case, self.facts = opened.case, dict(opened.facts)
        if opened.requester:
            self.parts[opened.requester] = "requester"
        try:
            await self.story()
            end = Close("done")
            await self._whole(self._finish(end))
        except Stopped as stopped:
            end = Close(stopped.outcome, stopped.reason)
        except asyncio.CancelledError:
            end = Close("failed" if self._past_no_return else "withdrawn", "cancelled_by_operator")
        if end.outcome != "done":
            end = await self._whole(self._stop_short(end))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return end.outcome

    def closing_facts(self) -> Facts:
        """What a parent case learns when this one closes; besides the outcome and who had which part."""
        return {}

    def closing(self, outcome: str) -> None:
        """Hook: what to tell when the case closes with this outcome. The default tells of every early end."""
        if outcome in ("withdrawn", "expired", "rejected", "failed"):
            self.tell(f"case_{outcome}" if outcome != "failed" else "case_rejected")

    # --- its words -------------------------------------------------------------------------------------------------

    def enter(self, stage: Stage) -> None:
        self._gathered.stage = self._stage = stage.value

    def tell(self, template: str, *, channels: tuple[str, ...] = ("mail",), urgent: bool = False, **facts: str) -> None:
        self._gathered.tells.append(Tell(template, channels, urgent, facts))

    def effect(self, name: str, **args: str) -> None:
        """An effect on our own records, done with the next step; `do` is for one whose answer is needed now."""
        self._gathered.effects.append(EffectCall(name, args))

    def undo_with(self, name: str, *, outside: bool = False, outcomes: tuple[str, ...] = (), **args: str) -> None:
        """What takes back the last effect, should the case be stopped before its end; with `outcomes`, only when it
        ends with one of them."""
        self._undo.append(Undo(EffectCall(name, args), outside, outcomes))

    def undo_nothing(self) -> None:
        """What was done until now stays done, even if the case is stopped."""
        self._undo.clear()

    def waiting(self, on: str, until: datetime | None = None) -> None:
        """Whose turn it is while no work item is open: "us", "others", "customer"."""
        self._gathered.waiting_on = on
        self._gathered.waiting_until = until.isoformat() if until else ""

    async def do(self, name: str, **args: str) -> Facts:
        """Does an effect (and all that was gathered) and gives the facts that it returned."""
        self.effect(name, **args)
        return (await self.settle()).facts

    # --- humans and time -------------------------------------------------------------------------------------------

    async def ask(
        self,
        kind: ItemKind,
        *,
        due: timedelta | None = None,
        due_at: datetime | None = None,
        why: str = "",
        holder: str = "",
    ) -> Answered:
        """Opens a work item with all that was gathered, reminds, escalates or expires it, and gives its answer.

        The outcome is one of the kind's, or "expired". `due_at` is aware UTC and goes before `due`.
        """
        now = workflow.now()
        due = due_at - now if due_at else due or kind.due
        step, held = self._step(kind.name), self._held
        item = OpenItem(
            kind.name,
            step,
            kind.performer.value,
            (now + due).isoformat(),
            kind.role,
            holder,
            kind.level,
            kind.part,
            why,
        )
        self._gathered.opens.append(item)
        on = (
            "customer"
            if kind.performer is Performer.CUSTOMER
            else "others"
            if kind.performer is Performer.PARTY
            else "us"
        )
        await self.settle()
        self._show_operators(on, now + due)
        return await self._answer(kind, step, now, due, held)

    def offer(self, kind: ItemKind, *, due_at: datetime, why: str = "", holder: str = "") -> str:
        """Opens a work item with the next transition, for which the story does not wait; gives its step, for
        `no_longer`. What its answer means to the story comes as a happening."""
        step = self._step(kind.name)
        self._gathered.opens.insert(
            0,
            OpenItem(
                kind.name, step, kind.performer.value, due_at.isoformat(), kind.role, holder, kind.level, kind.part, why
            ),
        )
        return step

    def no_longer(self, step: str) -> None:
        """Withdraws an item that is still open, with the next transition."""
        self._gathered.withdraws.append(step)

    async def _answer(
        self, kind: ItemKind, step: str, opened_at: datetime, due: timedelta, held: timedelta
    ) -> Answered:
        try:
            return await self._answer_or_expiry(kind, step, opened_at, due, held)
        except Overtaken:
            self.no_longer(step)
            raise

    async def _answer_or_expiry(
        self, kind: ItemKind, step: str, opened_at: datetime, due: timedelta, held: timedelta
    ) -> Answered:
        for mark in kind.reminders(due):
            if await self._wait(lambda: step in self._answers, opened_at + mark, held):
                return self._answers.pop(step)
            self._gathered.reminds.append(step)
            await self.settle()
        if await self._wait(lambda: step in self._answers, opened_at + due, held):
            return self._answers.pop(step)
        if kind.when_due is WhenDue.EXPIRE:
            self._gathered.expires.append(step)
            if step not in (await self.settle()).late:
                return Answered(self.case, "", step, EXPIRED)
        else:
            self._gathered.escalates.append(step)
            await self.settle()
        await self._wait(lambda: step in self._answers)
        return self._answers.pop(step)

    async def happens(
        self, *kinds: str, until: datetime | None = None, held: timedelta | None = None
    ) -> Happened | None:
        """The next happening of one of these kinds; None when `until` (aware UTC) passes first, plus the time for which
        the case was frozen since `self.held` was `held`, or from now."""
        held = self._held if held is None else held
        await self.settle()
        if not await self._wait(lambda: self._happening(kinds) is not None, until, held):
            return None
        happened = self._happening(kinds)
        if happened is None:
            raise RuntimeError("a happening vanished")
        self._happenings.remove(happened)
        return happened

    async def sleep_until(self, moment: datetime, *, by_the_clock: bool = False) -> None:
        """Until then (aware UTC), plus the time for which the case was frozen meanwhile; `by_the_clock` without it, for
        what is agreed with people for a day and an hour (but never before the case is unfrozen)."""
        await self.settle()
        await self._wait(lambda: False, moment, by_the_clock=by_the_clock)

    async def child(self, process: str, **facts: str) -> Happened:
        """Opens a case of another process under this one and waits for its end, however long it takes. The facts of
        the answer hold its `outcome` besides what the child says of itself."""
        step = self._step(process)
        self._gathered.children.append(OpenChild(process, step, facts))
        self.waiting("others")
        await self.settle()
        closed = await self.happens(f"child_closed:{step}")
        if closed is None:
            raise RuntimeError("waiting without a limit ended without a child")
        return closed

    async def _ask_what_now(self, name: str, code: str) -> None:
        answer = await self.ask(RESOLVE_FAILURE, why=f"{name}: {code}"[:200])
        if answer.outcome == "give_up":
            raise self.stop("failed", f"{name}:{code}"[:200])

    # --- inside ------------------------------------------------------------------------------------------------------

    def _step(self, name: str) -> str:
        """The name of a step within the case: the second time that the same is asked it is another step."""
        count = self._next(name)
        return name if count == 1 else f"{name}-{count}"

    async def _whole(self, ending: Coroutine[Any, Any, _T]) -> _T:
        """Plays an ending to its own end: an operator's cancellation, which comes at most once, does not break it off,
        so that a case is closed once and nothing is left half taken back."""
        task = asyncio.ensure_future(ending)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            return await task

    async def _stop_short(self, end: Close) -> Close:
        """Takes back what was done, the last first, and closes. What cannot be taken back makes the case a failed one,
        which a person sees; the rest is taken back all the same."""
        self._compensating = True
        self._gathered = Gathered()
        for undo in reversed(self._undo):
            if undo.outcomes and end.outcome not in undo.outcomes:
                continue
            if not undo.outside:
                self.effect(undo.effect.name, **undo.effect.args)
                continue
            try:
                await self.outside(undo.effect.name, irrevocable=False, **undo.effect.args)
            except Stopped as failed:
                end = Close(failed.outcome, failed.reason)
        await self._finish(end)
        return end

    async def _finish(self, end: Close) -> None:
        self.closing(end.outcome)
        parts = {f"part:{who}": part for who, part in self.parts.items()}
        self._gathered.close = replace(end, facts={**self.closing_facts(), **parts, "outcome": end.outcome})
        await self.settle()

    def _show_operators(self, on: str, until: datetime) -> None:
        """Only where the stage is another than the one shown: each time costs an event of the engine."""
        if self._stage == self._stage_shown:
            return
        self._stage_shown = self._stage
        workflow.upsert_search_attributes(
            [WAITING_ON.value_set(on), DUE_AT.value_set(until), CASE_STAGE.value_set(self._stage)]
        )
