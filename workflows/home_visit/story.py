"""Home visit: a visitor of ours and the customer prove to each other who they are, at the customer's door.

PROPOSED → CONFIRMED → ASSIGNED → DAY_BEFORE → WINDOW_OPEN → AT_DOOR → HANDSHAKE → ID_CHECK → {match | mismatch |
refused | not home | unsafe} → on match REVIEW by a second pair of eyes → PASSED. Under another case, or by itself.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened, Why
from workflows.base.process import Process
from workflows.base.spec import CASE_DONE, Result
from workflows.home_visit.facts import (
    Alarm,
    AlarmLookedInto,
    AlarmRaised,
    Alternative,
    Assigned,
    Cancelled,
    Checked,
    CheckedIn,
    Choice,
    Chosen,
    Entered,
    Met,
    MismatchLookedInto,
    OtherWay,
    Reviewed,
    VisitClosing,
    VisitOpening,
    VisitResult,
    Window,
)
from workflows.home_visit.spec import (
    ASSIGN,
    ASSIGN_VISITOR,
    CALLED_OFF_NOTICE,
    CHECK_IN,
    CHOOSE_ALTERNATIVE,
    CHOOSE_VISIT,
    COMPARE_HALF,
    CONFIRMED_NOTICE,
    DAY_BEFORE_NOTICE,
    ENTER_HALF,
    FREEZE,
    HALF_DIFFERENT,
    HOME_VISIT,
    ID_CHECK,
    LOOK_INTO_ALARM,
    LOOK_INTO_MISMATCH,
    MEET,
    MISSED,
    MISSED_NOTICE,
    NOBODY_EXPECTED,
    NOBODY_HOME_NOTICE,
    OTHER_WAY_NOTICE,
    PERIODS,
    PROPOSE_NOTICE,
    RAISE_ALARM,
    RELEASE,
    REVIEW,
    TIMES_NOT_HOME,
    VISIT_CANCELLED,
    VISIT_MOVED,
    VISITOR_UNSAFE,
    VisitEnding,
    VisitStage,
)

ENDS_A_VISIT = (VISIT_MOVED, VISIT_CANCELLED, NOBODY_EXPECTED, HALF_DIFFERENT, VISITOR_UNSAFE)
"""What the customer or the visitor may report at any time during an agreed visit."""


class Ended(StrEnum):
    """How an agreed visit ended, when nobody needs to be alarmed."""

    MATCH = "match"
    MISMATCH = "mismatch"
    REFUSED = "refused"
    NOT_HOME = "not_home"
    MISSED = "missed"
    MOVED = "moved"
    CANCELLED = "cancelled"


@workflow.defn(name=HOME_VISIT.name)
class HomeVisit(Process[VisitOpening]):
    spec = HOME_VISIT
    result: VisitResult | None = None
    alternative: OtherWay | None = None
    window: Window
    not_home = 0

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def closing(self) -> VisitClosing:
        return VisitClosing(result=self.result, alternative=self.alternative)

    def farewell(self, result: Result) -> None:
        """Under another case, that case tells the customer how it goes on."""
        if not self.opening.under:
            super().farewell(result)

    async def story(self) -> None:
        self.undo_by(RELEASE)
        self.notify(PROPOSE_NOTICE)
        await self._propose()
        while self.result is None:
            await self._go_on(await self._visit())
        if self.result is VisitResult.MISMATCH:
            raise self.ends(VisitEnding.IDENTITY_MISMATCH)
        if not self.opening.under:
            self.notify(CASE_DONE)

    async def _propose(self) -> None:
        """PROPOSED: the customer books a window, chooses another way, or stays silent."""
        self.enter(VisitStage.PROPOSED)
        choice = await self.ask(CHOOSE_VISIT)
        match choice.outcome:
            case Chosen.BOOKED:
                self.window = _booked(choice.facts)
            case Chosen.DECLINED:
                self.result, self.alternative = VisitResult.DECLINED, choice.facts.alternative
            case Chosen.EXPIRED:
                self.result = VisitResult.UNREACHABLE
            case _:
                assert_never(choice.outcome)

    async def _visit(self) -> Ended | Alarm:
        """An agreed visit to its end: the visitor's result, or what came in between."""
        try:
            with self.unless(*ENDS_A_VISIT):
                visitor = await self._until_the_window()
                return await self._at_the_door(visitor) if visitor else Ended.MISSED
        except Overtaken as overtaken:
            match overtaken.event.facts:
                case Window() as moved:
                    self.window = moved
                    return Ended.MOVED
                case Cancelled(alternative=alternative):
                    self.alternative = alternative
                    return Ended.CANCELLED
                case _:
                    return Alarm(overtaken.event.signal.name)

    async def _until_the_window(self) -> str:
        """CONFIRMED → ASSIGNED → DAY_BEFORE → WINDOW_OPEN → the visitor checks in. Returns the visitor's opaque id;
        empty when nobody came."""
        starts, ends = self.window.starts, self.window.ends
        self.enter(VisitStage.CONFIRMED)
        self.notify(CONFIRMED_NOTICE)
        visitor = (await self.do(ASSIGN)).visitor
        if not visitor:
            last_call = max(starts, self.now + PERIODS.somebody_assigns)
            assignment = await self.ask(ASSIGN_VISITOR, due_at=min(last_call, ends))
            if assignment.outcome is not Assigned.ASSIGNED:
                return ""
            visitor = assignment.facts.visitor
        self.enter(VisitStage.ASSIGNED)
        self.waiting("us", starts)
        if self.now < starts - PERIODS.notice_before_the_window:
            await self.sleep_until(starts - PERIODS.notice_before_the_window, by_the_clock=True)
            self.enter(VisitStage.DAY_BEFORE)
            self.notify(DAY_BEFORE_NOTICE)
            self.waiting("us", starts)
        await self.sleep_until(starts - PERIODS.early_or_late_at_the_door, by_the_clock=True)
        last_moment = ends + PERIODS.early_or_late_at_the_door
        if self.now >= last_moment:
            return ""
        self.enter(VisitStage.WINDOW_OPEN)
        arrival = await self.ask(CHECK_IN, due_at=last_moment, holder=visitor)
        return visitor if arrival.outcome is CheckedIn.ARRIVED else ""

    async def _at_the_door(self, visitor: str) -> Ended | Alarm:
        """AT_DOOR → HANDSHAKE → ID_CHECK. No news from the visitor is an alarm."""
        self.enter(VisitStage.AT_DOOR)
        meeting = await self.ask(MEET, due_at=self._alarm_at, holder=visitor)
        match meeting.outcome:
            case Met.OPENED:
                return await self._handshake(visitor)
            case Met.NOT_HOME:
                return Ended.NOT_HOME
            case Met.REFUSED:
                return Ended.REFUSED
            case Met.EXPIRED:
                return Alarm.NO_RESULT
            case _:
                assert_never(meeting.outcome)

    async def _handshake(self, visitor: str) -> Ended | Alarm:
        """HANDSHAKE: the customer compares while the visitor waits for the customer's half; then ID_CHECK."""
        self.enter(VisitStage.HANDSHAKE)
        comparing = self.offer(COMPARE_HALF, due_at=self.now + PERIODS.handshake)
        try:
            shown = await self.ask(ENTER_HALF, due_at=self._alarm_at, holder=visitor)
        finally:
            self.no_longer(comparing)
        match shown.outcome:
            case Entered.PROVEN:
                return await self._check_identity(visitor)
            case Entered.AGAIN:
                return await self._handshake(visitor)
            case Entered.NOT_PROVEN:
                return Alarm.NOT_PROVEN
            case Entered.REFUSED:
                return Ended.REFUSED
            case Entered.EXPIRED:
                return Alarm.NO_RESULT
            case _:
                assert_never(shown.outcome)

    async def _check_identity(self, visitor: str) -> Ended | Alarm:
        """ID_CHECK: what the visitor found."""
        self.enter(VisitStage.ID_CHECK)
        check = await self.ask(ID_CHECK, due_at=self._alarm_at, holder=visitor)
        match check.outcome:
            case Checked.MATCH:
                return Ended.MATCH
            case Checked.MISMATCH:
                return Ended.MISMATCH
            case Checked.REFUSED:
                return Ended.REFUSED
            case Checked.EXPIRED:
                return Alarm.NO_RESULT
            case _:
                assert_never(check.outcome)

    @property
    def _alarm_at(self) -> datetime:
        return self.window.ends + PERIODS.alarm_without_a_result

    async def _go_on(self, ended: Ended | Alarm) -> None:
        """What follows from how a visit ended."""
        match ended:
            case Ended.MATCH:
                await self._review()
            case Ended.MISMATCH:
                await self._look_into_mismatch()
            case Ended.REFUSED:
                self.result = VisitResult.REFUSED
            case Ended.NOT_HOME:
                await self._after_nobody_was_home()
            case Ended.MISSED:
                await self.do(MISSED)
                self.notify(MISSED_NOTICE)
                await self._propose()
            case Ended.MOVED:
                pass
            case Ended.CANCELLED:
                self.result = VisitResult.DECLINED
            case Alarm():
                await self._look_into_alarm(ended)
            case _:
                assert_never(ended)

    async def _after_nobody_was_home(self) -> None:
        self.not_home += 1
        if self.not_home == TIMES_NOT_HOME:
            await self._offer_another_way(VisitResult.UNREACHABLE)
        else:
            self.notify(NOBODY_HOME_NOTICE)
            await self._propose()

    async def _review(self) -> None:
        """REVIEW by a person who did not ask for the case and did not make the visit."""
        self.enter(VisitStage.REVIEW)
        review = await self.ask(REVIEW)
        match review.outcome:
            case Reviewed.PASSED:
                self.enter(VisitStage.PASSED)
                self.result = VisitResult.PASSED
            case Reviewed.REPEAT:
                self.notify(PROPOSE_NOTICE)
                await self._propose()
            case Reviewed.MISMATCH:
                await self._look_into_mismatch()
            case _:
                assert_never(review.outcome)

    async def _look_into_mismatch(self) -> None:
        """The family of cases is frozen. Meanwhile compliance looks into it; a supervisor lets it go on."""
        self.enter(VisitStage.SUSPICION)
        await self.do(FREEZE)
        found = await self.ask(LOOK_INTO_MISMATCH)
        match found.outcome:
            case MismatchLookedInto.CONFIRMED:
                self.result = VisitResult.MISMATCH
            case MismatchLookedInto.CLEARED:
                self.notify(PROPOSE_NOTICE)
                await self._propose()
            case _:
                assert_never(found.outcome)

    async def _look_into_alarm(self, why: Alarm) -> None:
        """The visit is over; a supervisor calls those concerned and says how it goes on."""
        self.enter(VisitStage.ALARM)
        await self.do(RAISE_ALARM, AlarmRaised(why=why))
        if why in (Alarm.NOBODY_EXPECTED, Alarm.HALF_DIFFERENT):
            self.notify(CALLED_OFF_NOTICE)
        found = await self.ask(LOOK_INTO_ALARM, why=Why(why.value))
        match found.outcome:
            case AlarmLookedInto.NEW_VISIT:
                self.notify(PROPOSE_NOTICE)
                await self._propose()
            case AlarmLookedInto.ALTERNATIVE:
                await self._offer_another_way(VisitResult.DECLINED)
            case _:
                assert_never(found.outcome)

    async def _offer_another_way(self, result: VisitResult) -> None:
        self.enter(VisitStage.ALTERNATIVE)
        self.notify(OTHER_WAY_NOTICE)
        choice = await self.ask(CHOOSE_ALTERNATIVE)
        match choice.outcome:
            case Alternative.EXPIRED:
                self.result = VisitResult.UNREACHABLE
            case Alternative.BRANCH | Alternative.REMOTE | Alternative.POST:
                self.result, self.alternative = result, OtherWay(choice.outcome.value)
            case _:
                assert_never(choice.outcome)


def _booked(choice: Choice) -> Window:
    if choice.starts is None or choice.ends is None:
        raise ValueError("a booking without its window")
    return Window(starts=choice.starts, ends=choice.ends)
