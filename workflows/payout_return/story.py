"""Money of a payout that comes back: its customer has theirs back after the merchant was paid, by a claim that was
decided against the merchant, a refund, or their bank.

ASKED (the provider takes it from the merchant's account, once under the key of this try) → {BACK | it refuses, most
often because the account is empty: OWED; asked again each week, four times in all, for what is still owed then} → DONE.

What cannot be taken stays a debt, which the next payouts keep; where they have kept all of it meanwhile, it is SETTLED.
After the last try a supervisor is alarmed. Nobody stops it: the money is the customer's already.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Nothing, Result
from workflows.payout_return.spec import (
    BACK_NOTICE,
    GIVE_UP,
    LOOK,
    OWED_NOTICE,
    PAYOUT_RETURN,
    PERIODS,
    TAKE,
    TRIES,
    ReturnStage,
)


@workflow.defn(name=PAYOUT_RETURN.name)
class PayoutReturn(Process[Nothing]):
    spec = PAYOUT_RETURN

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        """The merchant has asked for nothing that could end."""

    async def story(self) -> None:
        self.enter(ReturnStage.ASKED)
        for tried in range(TRIES):
            if tried:
                await self._owed(first=tried == 1)
            if not (await self.do(LOOK)).due:
                self.enter(ReturnStage.SETTLED)
                return
            if (await self.call(TAKE)).taken:
                self.enter(ReturnStage.BACK)
                self.notify(BACK_NOTICE)
                return
        await self.do(GIVE_UP)

    async def _owed(self, *, first: bool) -> None:
        """After a refusal. The merchant is told of it once."""
        if first:
            self.enter(ReturnStage.OWED)
            self.notify(OWED_NOTICE)
        again = self.now + PERIODS.until_it_is_tried_again
        self.waiting("others", again)
        await self.sleep_until(again)
