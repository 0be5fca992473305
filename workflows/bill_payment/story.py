"""Payment of a bill by somebody who has its reference and does not say who they are. The case opens once the money has
come, on a page of the payment provider; the page itself is no case, so that whoever opens one writes nothing into the
customer's portal.

RECEIVED (the provider has taken the money) → {exactly this was still to be paid: BOOKED (a mail to the bill's customer,
who is not told by whom) → DONE | it was paid otherwise meanwhile: RETURNED (all of it goes back) → REJECTED}.

Nobody stops it: the money is there already, and either of the two ends is right.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.bill_payment.facts import BillPaymentOpening
from workflows.bill_payment.spec import (
    BILL_PAYMENT,
    BOOK,
    PAID_NOTICE,
    REFUND,
    BillPaymentEnding,
    BillPaymentStage,
)


@workflow.defn(name=BILL_PAYMENT.name)
class BillPayment(Process[BillPaymentOpening]):
    spec = BILL_PAYMENT

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """Nothing that the customer asked for has ended, and nobody knows how to reach whoever paid."""

    async def story(self) -> None:
        self.enter(BillPaymentStage.RECEIVED)
        found = await self.do(BOOK)
        if not found.booked:
            self.enter(BillPaymentStage.RETURNED)
            await self.call(REFUND, irrevocable=True)
            raise self.ends(BillPaymentEnding.NOT_OPEN)
        self.enter(BillPaymentStage.BOOKED)
        self.notify(PAID_NOTICE)
