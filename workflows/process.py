"""What every process can do: ask a human, do an effect, call outside, tell, wait, freeze, be withdrawn, compensate.

A process is a class with a `story()` that reads as its state chart. What it says with `enter`, `tell` and `effect` is
gathered and done by the next `ask`, `do`, `settle`, `outside` or by the end, in one database transaction and one
local activity: an engine event costs more than a row (`docs/processes.md` has the measurements).

Signals only note what came, without awaiting, so they cannot interleave with a step half-done; each is counted once by
the id of its command, and one that is not meant for this case, or that the codec could not authenticate, is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows.declarations import EXPIRED, RESOLVE_FAILURE, ItemKind, Performer, ProcessDeclaration, Stage, WhenDue
from workflows.exchange import (
    Answered,
    Close,
    Done,
    EffectCall,
    Facts,
    Happened,
    OpenChild,
    Opened,
    OpenItem,
    OutsideCall,
    Tell,
    Transition,
    Turned,
)

CASE_KIND = SearchAttributeKey.for_keyword("CaseKind")
CASE_STAGE = SearchAttributeKey.for_keyword("CaseStage")
WAITING_ON = SearchAttributeKey.for_keyword("WaitingOn")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
NEEDS_ATTENTION = SearchAttributeKey.for_bool("NeedsAttention")

_T = TypeVar("_T")

_OWN_DATABASE = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)
"""Our own database is always worth another try: a bug is mended by a deploy, and no case is lost."""
_OUTSIDE_SYSTEM = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=5),
    non_retryable_error_types=["OutsideRefused"],
)


class Stopped(Exception):
    """The story ends before its end; `outcome` is the case's outcome, `reason` a code for the timeline."""

    def __init__(self, outcome: str, reason: str = "") -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.reason = reason


class Overtaken(Exception):
    """Something happened that ends what the story was waiting for; see `Process.unless`."""

    def __init__(self, happened: Happened) -> None:
        super().__init__(happened.kind)
        self.happened = happened


@dataclass
class _Gathered:
    """What the story has said since the last transition."""

    stage: str = ""
    effects: list[EffectCall] = field(default_factory=list)
    tells: list[Tell] = field(default_factory=list)
    opens: list[OpenItem] = field(default_factory=list)
    children: list[OpenChild] = field(default_factory=list)
    expires: list[str] = field(default_factory=list)
    withdraws: list[str] = field(default_factory=list)
    reminds: list[str] = field(default_factory=list)
    escalates: list[str] = field(default_factory=list)
    waiting_on: str = ""
    waiting_until: str = ""
    no_return: bool = False
    close: Close | None = None


@dataclass(frozen=True)
class _Undo:
    """What takes back an effect when the case ends with one of `outcomes`; empty: with any but "done"."""

    effect: EffectCall
    outside: bool
    outcomes: tuple[str, ...]


