"""How a process does what its story says: numbered steps that change our own rows, and calls of outside systems. A step
is numbered and applied under one lock, so that two branches at once never take the same number. Calls whose answer the
story does not need go with a step, and are made in the same local activity. Only if that fails is each call made by an
ordinary activity, whose retries last for days and hold up no other branch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from workflows.base.clock import Clock
from workflows.base.contracts import Done, Entry, OutsideCall, Transition, Wire
from workflows.base.inbox import Abandoned, Listening
from workflows.base.journal import Branch, Gave, Journal, here
from workflows.base.saying import Planned, Saying, Undo

_OWN_DATABASE = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)
"""Our own database is retried for ever: a bug is fixed by a deploy, and no case is lost."""
_ONCE = RetryPolicy(maximum_attempts=1)
_OUTSIDE_SYSTEM = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=10),
    non_retryable_error_types=["OutsideRefused"],
)
"""Somebody may be waiting, so the pauses are seconds. The activity makes them longer when an outage lasts."""
BRIEF = timedelta(seconds=5)
"""For the first try of a call, within one task of the engine."""
AWAY = "away"
"""How a call failed when it was not refused."""
GIVES_UP_AFTER = timedelta(days=3)
"""How long an outside system may be away before a person decides."""


class Stepping(Listening):
    """The part of every process that acts."""

    def __init__(self) -> None:
        super().__init__()
        self._journal = Journal()
        self._clock = Clock()
        self._lock = asyncio.Lock()
        self._number = 0
        self._known = 0
        self._history = -1
        self._counts: dict[str, int] = {}
        self._undo: list[Undo] = []
        self._answered_keys: set[str] = set()
        self._branches: dict[str, Branch] = {}
        """The branches that run now, without those that wait for their own branches."""
        self._idling: dict[str, Callable[[], bool]] = {}
        """For each branch that only waits: the condition on which it would go on."""

    # --- steps --------------------------------------------------------------------------------------------------------

    async def settle(self) -> Done:
        """Makes one step of everything said since the last one. Waits while the case is frozen, and stops when it was
        withdrawn."""
        saying = self._said_until_now()
        if saying.is_empty:
            return Done()
        if saying.calls:
            entry = await self._journal.enter("brief", lambda: self._briefly(saying))
            if not entry.what:
                self._made(saying)
                return _done(entry)
            for planned in saying.calls:
                await self._call(planned, brief=False, failed=entry if entry.what == planned.key else None)
            saying.calls = []
            if saying.is_empty:
                return Done()
        entry = await self._journal.enter("step", lambda: self._apply(saying))
        self._made(saying)
        return _done(entry)

    def _said_until_now(self) -> Saying:
        branch = here.get()
        saying, branch.saying = branch.saying, Saying()
        return saying

    def _made(self, saying: Saying) -> None:
        for planned in saying.calls:
            self._answered_by(planned)
        self._undo += saying.undos

    async def _apply(self, saying: Saying) -> Gave:
        done = await self._through(lambda: self._transition(saying))
        return Gave(facts=done.facts, late=done.late)

    async def _briefly(self, saying: Saying) -> Gave:
        """Makes the step with its calls, in one short local activity. `what` is the key of a call that was refused for
        good, or says that something else went wrong."""
        try:
            done = await self._through(lambda: self._transition(saying))
        except FailureError as error:
            code, key = _refusal(error)
            return Gave(what=key or AWAY, code=code)
        return Gave(facts=done.facts, late=done.late)

    async def _through(self, act: Callable[[], Awaitable[Done]]) -> Done:
        """Repeats the step until the case no longer holds it back."""
        while True:
            self._check_stopped()
            unfreezings = self._unfreezings
            done = await act()
            if not done.held:
                return done
            await self._let_pass(done.held, unfreezings)

    async def _transition(self, saying: Saying) -> Done:
        """Gives the step its number and applies it, under one lock."""
        async with self._lock:
            while True:
                done = await self._try(saying)
                if done.held:
                    self._made_all_the_same(saying, done.made)
                    return done
                self._number += 1
                if not done.taken:
                    return done

    def _made_all_the_same(self, saying: Saying, keys: tuple[str, ...]) -> None:
        """The case holds the step back, but these calls had been made before that was known."""
        for planned in saying.calls:
            if planned.key in keys:
                self._answered_by(planned)

    async def _try(self, saying: Saying) -> Done:
        self._note_history()
        step = Transition(
            case=self.case,
            number=self._number + 1,
            at=workflow.now(),
            said=saying.said(self._held),
            calls=tuple(planned.request(self._held) for planned in saying.calls),
            known=self._known,
            compensating=self._compensating,
        )
        calls = bool(saying.calls)
        try:
            done: Done = await workflow.execute_local_activity(
                "transition",
                step,
                result_type=Done,
                start_to_close_timeout=BRIEF if calls else timedelta(seconds=30),
                retry_policy=_ONCE if calls else _OWN_DATABASE,
                local_retry_threshold=timedelta(seconds=8),
            )
            return done
        finally:
            self._note_done()

    def _note_history(self) -> None:
        """What was done before this task of the engine began is in the history, and is never asked for again."""
        if self._all_is_known:
            self._known = self._number

    def _note_done(self) -> None:
        """Of the task in which it ended, not of the one in which it began: while a step takes long, the engine begins
        new tasks, and only the one in which it ended writes it into the history."""
        self._history = workflow.info().get_current_history_length()

    @property
    def _all_is_known(self) -> bool:
        """Whether everything that was done is in the engine's history: nothing was done in the current task."""
        return workflow.info().get_current_history_length() != self._history

    # --- calls --------------------------------------------------------------------------------------------------------

    async def _call(self, planned: Planned, *, brief: bool = True, failed: Entry | None = None) -> Wire:
        """Calls an outside system, and returns its answer. If the system refuses for good, or is away for days, a
        person decides: try again, or give up, which stops the case as failed."""
        while True:
            entry = failed or await self._journal.enter(
                f"call {planned.call.name}", partial(self._outside, planned, brief=brief)
            )
            if not entry.what:
                self._answered_by(planned)
                return entry.facts
            self._before_is_done(planned)
            await self._ask_what_now(planned.call.name, entry.code)
            planned = self._again(planned, another=entry.what != AWAY)
            failed, brief = None, True

    async def _outside(self, planned: Planned, *, brief: bool) -> Gave:
        since = workflow.now()
        while True:
            self._check_stopped()
            unfreezings = self._unfreezings
            if planned.irrevocable and not brief:
                self._is_passing = True
            try:
                done = await (self._short(planned) if brief else self._long(planned, since))
            except FailureError as error:
                code, key = _refusal(error)
                if key or not brief:
                    return Gave(what=key or AWAY, code=code)
                done = None
            if done is None:
                brief = not brief
            elif not done.held:
                return Gave(facts=done.facts)
            else:
                if done.held == "stopping":
                    self._is_passing = False
                await self._let_pass(done.held, unfreezings)

    def _again(self, planned: Planned, *, another: bool) -> Planned:
        """The same call once more: with `another` key after a refusal, and with the same key after an outage, because
        it may have been done."""
        key = self._key(planned.call.name) if another else planned.key
        return Planned(planned.call, key, planned.asked_at, planned.args, Saying(), undo=planned.undo)

    async def _short(self, planned: Planned) -> Done:
        self._note_history()
        try:
            done: Done = await workflow.execute_local_activity(
                "outside",
                self._outside_call(planned, brief=True),
                result_type=Done,
                start_to_close_timeout=BRIEF,
                retry_policy=_ONCE,
            )
            return done
        finally:
            self._note_done()

    async def _long(self, planned: Planned, since: datetime) -> Done | None:
        """Tries for as long as it takes, at most three days. None when it was interrupted because the system is back,
        or the case is being stopped."""
        backs = self._backs.get(planned.call.system, 0)
        branch = here.get()
        calling: workflow.ActivityHandle[Done] = workflow.start_activity(
            "outside",
            self._outside_call(planned),
            result_type=Done,
            start_to_close_timeout=timedelta(seconds=30),
            schedule_to_close_timeout=max(since + GIVES_UP_AFTER - workflow.now(), BRIEF),
            retry_policy=_OUTSIDE_SYSTEM,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )

        def breaks_off() -> bool:
            return self._backs.get(planned.call.system, 0) > backs or self._is_stopped or branch.abandoned

        await workflow.wait_condition(lambda: calling.done() or breaks_off())
        if calling.done():
            return await calling
        calling.cancel()
        try:
            return await calling
        except FailureError as error:
            if _refusal(error)[1]:
                raise
            return None

    def _outside_call(self, planned: Planned, *, brief: bool = False) -> OutsideCall:
        return OutsideCall(self.case, workflow.now(), planned.request(self._held), brief, self._compensating)

    def _answered_by(self, planned: Planned) -> None:
        if planned.key in self._answered_keys:
            return
        self._answered_keys.add(planned.key)
        self._before_is_done(planned)
        if planned.undo:
            self._undo.append(planned.undo)

    def _before_is_done(self, planned: Planned) -> None:
        self._undo += planned.before.undos
        if planned.irrevocable:
            self._past_no_return, self._is_passing, self._undo = True, False, []

    async def _ask_what_now(self, name: str, code: str) -> None:
        """Asks a person what to do about a call that failed; raises `Stopped` when they give up."""
        raise NotImplementedError

    # --- waiting ------------------------------------------------------------------------------------------------------

    async def _idle(self, until: Callable[[], bool]) -> None:
        """Waits for something outside. A case continues as new only while all its branches wait here."""
        branch = here.get()
        self._idling[branch.name] = until
        try:
            await workflow.wait_condition(until)
        finally:
            del self._idling[branch.name]

    async def _let_pass(self, held: str, unfreezings: int) -> None:
        """The case holds a step back; waits for the signal that says why."""
        branch = here.get()

        def thawed() -> bool:
            return held == "frozen" and (self._unfreezings > unfreezings or self._withdrawn is not None)

        await self._idle(lambda: thawed() or self._is_stopped or branch.abandoned)

    def _check_stopped(self) -> None:
        super()._check_stopped()
        if here.get().abandoned:
            raise Abandoned

    def _next(self, name: str) -> int:
        self._counts[name] = self._counts.get(name, 0) + 1
        return self._counts[name]

    def _key(self, call: str) -> str:
        return f"{self.case}:{call}:{self._next(f'call {call}')}"


def _done(entry: Entry) -> Done:
    return Done(facts=entry.facts, late=entry.late)


def _refusal(error: FailureError) -> tuple[str, str]:
    """The outside system's code, and the key of the call if it was refused for good. A local activity raises the error
    itself, an ordinary one wraps it."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if not isinstance(cause, ApplicationError):
        return "unavailable", ""
    if cause.type == "OutsideRefused":
        return cause.message, str(cause.details[0])
    return cause.message, ""
