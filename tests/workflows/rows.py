"""Replaces the rows of a case: it notes what the process asks for, and applies or holds back steps as the rows would.
The rule for that is the rows' own rule (`cases/numbering.py`). What real rows would hold is tested in the tests of each
room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio.exceptions import ApplicationError

from backoffice.cases import numbering
from backoffice.cases.numbering import Verdict
from workflows.base.contracts import Close, Done, MakeCall, OpenItem, OutsideCall, Said, Transition, Wire

Gives = Wire | Callable[[Wire], Wire]
"""What an effect or a call answers, or a function of its arguments that gives it."""


def away_for(pause: timedelta = timedelta(seconds=1)) -> Gives:
    """The result of an outside system that does not answer; it is tried again after `pause`."""

    def away(args: Wire) -> Wire:
        raise ApplicationError("http_503", type="OutsideUnavailable", next_retry_delay=pause)

    return away


@dataclass(frozen=True)
class Step:
    """What was done at once, at the process's own time. `number` is 0 for what was said before a call."""

    number: int
    at: datetime
    said: Said


@dataclass
class Rows:
    gives: dict[str, list[Gives]] = field(default_factory=dict)
    failures: dict[str, list[str]] = field(default_factory=dict)
    """The codes with which the next calls of a name are refused for good."""
    done: list[Step] = field(default_factory=list)
    tries: list[MakeCall] = field(default_factory=list)
    """Each time that an outside system was asked, with any result."""
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
    runs: list[str] = field(default_factory=list)
    """The runs of the process, each once, in their order."""
    breaks: Callable[[], None] | None = None
    """Called when an outside system is to be asked next, once: then nothing is done, and the try has failed."""
    loses: int = 0
    """How many of the next answers to a step get lost on their way."""

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

    def at(self, number: int = -1) -> datetime:
        """The process's own time of a step."""
        return self.done[number].at

    def is_away(self, call: str, *, pause: timedelta = timedelta(seconds=1)) -> None:
        """The outside system does not answer this call, until `gives` says otherwise; tried again after `pause`."""

        self.gives[call] = [away_for(pause)]

    # --- what it lets pass --------------------------------------------------------------------------------------------

    def apply(self, step: Transition) -> Done:
        verdict = self._judge(step)
        if verdict is Verdict.REMEMBERED:
            return self.results[step.number]
        if verdict is Verdict.TAKEN:
            return Done(taken=True)
        if verdict is not Verdict.NEXT:
            return Done(held=verdict.value)
        for call in step.calls:
            self._make(call, step.at)
        facts = self._do(step.number, step.at, step.said)
        self.applied, self.marks[step.number] = step.number, numbering.mark_of(step.said)
        done = Done(facts=facts, late=tuple(name for name in step.said.expires if name in self.answered))
        self.results[step.number] = done
        if self.loses:
            self.loses -= 1
            raise ApplicationError("the connection broke after the commit", type="Lost")
        return done

    def call(self, asked: OutsideCall) -> Done:
        if breaks := self.breaks:
            self.breaks = None
            breaks()
            raise ApplicationError("the connection broke before anything was done", type="Lost")
        if asked.call.key not in self.made:
            held = numbering.held(state=self.state, compensating=asked.compensating)
            if held:
                return Done(held=held.value)
            if not asked.brief:
                self._begin(asked.call, asked.at)
            self._make(asked.call, asked.at)
        return Done(facts=self.made[asked.call.key])

    def _judge(self, step: Transition) -> Verdict:
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

    def _do(self, number: int, at: datetime, said: Said) -> Wire:
        """What the last effect answers."""
        if said.no_return:
            self.acts.append("no return")
        facts: Wire = {}
        for effect in said.effects:
            self.acts.append(effect.name)
            facts = self._given(effect.name, effect.args)
        if said.stage:
            self.acts.append(f"stage {said.stage}")
        self.done.append(Step(number, at, said))
        return facts

    def _given(self, name: str, args: Wire) -> Wire:
        answers = self.gives.get(name)
        if not answers:
            return {}
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        return given(args) if callable(given) else given

    def _begin(self, call: MakeCall, at: datetime) -> None:
        if call.key not in self.begun:
            self.begun.add(call.key)
            if call.before != Said():
                self._do(0, at, call.before)

    def _make(self, call: MakeCall, at: datetime) -> None:
        if call.key in self.made:
            return
        if call.before.no_return or call.before.effects:
            self._begin(call, at)
        self.tries.append(call)
        if self.failures.get(call.name):
            self._begin(call, at)
            code = self.failures[call.name].pop(0)
            raise ApplicationError(code, call.key, type="OutsideRefused", non_retryable=True)
        facts = self._given(call.name, call.args)
        self._begin(call, at)
        self.acts.append(call.name)
        self.made[call.key] = facts
