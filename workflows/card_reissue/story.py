"""Card reissue: from a loss, a theft, a fraud, a broken or an expiring card to an activated new one.

OPENED → BLOCKED (lost, stolen, fraud: at once) → TOLD → PROVEN (level 2; who stays silent is CALLED BACK) → SURVEY {a
secret was told: a CALL, and a pause where it may open more than the card} → RISK {low | high: HOME VISIT or another way
to be identified} → APPROVAL (high risk, or a changed address or number) → ORDERED (point of no return) → SHIPPED
(activation is open from here on) → {DELIVERED | RETURNED | LOST: the customer is asked; at most two more postings, then
the branch} → ACTIVATION → OLD_CLOSED → {the number is new: AUTOPAY UPDATE} → DONE.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar, assert_never

from temporalio import workflow

from workflows.base.asking import Answer
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import EXPIRED, Facts, ItemKind, Outcome, Result
from workflows.call_back.facts import CALL_BACK, CallBackResult
from workflows.card_reissue.facts import (
    AUTOPAY_UPDATE,
    BLOCKED_AT_ONCE,
    Activated,
    Approved,
    Called,
    CodeEntered,
    Collected,
    Corrected,
    Identified,
    Letter,
    LetterCame,
    LetterExpected,
    OtherWay,
    Reason,
    ReissueOpening,
    Risk,
    Surveyed,
    Told,
    VisitResult,
)
from workflows.card_reissue.periods import CALLS, PERIODS, POSTINGS
from workflows.card_reissue.spec import (
    ACTIVATE,
    ACTIVATE_CARD,
    ACTIVATE_EARLY,
    ACTIVE_NOTICE,
    APPROVE,
    ASSESS_RISK,
    AT_BRANCH_NOTICE,
    BLOCK_CARD,
    BLOCKED_NOTICE,
    CALL,
    CALL_ABOUT_SECRET,
    CANCEL_NEW_CARD,
    CARD_DELIVERED,
    CARD_IN_HAND,
    CARD_LOST,
    CARD_REISSUE,
    CARD_RETURNED,
    CARD_SHIPPED,
    CLOSE_CARD,
    COLLECT,
    CORRECT_ADDRESS,
    DELIVERED_NOTICE,
    DONE_NOTICE,
    ENDED_NOTICE,
    HOME_VISIT,
    IDENTIFY_AT_BRANCH,
    IDENTIFY_REMOTELY,
    LATE_NOTICE,
    LETTER_CAME,
    LOST_NOTICE,
    NOT_ACTIVATED_NOTICE,
    OPENED_NOTICE,
    ORDER_CARD,
    ORDERED_NOTICE,
    OTHER_WAY_NOTICE,
    PAUSE,
    POST_CODE,
    POSTED_CODE,
    PROVE,
    RESHIP_CARD,
    RETURNED_NOTICE,
    SEND_TO_BRANCH,
    SHIPPED_NOTICE,
    SURVEY,
    UNBLOCK_CARD,
    CardStage,
    ReissueEnding,
)

ARRIVALS = (CARD_DELIVERED, CARD_RETURNED, CARD_LOST)
BECAME = {
    CARD_DELIVERED.name: Letter.HELD,
    CARD_RETURNED.name: Letter.RETURNED,
    CARD_LOST.name: Letter.LOST,
    CARD_IN_HAND.name: Letter.ACTIVATED,
}
O = TypeVar("O", bound=Outcome)  # noqa: E741 - as in `spec`
F = TypeVar("F", bound=Facts)


@workflow.defn(name=CARD_REISSUE.name)
class CardReissue(Process[ReissueOpening]):
    spec = CARD_REISSUE
    posted_again = False

    @property
    def new_number(self) -> bool:
        """Whether the new card has another number than the old one: a worn card keeps its number unless its letter was
        lost, because the issuer closes the lost one."""
        return self.opening.reason in BLOCKED_AT_ONCE or self.posted_again

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        reason = self.opening.reason
        if reason in BLOCKED_AT_ONCE:
            self.enter(CardStage.BLOCKED)
            await self.call(BLOCK_CARD)
            self.notify(BLOCKED_NOTICE)
        else:
            self.notify(OPENED_NOTICE)
        self.enter(CardStage.TOLD)
        await self._ask_customer(PROVE)
        if reason is Reason.LOST:
            self.undo_by(UNBLOCK_CARD, on=(Result.WITHDRAWN,))
        self.enter(CardStage.SURVEY)
        answers = await self._ask_customer(SURVEY)
        if answers.facts.told is not Told.NOTHING:
            await self._call_about_secret(answers.facts.told)
        if answers.outcome is Surveyed.ADDRESS_WRONG:
            address = await self.ask(CORRECT_ADDRESS)
            if address.outcome is Corrected.GIVEN_UP:
                raise self.ends(ReissueEnding.ADDRESS_UNKNOWN)
        self.enter(CardStage.CHECKED)
        assessed = await self.do(ASSESS_RISK)
        if assessed.risk is Risk.HIGH:
            self.undo_nothing()
            await self._identify()
            self.enter(CardStage.APPROVAL)
            approval = await self.ask(APPROVE)
            if approval.outcome is Approved.REJECTED:
                raise self.ends(ReissueEnding.NOT_APPROVED)
        self.enter(CardStage.ORDERED)
        ordered = await self.call(ORDER_CARD, irrevocable=True)
        self.notify(ORDERED_NOTICE)
        letter = await self._deliver(ordered)
        self.enter(CardStage.ACTIVATION)
        if letter is not Letter.ACTIVATED:
            await self._ask_to_activate(PERIODS.activation_abroad if ordered.abroad else PERIODS.activation)
        await self.call(ACTIVATE_CARD)
        self.notify(ACTIVE_NOTICE)
        self.enter(CardStage.OLD_CLOSED)
        await self.call(CLOSE_CARD)
        if self.new_number and self.knows("autopay_update"):
            await self.child(AUTOPAY_UPDATE)
        self.notify(DONE_NOTICE)

    def farewell(self, result: Result) -> None:
        """What is common to all processes would say that everything was undone; a blocked card stays blocked."""
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE, how=result.value)

    async def _ask_customer(self, kind: ItemKind[O, F]) -> Answer[O, F]:
        """Asks; a customer who stays silent is called, and asked again; then the case expires."""
        for calls in range(CALLS + 1):
            answer = await self.ask(kind)
            if answer.outcome != EXPIRED:
                return answer
            if calls == CALLS or not await self._is_reached():
                break
        raise self.ends(ReissueEnding.NO_ANSWER)

    async def _is_reached(self) -> bool:
        """By a call-back. A case that came here before there were any has the work item for a call."""
        if not self.knows("call-back"):
            return (await self.ask(CALL)).outcome is Called.REACHED
        return (await self.child(CALL_BACK)).facts.result is CallBackResult.SPOKEN

    async def _call_about_secret(self, told: Told) -> None:
        """Who told somebody a secret is called before anything else is done, and nothing is given back any more. What
        may open more than the card pauses the case: somebody else may be answering."""
        self.undo_nothing()
        if told is Told.ACCOUNT:
            await self.do(PAUSE)
        await self.ask(CALL_ABOUT_SECRET)

    async def _identify(self) -> None:
        """By a visit. A customer who declines it, stops it or cannot be met is identified in another way. A mismatch or
        a refusal at the door ends the case."""
        self.enter(CardStage.VISIT)
        visit = await self.child(HOME_VISIT)
        result = VisitResult.DECLINED if visit.result is Result.WITHDRAWN else visit.facts.result
        match result:
            case VisitResult.PASSED:
                return
            case VisitResult.DECLINED | VisitResult.UNREACHABLE:
                await self._identify_otherwise(visit.facts.alternative or OtherWay.BRANCH)
            case VisitResult.MISMATCH | VisitResult.REFUSED | None:
                raise self.ends(ReissueEnding.IDENTITY_NOT_SHOWN)
            case _:
                assert_never(result)

    async def _identify_otherwise(self, way: OtherWay) -> None:
        """By a code in a letter, if one may be sent to the address on file; by video, or at the branch."""
        if way is OtherWay.POST:
            posted = await self.do(POST_CODE)
            if posted.until is not None:
                code = await self.ask(POSTED_CODE, due_at=posted.until)
                if code.outcome is CodeEntered.EXPIRED:
                    raise self.ends(ReissueEnding.CODE_NOT_ENTERED)
                return
        self.notify(OTHER_WAY_NOTICE)
        identity = await self.ask(IDENTIFY_REMOTELY if way is OtherWay.REMOTE else IDENTIFY_AT_BRANCH)
        if identity.outcome is not Identified.MATCHED:
            raise self.ends(ReissueEnding.IDENTITY_NOT_SHOWN)

    async def _deliver(self, expected: LetterExpected) -> Letter:
        """Follows the letter until its customer has it; posts it again when it comes back or is lost (ten business
        days). After the last posting the card waits at the branch."""
        for posting in range(1, POSTINGS + 1):
            letter = await self._letter(posting, expected)
            if letter is Letter.LOST:
                letter = await self._ask_whether_it_came(posting)
            if letter in (Letter.HELD, Letter.ACTIVATED):
                return letter
            self.notify(RETURNED_NOTICE if letter is Letter.RETURNED else LOST_NOTICE)
            self.posted_again = True
            if posting < POSTINGS:
                expected = await self.call(RESHIP_CARD)
        await self.call(SEND_TO_BRANCH)
        self.notify(AT_BRANCH_NOTICE)
        collection = await self.ask(COLLECT)
        if collection.outcome is Collected.NOT_COLLECTED:
            await self.call(CANCEL_NEW_CARD)
            raise self.ends(ReissueEnding.NOT_COLLECTED)
        return Letter.HELD

    async def _letter(self, posting: int, expected: LetterExpected) -> Letter:
        """What became of this posting; lost when there was no news by the time it was expected. From when it is shipped
        on, whoever holds the card may activate it, so that a post without news strands nobody. News of an earlier
        letter, which was given up, does not count."""
        by = self.deadline(expected.expected_by)
        self.waiting("others", expected.expected_by)
        news = await self.wait_for_event(CARD_SHIPPED, *ARRIVALS, until=by, where=lambda of: of.posting == posting)
        if news is not None and news.signal is CARD_SHIPPED:
            self.enter(CardStage.SHIPPED)
            self.notify(SHIPPED_NOTICE, until=expected.expected_by)
            self.waiting("others", expected.expected_by)
            early = self.offer(ACTIVATE_EARLY, due_at=self.now + PERIODS.activation)
            news = await self.wait_for_event(CARD_IN_HAND, *ARRIVALS, until=by, where=lambda of: of.posting == posting)
            self.no_longer(early)
        return Letter.LOST if news is None else BECAME[news.signal.name]

    async def _ask_whether_it_came(self, posting: int) -> Letter:
        """Asks the customer before the card is cancelled. Who stays silent has not got it, unless the post says so
        meanwhile."""
        self.notify(LATE_NOTICE, until=self.now + PERIODS.letter_came)
        answer = await self.ask(LETTER_CAME)
        match answer.outcome:
            case LetterCame.CAME:
                return Letter.HELD
            case LetterCame.NOT_COME:
                return Letter.LOST
            case LetterCame.EXPIRED:
                late = await self.wait_for_event(*ARRIVALS, until=self.now, where=lambda of: of.posting == posting)
                return Letter.LOST if late is None else BECAME[late.signal.name]
            case _:
                assert_never(answer.outcome)

    async def _ask_to_activate(self, due: timedelta) -> None:
        """The holder of the card activates it. If nobody does so in time, the new card is cancelled."""
        self.notify(DELIVERED_NOTICE, until=self.now + due)
        activation = await self.ask(ACTIVATE, due=due)
        if activation.outcome is Activated.EXPIRED:
            self.notify(NOT_ACTIVATED_NOTICE)
            await self.call(CANCEL_NEW_CARD)
            raise self.ends(ReissueEnding.NOT_ACTIVATED)
