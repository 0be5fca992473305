"""Call-back: we call a customer at a time that they chose, and prove first who we are.

TRIGGERED → BUDGET? {spent or quiet: WAIT} → SLOT (the customer chooses; who stays silent gets the next free time) →
ANNOUNCED → DIALLING {nobody of us dials: an apology, and a new time first in line} → COMPANY_PROOF {unsure: RING_BACK,
their place is kept for 24 hours} → CUSTOMER_PROOF (only where the content needs it) → TALK → WRAP_UP → SURVEY (48 hours
later) → CLOSED. Not answered: again, within the budget, at most seven times in seven days. Moved, called off, declined
or rung back at any time before.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from temporalio import workflow

from workflows.base.asking import Deadline, Event, Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import ItemKind, Nothing, Result
from workflows.call_back.facts import (
    LEAVES_AS_IT_WAS,
    Booked,
    CallBackOpening,
    CallBackResult,
    CalledBack,
    CalledOff,
    CallMade,
    Chosen,
    Dialled,
    KeptUntil,
    Reached,
    Surveyed,
    TimeFound,
    Window,
)
from workflows.call_back.spec import (
    ANNOUNCE,
    ANNOUNCED_NOTICE,
    ASK_LATER,
    BOOK_NEXT,
    CALL,
    CALL_BACK_SPEC,
    CALL_BY_SUPERVISOR,
    CALL_CALLED_OFF,
    CALL_DIALLED,
    CALL_MOVED,
    CALL_PROGRESS,
    CHOOSE_NOTICE,
    CHOOSE_WINDOW,
    ENDED_NOTICE,
    FIND_TIME,
    GIVE_UP_WINDOW,
    KEEP_PLACE,
    MAY_WE_CALL,
    MISSED_NOTICE,
    NOBODY_DIALS,
    NOBODY_WRITES,
    NOT_REACHED_NOTICE,
    PERIODS,
    RANG_BACK,
    RING_BACK_NOTICE,
    SUPERVISOR_CALLS,
    SURVEY,
    SURVEY_NOTICE,
    TRIES,
    CallBackEnding,
    CallBackStage,
)

MEANWHILE = (CALL_MOVED, CALL_CALLED_OFF, RANG_BACK)
"""What the customer may do at any time while nobody is calling."""
STAGES = {
    Reached.ANSWERED: CallBackStage.COMPANY_PROOF,
    Reached.COMPANY_PROVEN: CallBackStage.CUSTOMER_PROOF,
    Reached.TALK: CallBackStage.TALK,
}


@workflow.defn(name=CALL_BACK_SPEC.name)
class CallBack(Process[CallBackOpening]):
    spec = CALL_BACK_SPEC
    result: CallBackResult | None = None
    ending: CallBackEnding | None = None
    window: Window | None = None
    soon = False
    """The next free time is taken without asking the customer first."""
    place_kept: datetime | None = None
    """Until when the customer may ring us back."""
    told: Window | datetime | None = None
    """What the customer was told last: when we call, or until when they may ring us."""
    tries = 0
    first_try: datetime | None = None

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def closing(self) -> CalledBack:
        return CalledBack(result=self.result)

    def farewell(self, result: Result) -> None:
        """Also under another case: whoever expected a call must know that none comes."""
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE, how=self.ending.value if self.ending else result.value)

    async def story(self) -> None:
        if self.opening.survey:
            return await self._survey()
        self.enter(CallBackStage.TRIGGERED)
        self.soon, self.window = self.opening.soon, _window(self.opening.booked)
        while self.result is None:
            agent, rang = await self._until_a_call()
            if agent:
                await self._after(await self._talk(agent, rang=rang), rang=rang)
        if self.ending is not None:
            raise self.ends(self.ending)
        if self.opening.under:
            await self.do(ASK_LATER)
        else:
            await self._survey()
        return None

    # --- before a call ------------------------------------------------------------------------------------------------

    async def _until_a_call(self) -> tuple[str, bool]:
        """The opaque id of who calls, or of who took the customer's own call, and whether it is one. Empty where there
        is no call: the window passed, or the customer moved it or called it off."""
        try:
            with self.unless(*MEANWHILE):
                if self.place_kept is not None:
                    await self._keep_place(self.place_kept)
                if self.window is None:
                    await self._find_window()
                return (await self._dialled(self.window) if self.window else ""), False
        except Overtaken as overtaken:
            match overtaken.event.facts:
                case Window() as moved:
                    self.window, self.place_kept = moved, None
                case CalledOff(for_good=for_good):
                    self._decline(CallBackEnding.DECLINED if for_good else CallBackEnding.CALLED_OFF)
                case Dialled(agent=agent):
                    return agent, True
            return "", False

    async def _keep_place(self, until: datetime) -> None:
        """RING_BACK: whoever wants to be sure rings us, and keeps their place for a day."""
        self.enter(CallBackStage.RING_BACK)
        if self.told != until:
            await self.do(KEEP_PLACE, KeptUntil(until=until))
            self.notify(RING_BACK_NOTICE, until=until)
            self.told = until
        self.waiting("customer", until)
        await self.sleep_until(until)
        self.place_kept = None

    def _decline(self, ending: CallBackEnding) -> None:
        self.result, self.ending = CallBackResult.DECLINED, ending

    def _fail(self, ending: CallBackEnding) -> None:
        self.result, self.ending = CallBackResult.NOT_REACHED, ending

    async def _find_window(self) -> None:
        """BUDGET? → SLOT. Sets the window, or how the case ends."""
        if not await self._may_call():
            self._fail(CallBackEnding.NO_NUMBER)
            return
        if not self.soon:
            self.enter(CallBackStage.SLOT)
            self.notify(CHOOSE_NOTICE)
            choice = await self.ask(CHOOSE_WINDOW)
            if choice.outcome is Chosen.DECLINED:
                self._decline(CallBackEnding.DECLINED)
                return
            self.window = _window(choice.facts)
        if self.window is None:
            self.window = _window(await self.do(BOOK_NEXT))
        if self.window is None:
            found = await self.ask(FIND_TIME)
            self.window = _window(found.facts)
            if found.outcome is TimeFound.NOBODY:
                self._fail(CallBackEnding.NOBODY_CAN_CALL)

    async def _may_call(self) -> bool:
        """WAIT: until the contact budget and the quiet hours let us call. False where there is no number."""
        while True:
            may = await self.do(MAY_WE_CALL)
            if not may.number:
                return False
            if may.until is None or may.until <= self.now:
                return True
            self.enter(CallBackStage.WAIT)
            self.waiting("us", may.until)
            await self.sleep_until(may.until, by_the_clock=True)

    async def _dialled(self, window: Window) -> str:
        """ANNOUNCED → DIALLING. Who dials, by opaque id; empty where the window passed and nobody did."""
        self.enter(CallBackStage.ANNOUNCED)
        if self.told != window:
            await self.do(ANNOUNCE, window)
            self.notify(ANNOUNCED_NOTICE)
            self.told = window
        self.waiting("us", window.starts)
        await self.sleep_until(window.starts - PERIODS.preparation, by_the_clock=True)
        step = self.offer(self._kind, due_at=max(window.starts, self.now))
        try:
            dialled = await self._dialling(window.starts + PERIODS.raised_into_the_window)
            if dialled is None:
                await self.do(NOBODY_DIALS)
                dialled = await self._dialling(window.ends)
            if dialled is None and not (await self.do(GIVE_UP_WINDOW)).missed:
                dialled = await self.wait_for_event(CALL_DIALLED)
        except Overtaken:
            self.no_longer(step)
            raise
        if dialled is not None:
            return dialled.facts.agent
        self.no_longer(step)
        self._missed()
        return ""

    def _missed(self) -> None:
        self.notify(MISSED_NOTICE)
        self.window, self.soon = None, False

    async def _dialling(self, until: datetime) -> Event[Dialled] | None:
        return await self.wait_for_event(CALL_DIALLED, until=Deadline(until, self.now, by_the_clock=True))

    @property
    def _kind(self) -> ItemKind[CallMade, Nothing]:
        return CALL_BY_SUPERVISOR if self.opening.supervisor else CALL

    # --- a call -------------------------------------------------------------------------------------------------------

    async def _talk(self, agent: str, *, rang: bool) -> CallMade:
        """DIALLING → COMPANY_PROOF → CUSTOMER_PROOF → TALK → WRAP_UP: what came of it. Nobody can skip the wrap-up; a
        supervisor is asked for what the agent does not write down. A customer who rang us needs no dialling."""
        if rang:
            self.offer(self._kind, due_at=self.now + PERIODS.wrap_up, holder=agent)
            self.enter(CallBackStage.COMPANY_PROOF)
        else:
            self.enter(CallBackStage.DIALLING)
        until: datetime | None = self.now + PERIODS.longest_call
        while True:
            came = await self.wait_for_event(CALL_PROGRESS, until=until)
            if came is None:
                await self.do(NOBODY_WRITES)
                until = None
                continue
            if came.facts.outcome is not None:
                return came.facts.outcome
            if came.facts.to is Reached.OVER:
                self.enter(CallBackStage.WRAP_UP)
                until = self.now + PERIODS.wrap_up
            else:
                self.enter(STAGES[came.facts.to])

    async def _after(self, made: CallMade, *, rang: bool) -> None:
        """What follows from how a call ended."""
        if rang and made in LEAVES_AS_IT_WAS and self.knows("callers-prove-themselves"):
            return await self._as_it_was()
        self.window, self.place_kept, self.soon = None, None, True
        match made:
            case CallMade.SPOKEN:
                self.result = CallBackResult.SPOKEN
            case CallMade.DECLINED:
                self._decline(CallBackEnding.DECLINED)
            case CallMade.RINGS_BACK:
                self.place_kept = self.now + PERIODS.place_kept
            case CallMade.NOT_REACHED | CallMade.OTHER_PERSON | CallMade.BROKEN_OFF:
                self._try_again()
            case _:
                assert_never(made)
        return None

    async def _as_it_was(self) -> None:
        """Whoever rang us has not proven that they are the customer, or was cut off. What was agreed with the customer
        stays, and is not told again."""
        if self.place_kept is not None and self.place_kept <= self.now:
            self.place_kept = None
        if self.window is not None and self.window.ends <= self.now:
            await self.do(GIVE_UP_WINDOW)
            self._missed()

    def _try_again(self) -> None:
        """At most seven times in seven days; the contact budget may allow fewer. The message names no matter."""
        self.tries += 1
        self.first_try = self.first_try or self.now
        if self.tries >= TRIES or self.now >= self.first_try + PERIODS.keep_trying:
            self._fail(CallBackEnding.NOT_REACHED)
        else:
            self.notify(NOT_REACHED_NOTICE)

    # --- after it -----------------------------------------------------------------------------------------------------

    async def _survey(self) -> None:
        """SURVEY: two questions, 48 hours after the call. Who is not content is called by a supervisor, once."""
        await self.sleep_until(self.now + PERIODS.survey_after)
        self.enter(CallBackStage.SURVEY)
        self.notify(SURVEY_NOTICE, until=self.now + PERIODS.survey)
        survey = await self.ask(SURVEY)
        if survey.outcome is Surveyed.DISCONTENT and not self.opening.supervisor:
            await self.do(SUPERVISOR_CALLS)


def _window(booked: Booked) -> Window | None:
    return Window(starts=booked.starts, ends=booked.ends) if booked.starts and booked.ends else None
