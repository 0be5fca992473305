"""What reaches a process from outside, and what stops it or holds it back: a freeze, a withdrawal, an operator. Signal
handlers only note what came, and never await, so they cannot run in the middle of a step. Each signal counts once, by
the id of its command. A signal for another case, or one that the codec could not authenticate, is dropped. Notes are
never removed: code that waits remembers which notes it has used.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from temporalio import workflow

from workflows.base.contracts import Answered, ChildClosed, Freeze, Happened, Inbox, SystemBack, Turned
from workflows.base.spec import Ending, ProcessSpec, Result


class Stopped(Exception):
    """The story ends early, with this result and for this reason (a code)."""

    def __init__(self, result: Result, reason: str) -> None:
        super().__init__(result)
        self.result = result
        self.reason = reason


class Ended(Stopped):
    """The story itself ends early. What it said until then is done first."""


class Abandoned(Exception):
    """This branch of a story ends, because another branch has ended the whole story."""


class Listening:
    """The part of every process that listens."""

    spec: ClassVar[ProcessSpec]

    def __init__(self) -> None:
        self.case = ""
        self._seen: set[str] = set()
        self._answers_by_step: dict[str, Answered] = {}
        self._happenings: list[Happened] = []
        self._children: dict[str, ChildClosed] = {}
        self._parts: dict[str, str] = {}
        self._freezes: list[Freeze] = []
        self._withdrawn: Turned | None = None
        self._unfreezings = 0
        self._backs: dict[str, int] = {}
        self._cancelled = False
        self._compensating = False
        self._past_no_return = False
        self._is_passing = False
        """True while it is unknown whether the call that is the point of no return was made."""

    def ends(self, ending: Ending) -> Ended:
        """`raise self.ends(CardEnding.NOT_APPROVED)` ends the story. What was done is taken back, the last thing
        first."""
        return Ended(ending.result, ending.value)

    @property
    def stopped_with(self) -> str:
        """The code of the ending with which a rule of the process stopped the case from outside; empty otherwise."""
        ending = self.spec.ending(self._withdrawn.reason) if self._withdrawn else None
        return ending.value if ending else ""

    # --- signals: they note, and do nothing else ----------------------------------------------------------------------

    @workflow.signal
    def answered(self, answer: Answered | None) -> None:
        if answer is None or not self._is_new(answer.case, answer.command):
            return
        if answer.part and self._parts.setdefault(answer.by, answer.part) != answer.part:
            workflow.logger.error("an answer by somebody with another part in the case was dropped")
            return
        self._answers_by_step.setdefault(answer.step, answer)

    @workflow.signal
    def happened(self, happening: Happened | None) -> None:
        if happening is not None and self._is_new(happening.case, happening.command):
            self._happenings.append(happening)

    @workflow.signal
    def child_closed(self, child: ChildClosed | None) -> None:
        if child is not None and self._is_new(child.case, child.command):
            self._children.setdefault(child.step, child)
            for who, part in child.parts.items():
                self._parts.setdefault(who, part)

    @workflow.signal
    def withdraw(self, turned: Turned | None) -> None:
        if turned is not None and self._is_new(turned.case, turned.command):
            self._withdrawn = turned
            self._thaw()

    @workflow.signal
    def freeze(self, turned: Turned | None) -> None:
        if turned is not None and self._is_new(turned.case, turned.command) and not self._is_frozen:
            self._freezes.append(Freeze(workflow.now()))

    @workflow.signal
    def unfreeze(self, turned: Turned | None) -> None:
        if turned is not None and self._is_new(turned.case, turned.command):
            self._thaw()
            self._unfreezings += 1

    @workflow.signal
    def system_back(self, back: SystemBack | None) -> None:
        if back is not None and self._is_new(back.case, back.command):
            self._backs[back.system] = self._backs.get(back.system, 0) + 1

    # --- inside -------------------------------------------------------------------------------------------------------

    def _is_new(self, case: str, command: str) -> bool:
        """`info().workflow_id` is the case's id. It is used because a signal may come before the story has begun."""
        if case != workflow.info().workflow_id or command in self._seen:
            return False
        self._seen.add(command)
        return True

    def _thaw(self) -> None:
        if self._is_frozen:
            self._freezes[-1] = Freeze(self._freezes[-1].since, workflow.now())

    @property
    def _is_frozen(self) -> bool:
        return bool(self._freezes) and self._freezes[-1].until is None

    def _held(self, since: datetime) -> timedelta:
        """How long the case was frozen between then and now."""
        now = workflow.now()
        spans = ((max(freeze.since, since), freeze.until or now) for freeze in self._freezes)
        return sum((until - begun for begun, until in spans if until > begun), timedelta(0))

    @property
    def _is_stopped(self) -> bool:
        return (self._withdrawn is not None or self._cancelled) and not self._compensating

    def _check_stopped(self) -> None:
        """Raises `Stopped` when the customer or the desk has withdrawn the case, a rule of its process has stopped it
        with an ending that it declares, or an operator has cancelled its process."""
        if self._compensating:
            return
        if self._withdrawn is not None:
            reason = self._withdrawn.reason
            ending = self.spec.ending(reason)
            raise Stopped(ending.result if ending else Result.WITHDRAWN, reason)
        if self._cancelled:
            past = self._past_no_return or self._is_passing
            raise Stopped(Result.FAILED if past else Result.WITHDRAWN, "cancelled_by_operator")

    def _inbox(self) -> Inbox:
        return Inbox(
            tuple(sorted(self._seen)), self._answers_by_step, tuple(self._happenings), self._children, self._parts,
            tuple(self._freezes), self._withdrawn,
        )  # fmt: skip

    def _take_up(self, inbox: Inbox) -> None:
        self._seen = set(inbox.seen)
        self._answers_by_step = dict(inbox.answers)
        self._happenings = list(inbox.happenings)
        self._children = dict(inbox.children)
        self._parts = dict(inbox.parts)
        self._freezes = list(inbox.freezes)
        self._withdrawn = inbox.withdrawn
