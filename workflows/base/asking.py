"""How a story waits: for answers, for events outside, for a point in time, or for a case under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from temporalio import workflow

from workflows.base.contracts import Happened, OpenChild, OpenItem, Why, from_wire, to_wire
from workflows.base.journal import Gave, here
from workflows.base.spec import EXPIRED, Child, Facts, ItemKind, Nothing, Outcome, Result, Signal, WhenDue
from workflows.base.steps import Stepping

O = TypeVar("O", bound=Outcome)  # noqa: E741 - as in `spec`
F = TypeVar("F", bound=Facts)
Turn = Literal["us", "customer", "others"]
_OVERTAKEN = "overtaken"


@dataclass(frozen=True)
class Answer(Generic[O, F]):
    """The result of a work item. `by` is the opaque id of the member of staff who answered, or empty. If the item
    closed by itself, the facts have their default values."""

    kind: ItemKind[O, F]
    outcome: O
    facts: F
    by: str = ""


@dataclass(frozen=True)
class Event(Generic[F]):
    signal: Signal[F]
    facts: F


@dataclass(frozen=True)
class ChildEnded(Generic[F]):
    result: Result
    facts: F


class Overtaken(Exception):
    """An event ended what the story was waiting for; see `unless`."""

    def __init__(self, event: Event[Any]) -> None:
        super().__init__(event.signal.name)
        self.event = event


@dataclass(frozen=True)
class Deadline:
    """A point in time. Unless it is `by_the_clock`, it moves by the time for which the case is frozen from `since`
    on."""

    moment: datetime
    since: datetime
    by_the_clock: bool = False


@dataclass(frozen=True)
class Asked(Generic[O, F]):
    """An open work item with its reminders and its due time, counted from its opening."""

    kind: ItemKind[O, F]
    step: str
    at: datetime
    due: timedelta

    def marks(self) -> list[tuple[datetime, str]]:
        reminders = [(self.at + mark, "remind") for mark in self.kind.reminders(self.due)]
        return [*reminders, (self.at + self.due, self.kind.when_due.value)]


class Asking(Stepping):
    """The part of every process that waits."""

    def __init__(self) -> None:
        super().__init__()
        self._taken: set[str] = set()
        """The commands of the events that the story has taken up."""

    @property
    def now(self) -> datetime:
        """The time of this story, aware UTC: when it last went on."""
        return here.get().now

    # --- work items ---------------------------------------------------------------------------------------------------

    async def ask(
        self,
        kind: ItemKind[O, F],
        *,
        due: timedelta | None = None,
        due_at: datetime | None = None,
        why: Why | None = None,
        holder: str = "",
    ) -> Answer[O, F]:
        """Opens a work item together with everything that was said, reminds, escalates or expires it, and returns its
        answer. `due_at` is aware UTC and takes precedence over the kind's `due`. `holder` is the opaque id of the
        person who gets it.
        """
        asked = self._open(kind, due=due_at - self.now if due_at else due, why=why, holder=holder)
        await self.settle()
        (answer,) = await self._answers([asked], lambda answer: False)
        return answer

    async def ask_all(
        self,
        kinds: Sequence[ItemKind[O, F]],
        *,
        until: Callable[[Answer[O, F]], bool] = lambda answer: False,
        due: timedelta | None = None,
    ) -> list[Answer[O, F]]:
        """Opens a work item of each kind at once, and returns the answers in the order in which they came. After the
        first answer for which `until` holds, the other items are withdrawn. `due` takes precedence over that of the
        kinds."""
        asked = [self._open(kind, due=due) for kind in kinds]
        await self.settle()
        return await self._answers(asked, until)

    def offer(self, kind: ItemKind[O, F], *, due_at: datetime, why: Why | None = None, holder: str = "") -> str:
        """Opens a work item with the next step, but does not wait for it. Returns its name, for `no_longer`. Its answer
        reaches the story as an event."""
        return self._open(kind, due=due_at - self.now, why=why, holder=holder).step

    def no_longer(self, step: str) -> None:
        """Withdraws an item that is still open, with the next step."""
        here.get().saying.withdraws.append(step)

    def _open(
        self, kind: ItemKind[O, F], *, due: timedelta | None = None, why: Why | None = None, holder: str = ""
    ) -> Asked[O, F]:
        asked = Asked(kind, self._step(kind.name), self.now, kind.due if due is None else due)
        item = OpenItem(kind.name, asked.step, asked.at + asked.due, holder, kind.party, why)
        here.get().saying.opens.append((item, asked.at))
        return asked

    async def _answers(self, asked: Sequence[Asked[O, F]], until: Callable[[Answer[O, F]], bool]) -> list[Answer[O, F]]:
        """Waits for the next mark of all open items, one mark after the other, until the items are answered or
        closed."""
        answers: list[Answer[O, F]] = []
        waiting = {one.step: one for one in asked}
        marks = sorted((at, one.step, act) for one in asked for at, act in one.marks())
        try:
            while waiting and not (answers and until(answers[-1])):
                marks = [mark for mark in marks if mark[1] in waiting]
                at, due, act = marks.pop(0) if marks else (None, "", "")
                deadline = Deadline(at, asked[0].at) if at else None
                step = await self._wait("answer", partial(self._first_answered, waiting), deadline)
                if step:
                    answers.append(self._answer(waiting.pop(step)))
                    marks = [(at, due, act), *marks] if at else marks
                elif await self._mark(due, act):
                    answers.append(_expired(waiting.pop(due)))
        except Overtaken:
            self._no_longer(waiting)
            raise
        self._no_longer(waiting)
        return answers

    def _no_longer(self, waiting: dict[str, Asked[O, F]]) -> None:
        for step in waiting:
            self.no_longer(step)

    def _first_answered(self, waiting: dict[str, Asked[O, F]]) -> str:
        return next((step for step in self._answers_by_step if step in waiting), "")

    def _answer(self, asked: Asked[O, F]) -> Answer[O, F]:
        came = self._answers_by_step[asked.step]
        return Answer(asked.kind, _outcome(asked.kind, came.outcome), from_wire(came.facts, asked.kind.facts), came.by)

    async def _mark(self, step: str, act: str) -> bool:
        """Reminds, escalates or expires. True when the item has closed by itself and was not answered a moment
        before."""
        saying = here.get().saying
        if act == WhenDue.EXPIRE.value:
            saying.expires.append(step)
            return step not in (await self.settle()).late
        (saying.escalates if act == WhenDue.ESCALATE.value else saying.reminds).append(step)
        await self.settle()
        return False

    # --- events outside, and time -------------------------------------------------------------------------------------

    async def wait_for_event(
        self,
        *signals: Signal[F],
        until: datetime | Deadline | None = None,
        where: Callable[[F], bool] = lambda facts: True,
    ) -> Event[F] | None:
        """The next of these signals whose facts match; None when `until` (aware UTC) passes first."""
        await self.settle()
        deadline = self.deadline(until) if isinstance(until, datetime) else until
        command = await self._wait("event", lambda: self._first_of(signals, where), deadline)
        return self._take(command, signals) if command else None

    def deadline(self, moment: datetime) -> Deadline:
        """That moment (aware UTC), moved by the time for which the case is frozen from now on. For several waits with
        one end."""
        return Deadline(moment, self.now)

    async def sleep_until(self, moment: datetime, *, by_the_clock: bool = False) -> None:
        """Sleeps until then (aware UTC), plus the time for which the case is frozen meanwhile. `by_the_clock` does not
        add that time: for what is agreed with people for a day and an hour. It never ends before the case is
        unfrozen."""
        await self.settle()
        await self._wait("time", lambda: "", Deadline(moment, self.now, by_the_clock))

    async def child(self, child: Child[F], facts: Facts | None = None) -> ChildEnded[F]:
        """Opens a case of another process under this one and waits for its end, however long it takes. `facts` are the
        facts of its opening."""
        step = self._step(child.process)
        here.get().saying.children.append(OpenChild(child.process, step, to_wire(facts or Nothing())))
        self.waiting("others")
        await self.settle()
        await self._wait("child", lambda: step if step in self._children else "")
        closed = self._children[step]
        return ChildEnded(Result(closed.result), from_wire(closed.facts, child.facts))

    def waiting(self, on: Turn, until: datetime | None = None) -> None:
        """Says whose turn it is while no work item is open."""
        saying = here.get().saying
        saying.waiting_on, saying.waiting_until = on, until

    @contextmanager
    def unless(self, *signals: Signal[Any]) -> Iterator[None]:
        """Within this block, one of these signals ends every other wait: `Overtaken` is raised, and the work items for
        which the story waited are withdrawn with the next step."""
        branch = here.get()
        before, branch.ended_by = branch.ended_by, signals
        try:
            yield
        finally:
            branch.ended_by = before

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _wait(self, of: str, found: Callable[[], str], until: Deadline | None = None) -> str:
        """The result of `found`; empty when `until` passed first. Raises `Overtaken`, or `Stopped` when the case was
        withdrawn."""
        ended_by = here.get().ended_by
        entry = await self._journal.enter(of, lambda: self._waited(found, until))
        if entry.code == _OVERTAKEN:
            raise Overtaken(self._take(entry.what, ended_by))
        return entry.what

    async def _waited(self, found: Callable[[], str], until: Deadline | None) -> Gave:
        branch = here.get()

        def overtaken() -> str:
            return self._first_of(branch.ended_by, lambda facts: True)

        def is_due() -> bool:
            return until is not None and workflow.now() >= self._moment(until)

        def goes_on() -> bool:
            stops = self._is_stopped or branch.abandoned
            return stops or (not self._is_frozen and (bool(overtaken() or found()) or is_due()))

        while True:
            self._check_stopped()
            if not self._is_frozen:
                if command := overtaken():
                    return Gave(what=command, code=_OVERTAKEN)
                if what := found():
                    return Gave(what=what)
                if is_due():
                    return Gave()
            await self._idle_until_due(goes_on, until)

    async def _idle_until_due(self, goes_on: Callable[[], bool], until: Deadline | None) -> None:
        """Sets a timer if none rings in time. Looks again when a timer has rung, or the case was frozen or unfrozen,
        because then it may be due later."""
        if until is not None and not self._is_frozen:
            self._clock.wake_by(self._moment(until))
        rung, frozen = self._clock.rung, self._is_frozen
        await self._idle(
            lambda: goes_on() or (until is not None and (self._clock.rung, self._is_frozen) != (rung, frozen))
        )

    def _moment(self, until: Deadline) -> datetime:
        return until.moment if until.by_the_clock else until.moment + self._held(until.since)

    def _first_of(self, signals: Sequence[Signal[F]], where: Callable[[F], bool]) -> str:
        """The command of the first event that matches and was not taken up yet."""
        wanted = {signal.name: signal for signal in signals}
        for happened in self._happenings:
            signal = wanted.get(happened.kind)
            if signal and happened.command not in self._taken and where(from_wire(happened.facts, signal.facts)):
                return happened.command
        return ""

    def _take(self, command: str, signals: Sequence[Signal[F]]) -> Event[F]:
        self._taken.add(command)
        happened: Happened = next(one for one in self._happenings if one.command == command)
        signal = next(signal for signal in signals if signal.name == happened.kind)
        return Event(signal, from_wire(happened.facts, signal.facts))

    def _step(self, name: str) -> str:
        """The name of a step within the case. Asking for the same kind again is another step with another name."""
        count = self._next(name)
        return name if count == 1 else f"{name}-{count}"


def _expired(asked: Asked[O, F]) -> Answer[O, F]:
    return Answer(asked.kind, _outcome(asked.kind, EXPIRED), asked.kind.facts())


def _outcome(kind: ItemKind[O, F], value: str) -> O:
    """Raises `ValueError` for an outcome that the kind does not have, from a later version of the back office."""
    for outcome in kind.outcomes:
        if outcome.value == value:
            return outcome
    raise ValueError(f"{kind.name} has no outcome “{value}”")
