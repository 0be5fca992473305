"""A refund that the provider had accepted, and that did not arrive: the card is closed, or its bank sent it back.

CAME_BACK (the customer has the amount on their balance at once and is told) → {one of us pays it to their bank account
| it stays on their balance, as they want it; not done within three days: the supervisors' worklist} → PAID → DONE.

Of a bill nobody knows who paid it, so nobody is written to: CAME_BACK → {whoever paid calls, names their receipt, and
has it on their bank account | nobody does so in thirty days: a supervisor says that it stays owed} → PAID → DONE.

Nobody stops it: the money is the customer's, and stays on their balance until they have it otherwise.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.refund_return.facts import ReturnOpening
from workflows.refund_return.spec import (
    CAME_BACK_NOTICE,
    PAID_NOTICE,
    PAY_OTHERWISE,
    PAY_WHOEVER,
    REFUND_RETURN,
    ReturnStage,
)


@workflow.defn(name=REFUND_RETURN.name)
class RefundReturn(Process[ReturnOpening]):
    spec = REFUND_RETURN

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """Nothing that the customer asked for has ended: what they have stays with them."""

    async def story(self) -> None:
        self.enter(ReturnStage.CAME_BACK)
        if self.opening.anonymous:
            await self.ask(PAY_WHOEVER)
            self.enter(ReturnStage.PAID)
            return
        self.notify(CAME_BACK_NOTICE)
        paid = await self.ask(PAY_OTHERWISE)
        self.enter(ReturnStage.PAID)
        self.notify(PAID_NOTICE, how=paid.outcome.value)
