"""What reaches a process from outside, and how it waits: for an answer, a happening or a moment, while the case may be
frozen, withdrawn or overtaken.

Signals only note what came, without awaiting, so they cannot interleave with a step half-done; each is counted once by
the id of its command, and one that is not meant for this case, or that the codec could not authenticate, is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from temporalio import workflow

from workflows.exchange import Answered, Happened, Turned


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


class Waiting:
    """The part of every process that listens. `parts` is who has which part in the case, by opaque id."""

    def __init__(self) -> None:
        self.case = ""
        self.parts: dict[str, str] = {}
        self._seen: set[str] = set()
        self._answers: dict[str, Answered] = {}
        self._happenings: list[Happened] = []
        self._overtaking: tuple[str, ...] = ()
        self._withdrawn: Turned | None = None
        self._frozen_since: datetime | None = None
        self._unfreezings = 0
        self._held = timedelta(0)
        self._compensating = False

    def stop(self, outcome: str, reason: str = "") -> Stopped:
        """`raise self.stop("rejected", "not_eligible")` ends the story; what was done is undone in reverse."""
        return Stopped(outcome, reason)

    @property
    def held(self) -> timedelta:
        """For how long the case was frozen, until now, all freezes together."""
        return self._held

    @contextmanager
    def unless(self, *kinds: str) -> Iterator[None]:
        """Within it, a happening of one of these kinds ends the waiting for anything else: `Overtaken` is raised, and
        the work item that was waited for is withdrawn with the next transition."""
        before, self._overtaking = self._overtaking, kinds
        try:
            yield
        finally:
            self._overtaking = before

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
