"""How a process does what its story says: gathered into transitions of our own rows, or as calls of outside systems.

What was gathered before a call of an outside system goes with it, and is done in the transaction that looks whether
the call may be made: that spares the engine a step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows.exchange import Done, EffectCall, Facts, OutsideCall, Transition
from workflows.gathering import Gathered, Undo
from workflows.waiting import Stopped, Waiting

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


class Doing(Waiting):
    """The part of every process that acts."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._steps: dict[str, int] = {}
        self._gathered = Gathered()
        self._undo: list[Undo] = []
        self._past_no_return = False
        self._held_back = False
        """While the rows hold back a call of an outside system: nothing of it is done yet."""

    async def settle(self) -> Done:
        """One transition of everything gathered. Waits while the case is frozen; stops when it was withdrawn."""
        said = self._said()
        return await self._done(said) if said else Done()

    def _said(self) -> Callable[[], Transition] | None:
        """Makes the transition of everything gathered, under its number; None where nothing was."""
        said, self._gathered = self._gathered, Gathered()
        if said == Gathered():
            return None
        self._number += 1
        number, held = self._number, self._held
        return lambda: said.transition(
            case=self.case,
            number=number,
            at=workflow.now(),
            compensating=self._compensating,
            held=self._held - held,
        )

    async def _done(self, said: Callable[[], Transition]) -> Done:
        while True:
            unfreezings = self._unfreezings
            done = await self._apply(said())
            if not done.held:
                return done
            await self._let_pass(done.held, unfreezings)

    async def _apply(self, transition: Transition) -> Done:
        try:
            done: Done = await workflow.execute_local_activity(
                "transition",
                transition,
                result_type=Done,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=_OWN_DATABASE,
                local_retry_threshold=timedelta(seconds=8),
            )
            return done
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from error
            raise

    async def outside(self, name: str, *, irrevocable: bool = False, **args: str) -> Facts:
        """Calls an outside system and records its answer; what was gathered is done with it. `irrevocable` makes the
        call the point of no return. Where the system refuses for good, a person decides: try again, or give up, which
        stops the case as failed."""
        self._gathered.no_return = irrevocable
        said, undo = self._said(), self._undo
        effect, tries, asked_at = EffectCall(name, args), self._next(f"outside {name}"), workflow.now()
        if irrevocable:
            self._past_no_return, self._undo = True, []
        while True:
            try:
                return await self._call_outside(effect, said, key=f"{self.case}:{name}:{tries}", asked_at=asked_at)
            except (Stopped, asyncio.CancelledError):
                if irrevocable and self._held_back:
                    self._past_no_return, self._undo = False, undo
                raise
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise asyncio.CancelledError from error
                await self._even_so(said, undo)
                code, refused = _code(error)
                await self._ask_what_now(name, code)
                said, irrevocable = None, False
                tries += 1 if refused else 0

    async def _even_so(self, said: Callable[[], Transition] | None, undo: list[Undo]) -> None:
        """What was said is done although the call failed; where somebody has withdrawn before, neither is."""
        if said is None:
            return
        try:
            await self._done(said)
        except Stopped:
            self._past_no_return, self._undo = False, undo
            raise

    async def _call_outside(
        self, effect: EffectCall, said: Callable[[], Transition] | None, *, key: str, asked_at: datetime
    ) -> Facts:
        self._number += 1
        while True:
            unfreezings = self._unfreezings
            call = OutsideCall(
                self.case,
                self._number,
                asked_at.isoformat(),
                effect,
                key,
                compensating=self._compensating,
                before=said() if said else None,
            )
            done: Done = await workflow.execute_activity(
                "outside",
                call,
                result_type=Done,
                start_to_close_timeout=timedelta(seconds=30),
                schedule_to_close_timeout=timedelta(days=3),
                retry_policy=_OUTSIDE_SYSTEM,
            )
            if not done.held:
                return done.facts
            self._held_back = True
            await self._let_pass(done.held, unfreezings)
            self._held_back = False

    def _next(self, name: str) -> int:
        self._steps[name] = self._steps.get(name, 0) + 1
        return self._steps[name]

    async def _ask_what_now(self, name: str, code: str) -> None:
        """Asks a person what to do about an outside system's failure; raises `Stopped` when he gives up."""
        raise NotImplementedError


def _code(error: ActivityError) -> tuple[str, bool]:
    """The outside system's code, and whether it refused for good."""
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return "unavailable", False
    return cause.message, cause.type == "OutsideRefused"
