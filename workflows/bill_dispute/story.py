"""A bill that somebody paid by card, and whose payment their bank took back. Nobody knows who they are.

REOPENED (the bill is to be paid again, its customer is told) → {we answer the bank | we do not | the bank decides
before that: the asking ends} → AT_THE_BANK → OVER: {won: the bill is paid, its customer is told | lost, or nothing is
heard for half a year: it stays open} → DONE.

Nobody stops it: the money is with the bank already.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.bill_dispute.facts import BillDisputeOpening, DisputeOver
from workflows.bill_dispute.spec import (
    ANSWER_BANK,
    BILL_DISPUTE,
    OVER,
    PAID_AFTER_ALL_NOTICE,
    PERIODS,
    REOPENED_NOTICE,
    BillDisputeStage,
)


@workflow.defn(name=BILL_DISPUTE.name)
class BillDispute(Process[BillDisputeOpening]):
    spec = BILL_DISPUTE

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """Nothing that the customer asked for has ended."""

    async def story(self) -> None:
        self.enter(BillDisputeStage.REOPENED)
        self.notify(REOPENED_NOTICE)
        is_won = await self._is_won()
        self.enter(BillDisputeStage.OVER)
        if is_won:
            self.notify(PAID_AFTER_ALL_NOTICE)

    async def _is_won(self) -> bool:
        try:
            with self.unless(OVER):
                await self.ask(ANSWER_BANK, due_at=self.opening.answer_by)
        except Overtaken as overtaken:
            facts: DisputeOver = overtaken.event.facts
            return facts.won
        self.enter(BillDisputeStage.AT_THE_BANK)
        until = self.now + PERIODS.until_the_bank_decides
        self.waiting("others", until)
        event = await self.wait_for_event(OVER, until=until)
        return event is not None and event.facts.won
