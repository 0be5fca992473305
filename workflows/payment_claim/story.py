"""Claim about a payment: the customer has the money first, and we look into it afterwards.

RECEIVED (by the customer, by the desk, or because the customer's bank tells of a dispute) → {up to the caps CREDITED at
once | above them by another person within one business day | at the bank already: no credit of ours} → INVESTIGATED (15
business days; a HOLDING LETTER with a reason, once, to at most 35; time runs out: OVERDUE, and where nobody decides by
the last day the customer keeps it) → {kept, borne by the merchant or by us | REVERSAL ANNOUNCED, 10 days: the customer
may answer, and a third person looks at the answer → reversed} → SETTLED: {what is kept goes back to the card | its
bank must decide first | it stays on the balance}. The customer can take it back until they are told that they keep it.
At any moment the merchant or the bank may give the money back by another way: then the credit ends at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.payment_claim.facts import (
    Announce,
    ClaimOpening,
    Credit,
    CreditDecided,
    Decided,
    Investigated,
    Objected,
    PaidTo,
    Reviewed,
)
from workflows.payment_claim.spec import (
    ALARM,
    ANNOUNCE,
    ANSWER_REVERSAL,
    APPROVE_CREDIT,
    BANK_DECIDED,
    CREDIT,
    CREDITED_NOTICE,
    DECIDE_OVERDUE,
    FROM_BANK_NOTICE,
    HOLDING_NOTICE,
    INVESTIGATE,
    KEEP,
    KEPT_NOTICE,
    LET_KEEP,
    NOT_CREDITED_NOTICE,
    OVERDUE_NOTICE,
    PAY_BACK,
    PAYMENT_CLAIM,
    PERIODS,
    RECEIVED_NOTICE,
    REVERSAL_NOTICE,
    REVERSED_NOTICE,
    REVIEW,
    REVIEWED_NOTICE,
    TAKE_BACK,
    WENT_BACK,
    WENT_BACK_NOTICE,
    ClaimEnding,
    ClaimStage,
)


@workflow.defn(name=PAYMENT_CLAIM.name)
class PaymentClaim(Process[ClaimOpening]):
    spec = PAYMENT_CLAIM
    is_credited = False

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        if result is Result.REJECTED:
            how = ClaimEnding.REVERSED if self.is_credited else ClaimEnding.REFUSED
            self.notify(REVERSED_NOTICE, how=how.value)
        elif result is Result.FAILED:
            self.notify(KEPT_NOTICE, to=PaidTo.BALANCE.value)
        else:
            super().farewell(result)

    async def story(self) -> None:
        self.enter(ClaimStage.RECEIVED)
        try:
            with self.unless(WENT_BACK):
                await self._credit()
                is_right = await self._investigated() or await self._announced()
        except Overtaken:
            await self._went_back()
            return
        if not is_right:
            self.enter(ClaimStage.SETTLED)
            raise self.ends(ClaimEnding.REVERSED if self.is_credited else ClaimEnding.REFUSED)
        await self._pay_back()

    async def _credit(self) -> None:
        """Up to the caps by itself, above them by another person; none where the bank holds the money."""
        opening = self.opening
        if opening.credit is Credit.BY_THE_BANK:
            self.notify(FROM_BANK_NOTICE, until=opening.decide_by)
            return
        if opening.credit is Credit.BY_A_PERSON:
            self.notify(RECEIVED_NOTICE, until=opening.credit_by)
            approval = await self.ask(APPROVE_CREDIT, due_at=opening.credit_by)
            if approval.outcome is CreditDecided.REFUSED:
                self.notify(NOT_CREDITED_NOTICE, until=opening.decide_by)
                return
        self.enter(ClaimStage.CREDITED)
        await self.do(CREDIT, undo=TAKE_BACK)
        self.notify(CREDITED_NOTICE, until=opening.decide_by)
        self.is_credited = True
        await self.settle()

    async def _investigated(self) -> bool:
        """Whether the customer is right. A second holding letter moves nothing."""
        self.enter(ClaimStage.INVESTIGATED)
        due, held = self.opening.decide_by, False
        while True:
            found = await self.ask(INVESTIGATE, due_at=due)
            if found.outcome is Investigated.EXPIRED:
                return await self._overdue()
            if found.outcome is not Investigated.HOLD:
                return found.outcome is not Investigated.WRONG
            if not held:
                due, held = self._hold(found.facts.until), True

    def _hold(self, until: datetime | None) -> datetime:
        due = min(until or self.opening.latest_by, self.opening.latest_by)
        self.enter(ClaimStage.ON_HOLD)
        self.notify(HOLDING_NOTICE, until=due)
        return due

    async def _overdue(self) -> bool:
        """Never let go silently: compliance decides until the last day, and after that the customer keeps it."""
        self.enter(ClaimStage.OVERDUE)
        await self.do(ALARM)
        self.notify(OVERDUE_NOTICE, until=self.opening.latest_by)
        found = await self.ask(DECIDE_OVERDUE, due_at=self.opening.latest_by)
        if found.outcome is Decided.EXPIRED:
            await self.do(LET_KEEP)
        return found.outcome is not Decided.WRONG

    async def _announced(self) -> bool:
        """Whether the customer is right after all. Nothing is taken back before the day that they were told."""
        if not self.is_credited:
            return False
        until = self.now + timedelta(seconds=self.opening.notice)
        self.enter(ClaimStage.ANNOUNCED)
        await self.do(ANNOUNCE, Announce(until=until))
        self.notify(REVERSAL_NOTICE, until=until)
        answer = await self.ask(ANSWER_REVERSAL, due_at=until)
        if answer.outcome is Objected.EXPIRED:
            return False
        self.enter(ClaimStage.REVIEWED)
        review = await self.ask(REVIEW)
        if review.outcome is not Reviewed.WRONG:
            return True
        if self.now < until:
            self.notify(REVIEWED_NOTICE, until=until)
            self.waiting("us", until)
            await self.sleep_until(until)
        return False

    async def _pay_back(self) -> None:
        """What is kept goes back to the card. If the provider is given up on, it stays on the balance. What a bank
        decided may never be told, so the provider is asked again each week."""
        self.enter(ClaimStage.SETTLED)
        self.undo_nothing()
        self.undo_by(KEEP)
        paid = await self.call(PAY_BACK)
        while paid.to is PaidTo.AT_THE_BANK:
            self.enter(ClaimStage.AT_THE_BANK)
            self.waiting("others")
            again = self.now + PERIODS.until_the_provider_is_asked_again
            event = await self.wait_for_event(WENT_BACK, BANK_DECIDED, until=again)
            if event is not None and event.signal.name == WENT_BACK.name:
                await self._went_back()
                return
            paid = await self.call(PAY_BACK)
        if paid.to is PaidTo.ELSEWHERE:
            self.notify(WENT_BACK_NOTICE)
        else:
            self.notify(KEPT_NOTICE, to=paid.to.value)

    async def _went_back(self) -> None:
        """The money reached the card by another way, so the credit ends."""
        self.enter(ClaimStage.SETTLED)
        self.undo_nothing()
        await self.do(TAKE_BACK)
        self.notify(WENT_BACK_NOTICE)
