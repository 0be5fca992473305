"""Card reissue: from a loss, a theft, a fraud, a broken or an expiring card to an activated new one.

OPENED → BLOCKED (lost, stolen, fraud: at once) → TOLD → PROVEN (level 2) → SURVEY → RISK {low | high: HOME VISIT or
another way to be identified} → APPROVAL (high risk, or a changed address or number) → ORDERED (point of no return) →
SHIPPED → {DELIVERED | RETURNED | LOST: at most two more postings, then the branch} → ACTIVATION → OLD_CLOSED → DONE.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar, assert_never

from temporalio import workflow

from workflows.base.asking import Event
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import EXPIRED, Facts, ItemKind, Outcome, Result
from workflows.card_reissue.facts import (
    BLOCKED_AT_ONCE,
    Activated,
    Approved,
    Called,
    CodeEntered,
    Collected,
    Corrected,
    Identified,
    LetterExpected,
    OfPosting,
    OtherWay,
    Reason,
    ReissueOpening,
    Risk,
    Surveyed,
    VisitResult,
)
from workflows.card_reissue.spec import (
    ACTIVATE,
    ACTIVATE_CARD,
    ACTIVE_NOTICE,
    APPROVE,
    ASSESS_RISK,
    AT_BRANCH_NOTICE,
    BLOCK_CARD,
    BLOCKED_NOTICE,
    CALL,
    CALLS,
    CANCEL_NEW_CARD,
    CARD_DELIVERED,
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
    LOST_NOTICE,
    NOT_ACTIVATED_NOTICE,
    OPENED_NOTICE,
    ORDER_CARD,
    ORDERED_NOTICE,
    OTHER_WAY_NOTICE,
    PERIODS,
    POST_CODE,
    POSTED_CODE,
    POSTINGS,
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
O = TypeVar("O", bound=Outcome)  # noqa: E741 - as in `spec`
F = TypeVar("F", bound=Facts)


@workflow.defn(name=CARD_REISSUE.name)
class CardReissue(Process[ReissueOpening]):
    spec = CARD_REISSUE

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
        if await self._ask_customer(SURVEY) is Surveyed.ADDRESS_WRONG:
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
        await self._deliver(ordered)
        await self._activate(PERIODS.activation_abroad if ordered.abroad else PERIODS.activation)
        self.enter(CardStage.OLD_CLOSED)
        await self.call(CLOSE_CARD)
        self.notify(DONE_NOTICE)

    def farewell(self, result: Result) -> None:
        """What is common to all processes would say that everything was undone; a blocked card stays blocked."""
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE, how=result.value)

    async def _ask_customer(self, kind: ItemKind[O, F]) -> O:
        """Asks; a customer who stays silent is called, and asked again; then the case expires."""
        for calls in range(CALLS + 1):
            answer = await self.ask(kind)
            if answer.outcome != EXPIRED:
                return answer.outcome
            if calls == CALLS or (await self.ask(CALL)).outcome is Called.NOT_REACHED:
                break
        raise self.ends(ReissueEnding.NO_ANSWER)

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

    async def _deliver(self, expected: LetterExpected) -> None:
        """Follows the letter; posts it again when it comes back or is lost (ten business days). After the last posting
        the card waits at the branch."""
        for posting in range(1, POSTINGS + 1):
            arrival = await self._arrival(posting, expected)
            if arrival is not None and arrival.signal is CARD_DELIVERED:
                return
            self.notify(RETURNED_NOTICE if arrival is not None and arrival.signal is CARD_RETURNED else LOST_NOTICE)
            if posting < POSTINGS:
                expected = await self.call(RESHIP_CARD)
        await self.call(SEND_TO_BRANCH)
        self.notify(AT_BRANCH_NOTICE)
        collection = await self.ask(COLLECT)
        if collection.outcome is Collected.NOT_COLLECTED:
            await self.call(CANCEL_NEW_CARD)
            raise self.ends(ReissueEnding.NOT_COLLECTED)

    async def _arrival(self, posting: int, expected: LetterExpected) -> Event[OfPosting] | None:
        """How this posting ended; None when there was no news by the time it was expected. News of an earlier letter,
        which was given up, does not count."""
        by = self.deadline(expected.expected_by)
        self.waiting("others", expected.expected_by)
        news = await self.wait_for_event(CARD_SHIPPED, *ARRIVALS, until=by, where=lambda of: of.posting == posting)
        if news is None or news.signal is not CARD_SHIPPED:
            return news
        self.enter(CardStage.SHIPPED)
        self.notify(SHIPPED_NOTICE, until=expected.expected_by)
        self.waiting("others", expected.expected_by)
        return await self.wait_for_event(*ARRIVALS, until=by, where=lambda of: of.posting == posting)

    async def _activate(self, due: timedelta) -> None:
        """The holder of the card activates it. If nobody does so in time, the new card is cancelled."""
        self.enter(CardStage.ACTIVATION)
        self.notify(DELIVERED_NOTICE, until=self.now + due)
        activation = await self.ask(ACTIVATE, due=due)
        match activation.outcome:
            case Activated.ACTIVATED:
                await self.call(ACTIVATE_CARD)
                self.notify(ACTIVE_NOTICE)
            case Activated.EXPIRED:
                self.notify(NOT_ACTIVATED_NOTICE)
                await self.call(CANCEL_NEW_CARD)
                raise self.ends(ReissueEnding.NOT_ACTIVATED)
            case _:
                assert_never(activation.outcome)
