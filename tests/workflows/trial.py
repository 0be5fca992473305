"""A process that does everything that a process can do, scene by scene. Only for tests of the base."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import (
    Call,
    Child,
    Effect,
    Ending,
    Facts,
    ItemKind,
    Nothing,
    Notice,
    Outcome,
    PartyRole,
    Performer,
    Periods,
    ProcessSpec,
    Result,
    Signal,
    Stage,
    WhenDue,
)


class Scene(StrEnum):
    PARTIES = "parties"
    BRANCHES = "branches"
    CALLS = "calls"
    ALL = "all"
    CHANGED = "changed"


class TrialOpening(Facts, frozen=True):
    scene: Scene


class TrialStage(Stage):
    ASKED = "asked", "Asked", "Asked"
    AGREED = "agreed", "Agreed", "Agreed"
    LOCKED = "locked", "Locked", "Locked"
    EXECUTED = "executed", "Executed", "Executed"


class TrialEnding(Ending):
    REFUSED = "refused", Result.REJECTED, "One of the parties refused."


class Confirmed(Outcome):
    CONFIRMED = "confirmed", "confirmed"
    REFUSED = "refused", "refused"
    EXPIRED = "expired", "not done in time"


class Checked(Outcome):
    RIGHT = "right", "right"
    WRONG = "wrong", "wrong"


class Seen(Facts, frozen=True):
    """How many pages somebody saw."""

    pages: int = 0


class Reference(Facts, frozen=True):
    """The outside system's reference."""

    reference: str


class Number(Facts, frozen=True):
    number: int = 0


@dataclass(frozen=True)
class TrialPeriods(Periods):
    confirmation: timedelta = timedelta(days=7)
    check: timedelta = timedelta(days=2)


DEPLOYED = False
"""A test sets it, as a deploy would change the story."""
REWRITTEN = False
"""The same, by somebody who forgot the cases that are under way."""
PERIODS = TrialPeriods()
NEW_HOLDER = PartyRole(name="new_holder", title="the new holder")

OLD_CONFIRMS = ItemKind(
    name="old_confirms",
    title="The holder confirms",
    performer=Performer.CUSTOMER,
    outcomes=Confirmed,
    facts=Seen,
    due=PERIODS.confirmation,
    when_due=WhenDue.EXPIRE,
)
NEW_CONFIRMS = ItemKind(
    name="new_confirms",
    title="The new holder confirms",
    performer=Performer.PARTY,
    party=NEW_HOLDER.name,
    outcomes=Confirmed,
    facts=Seen,
    due=PERIODS.confirmation,
    when_due=WhenDue.EXPIRE,
)
CHECK = ItemKind(
    name="check",
    title="Check it",
    performer=Performer.ROLE,
    role="support agent",
    part="checker",
    outcomes=Checked,
    facts=Nothing,
    due=PERIODS.check,
)

RESERVE = Effect(name="reserve", args=Number, answer=Reference)
FREE = Effect(name="free", args=Number, answer=Nothing, undoes="reserve")
NOTE = Effect(name="note", args=Nothing, answer=Nothing)
LOCK = Call(name="lock", system="registry", args=Number, answer=Nothing)
UNLOCK = Call(name="unlock", system="registry", args=Number, answer=Nothing, undoes="lock")
EXECUTE = Call(name="execute", system="registry", args=Nothing, answer=Reference)
TELL_BILLER = Call(name="tell_biller", system="biller", args=Nothing, answer=Nothing)
NEWS = Signal(name="news", facts=Number)
ABORTED = Signal(name="aborted", facts=Nothing)
BELOW = Child(process="trial", facts=Number)
STARTED = Notice(name="started", about="It says that it has begun.")
AGREED = Notice(name="agreed", about="It says that all agreed.", shows=("until",))
FINISHED = Notice(name="finished", about="It says that it is done.")