class Process:
    """The base of all processes. A subclass sets `declaration`, writes `story`, and has a `run` that plays it."""

    declaration: ClassVar[ProcessDeclaration]

    def __init__(self) -> None:
        self.case = ""
        self.facts: Facts = {}
        self.parts: dict[str, str] = {}
        self._number = 0
        self._steps: dict[str, int] = {}
        self._gathered = _Gathered()
        self._seen: set[str] = set()
        self._answers: dict[str, Answered] = {}
        self._happenings: list[Happened] = []
        self._overtaking: tuple[str, ...] = ()
        self._withdrawn: Turned | None = None
        self._frozen_since: datetime | None = None
        self._unfreezings = 0
        self._held = timedelta(0)
        self._undo: list[_Undo] = []
        self._compensating = False
        self._past_no_return = False
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

    def stop(self, outcome: str, reason: str = "") -> Stopped:
        """`raise self.stop("rejected", "not_eligible")` ends the story; what was done is undone in reverse."""
        return Stopped(outcome, reason)

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
        self._undo.append(_Undo(EffectCall(name, args), outside, outcomes))

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

    async def point_of_no_return(self) -> None:
        """From here on nobody withdraws. If somebody did a moment before, the story stops here."""
        self._gathered.no_return = True
        await self.settle()
        self._past_no_return = True
        self.undo_nothing()

    async def settle(self) -> Done:
        """One transition of everything gathered. Waits while the case is frozen; stops when it was withdrawn."""
        said, self._gathered = self._gathered, _Gathered()
        if said == _Gathered():
            return Done()
        self._number += 1
        held = self._held
        while True:
            unfreezings = self._unfreezings
            transition = Transition(
                case=self.case,
                number=self._number,
                at=workflow.now().isoformat(),
                stage=said.stage,
                effects=tuple(said.effects),
                tells=tuple(said.tells),
                opens=tuple(_later(item, self._held - held) for item in said.opens),
                children=tuple(said.children),
                expires=tuple(said.expires),
                withdraws=tuple(said.withdraws),
                reminds=tuple(said.reminds),
                escalates=tuple(said.escalates),
                waiting_on=said.waiting_on,
                waiting_until=said.waiting_until,
                no_return=said.no_return,
                compensating=self._compensating,
                close=said.close,
            )
            done = await self._apply(transition)
            if not done.held:
                return done
            await self._let_pass(done.held, unfreezings)

    async def _apply(self, transition: Transition) -> Done:
        try:
            return await workflow.execute_local_activity(
                "transition",
                transition,
                result_type=Done,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=_OWN_DATABASE,
                local_retry_threshold=timedelta(seconds=8),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from error
            raise

    async def outside(self, name: str, **args: str) -> Facts:
        """Calls an outside system and records its answer. Where it refuses for good, a person decides: try again, or
        give up, which stops the case as failed."""
        await self.settle()
        effect, tries, asked_at = EffectCall(name, args), self._next(f"outside {name}"), workflow.now()
        while True:
            try:
                return await self._call_outside(effect, key=f"{self.case}:{name}:{tries}", asked_at=asked_at)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise asyncio.CancelledError from error
                cause = error.cause
                code = cause.message if isinstance(cause, ApplicationError) else "unavailable"
                refused = isinstance(cause, ApplicationError) and cause.type == "OutsideRefused"
                answer = await self.ask(RESOLVE_FAILURE, why=f"{name}: {code}"[:200])
                if answer.outcome == "give_up":
                    raise self.stop("failed", f"{name}:{code}"[:200]) from None
                tries += 1 if refused else 0

    async def _call_outside(self, effect: EffectCall, *, key: str, asked_at: datetime) -> Facts:
        self._number += 1
        while True:
            unfreezings = self._unfreezings
            call = OutsideCall(
                self.case, self._number, asked_at.isoformat(), effect, key, compensating=self._compensating
            )
            done = await workflow.execute_activity(
                "outside",
                call,
                result_type=Done,
                start_to_close_timeout=timedelta(seconds=60),
                schedule_to_close_timeout=timedelta(days=3),
                retry_policy=_OUTSIDE_SYSTEM,
            )
            if not done.held:
                return done.facts
            await self._let_pass(done.held, unfreezings)

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

    @contextmanager
    def unless(self, *kinds: str) -> Iterator[None]:
        """Within it, a happening of one of these kinds ends the waiting for anything else: `Overtaken` is raised, and
        the work item that was waited for is withdrawn with the next transition."""
        before, self._overtaking = self._overtaking, kinds
        try:
            yield
        finally:
            self._overtaking = before

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

    @property
    def held(self) -> timedelta:
        """For how long the case was frozen, until now, all freezes together."""
        return self._held

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

    # --- signals: they note, and do nothing --------------------------------------------------------------------------

    @workflow.signal
    def answered(self, answer: Answered | None) -> None:
        if answer is None or not self._is_new(answer.case, answer.command):
            return
        if answer.part:
            had = self.parts.get(answer.by, answer.part)
            if had != answer.part:
                workflow.logger.error("an answer by somebody with another part in the case was dropped")
                return
            self.parts[answer.by] = answer.part
        self._answers.setdefault(answer.step, answer)

    @workflow.signal
    def happened(self, happening: Happened | None) -> None:
        if happening is not None and self._is_new(happening.case, happening.command):
            self._happenings.append(happening)
            for key, part in happening.facts.items():
                if key.startswith("part:"):
                    self.parts.setdefault(key.removeprefix("part:"), part)

    @workflow.signal
    def withdraw(self, turned: Turned | None) -> None:
        if turned is not None and self._is_new(turned.case, turned.command):
            self._withdrawn = turned
            self._frozen_since = None

    @workflow.signal
    def freeze(self, turned: Turned | None) -> None:
        if turned is not None and self._is_new(turned.case, turned.command) and self._frozen_since is None:
            self._frozen_since = workflow.now()

    @workflow.signal
    def unfreeze(self, turned: Turned | None) -> None:
        if turned is not None and self._is_new(turned.case, turned.command):
            if self._frozen_since is not None:
                self._held += workflow.now() - self._frozen_since
            self._frozen_since = None
            self._unfreezings += 1

    # --- inside ------------------------------------------------------------------------------------------------------

    def _is_new(self, case: str, command: str) -> bool:
        """`info().workflow_id` is the case's id: a signal may come before the story has begun."""
        if case != workflow.info().workflow_id or command in self._seen:
            return False
        self._seen.add(command)
        return True

    def _next(self, name: str) -> int:
        self._steps[name] = self._steps.get(name, 0) + 1
        return self._steps[name]

    def _step(self, name: str) -> str:
        """The name of a step within the case: the second time that the same is asked it is another step."""
        count = self._next(name)
        return name if count == 1 else f"{name}-{count}"

    async def _wait(
        self,
        ready: Callable[[], bool],
        until: datetime | None = None,
        held: timedelta | None = None,
        *,
        by_the_clock: bool = False,
    ) -> bool:
        """True when ready, False when `until` has passed. Time in which the case was frozen, since `held` was the
        total, does not count, unless `by_the_clock`. Raises `Stopped` when the case was withdrawn, and `Overtaken`."""
        before = self._held if held is None else held

        def disturbed() -> bool:
            return self._frozen_since is not None or self._turned() or self._happening(self._overtaking) is not None

        while True:
            if self._withdrawn and not self._compensating:
                raise self.stop("withdrawn", self._withdrawn.reason)
            if self._frozen_since is not None:
                await workflow.wait_condition(lambda: self._frozen_since is None or self._turned())
                continue
            overtaking = self._happening(self._overtaking)
            if overtaking is not None:
                self._happenings.remove(overtaking)
                raise Overtaken(overtaking)
            if ready():
                return True
            later = timedelta(0) if by_the_clock else self._held - before
            left = until + later - workflow.now() if until else None
            if left is not None and left <= timedelta(0):
                return False
            try:
                await workflow.wait_condition(lambda: ready() or disturbed(), timeout=left)
            except TimeoutError:
                if not disturbed() and not ready():
                    return False

    def _happening(self, kinds: tuple[str, ...]) -> Happened | None:
        """The first happening of one of these kinds that nothing has taken up yet."""
        return next((happened for happened in self._happenings if happened.kind in kinds), None)

    def _turned(self) -> bool:
        return self._withdrawn is not None and not self._compensating

    async def _let_pass(self, held: str, unfreezings: int) -> None:
        """The rows hold a transition back; the signal that says why is on its way."""
        if held == "frozen":
            await workflow.wait_condition(lambda: self._unfreezings > unfreezings or self._withdrawn is not None)
        else:
            await workflow.wait_condition(self._turned)
        if self._withdrawn and not self._compensating:
            raise self.stop("withdrawn", self._withdrawn.reason)

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
        self._gathered = _Gathered()
        for undo in reversed(self._undo):
            if undo.outcomes and end.outcome not in undo.outcomes:
                continue
            if not undo.outside:
                self.effect(undo.effect.name, **undo.effect.args)
                continue
            try:
                await self.outside(undo.effect.name, **undo.effect.args)
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


def _later(item: OpenItem, held: timedelta) -> OpenItem:
    """The item with its due date moved by the time for which a freeze held back its opening."""
    if not held:
        return item
    return replace(item, due_at=(datetime.fromisoformat(item.due_at) + held).isoformat())