TRIAL = ProcessSpec(
    name="trial",
    title="Trial",
    customer_title="Trial",
    stages=TrialStage,
    endings=TrialEnding,
    kinds=(OLD_CONFIRMS, NEW_CONFIRMS, CHECK),
    notices=(STARTED, AGREED, FINISHED),
    periods=PERIODS,
    effects=(RESERVE, FREE, NOTE),
    calls=(LOCK, UNLOCK, EXECUTE, TELL_BILLER),
    signals=(NEWS, ABORTED),
    parties=(NEW_HOLDER,),
    children=(BELOW,),
    opening=TrialOpening,
    closing=Number,
)


@workflow.defn(name=TRIAL.name)
class Trial(Process[TrialOpening]):
    """Closes with the number of pages that were seen, and of news that were heard."""

    spec = TRIAL
    number = 0

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def closing(self) -> Number:
        return Number(number=self.number)

    async def story(self) -> None:
        match self.opening.scene:
            case Scene.PARTIES:
                await self._play_parties()
            case Scene.BRANCHES:
                await self._play_branches()
            case Scene.CALLS:
                await self._play_calls()
            case Scene.ALL:
                await self._play_all()
            case Scene.CHANGED:
                await self._play_changed()

    async def _play_parties(self) -> None:
        self.enter(TrialStage.ASKED)
        answers = await self.ask_all(
            [OLD_CONFIRMS, NEW_CONFIRMS], until=lambda answer: answer.outcome is not Confirmed.CONFIRMED
        )
        self.number = sum(answer.facts.pages for answer in answers)
        if any(answer.outcome is not Confirmed.CONFIRMED for answer in answers):
            raise self.ends(TrialEnding.REFUSED)
        self.enter(TrialStage.AGREED)
        self.notify(AGREED, until=self.now)

    async def _play_branches(self) -> None:
        """Each party goes its own way at once: asked, written down, and carried out."""
        seen = await self.together(self._way(OLD_CONFIRMS), self._way(NEW_CONFIRMS))
        self.number = sum(seen)
        self.notify(FINISHED)

    async def _way(self, kind: ItemKind[Confirmed, Seen]) -> int:
        answer = await self.ask(kind)
        await self.do(RESERVE, Number(number=answer.facts.pages), undo=FREE)
        if kind is OLD_CONFIRMS:
            await self.call(EXECUTE)
        return answer.facts.pages

    async def _play_calls(self) -> None:
        self.enter(TrialStage.LOCKED)
        await self.call(LOCK, Number(number=7), undo=UNLOCK)
        self.notify(STARTED)
        await self.call(TELL_BILLER)
        await self.ask(CHECK)
        self.enter(TrialStage.EXECUTED)
        done = await self.call(EXECUTE, irrevocable=True)
        self.number = len(done.reference)
        self.notify(FINISHED)

    async def _play_all(self) -> None:
        """Every kind of step, one after the other, and parts at once in the midst."""
        self.enter(TrialStage.ASKED)
        await self.call(LOCK, Number(number=7), undo=UNLOCK)
        self.notify(STARTED)
        first = await self.ask(OLD_CONFIRMS)
        await self.do(RESERVE, Number(number=first.facts.pages), undo=FREE)
        offered = self.offer(NEW_CONFIRMS, due_at=self.now + PERIODS.confirmation)
        news = await self.wait_for_event(NEWS, until=self.now + timedelta(days=10), where=lambda news: news.number > 1)
        self.no_longer(offered)
        self.number = news.facts.number if news else 0
        try:
            with self.unless(ABORTED):
                await self.sleep_until(self.now + timedelta(days=3))
        except Overtaken:
            self.number += 100
        below = await self.child(BELOW)
        self.number += below.facts.number
        checks = await self.together(self._check(), self._check())
        self.number += sum(checks)
        self.enter(TrialStage.EXECUTED)
        await self.call(EXECUTE, irrevocable=True)
        self.notify(FINISHED)

    async def _play_changed(self) -> None:
        """Since a deploy it is checked first."""
        if REWRITTEN or (DEPLOYED and self.knows("it is checked first")):
            await self.ask(CHECK)
        await self.ask(OLD_CONFIRMS)
        await self.ask(NEW_CONFIRMS)

    async def _check(self) -> int:
        check = await self.ask(CHECK)
        await self.do(NOTE)
        return 1 if check.outcome is Checked.RIGHT else 0
