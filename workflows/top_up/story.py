"""Top-up by telephone: a customer adds money to their balance by calling us; no agent is there.

OPENED (in the portal, which shows a code) → CALL (the customer calls our number, keys in the code, the amount and which
card, hears both, agrees and keys in the security code, in 24 hours; a line that drops leaves no money moved, and they
call again) → BANK {declined: ENDED | authorised, undone by its release} → CAPTURED (point of no return: the money is
taken and on the balance) → ADDED, said on the line, with a receipt → DONE.

While the provider gives no answer, the same question is asked again under the same key, and never a new one.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Nothing, Result
from workflows.top_up.facts import Bank, Saying, Verdict
from workflows.top_up.spec import (
    AGREED,
    AUTHORISE,
    CAPTURE,
    ENDED_NOTICE,
    PERIODS,
    RECEIPT_NOTICE,
    RELEASE,
    SAY,
    TOP_UP,
    TopUpEnding,
    TopUpStage,
)


@workflow.defn(name=TOP_UP.name)
class TopUp(Process[Nothing]):
    spec = TOP_UP
    how = ""
    """The code of the ending that the story came to by itself."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        await self._customer_agrees()
        await self._bank_authorises()
        await self.call(CAPTURE, irrevocable=True)
        self.enter(TopUpStage.ADDED)
        await self.do(SAY, Saying(verdict=Verdict.ADDED))
        self.notify(RECEIPT_NOTICE)

    def farewell(self, result: Result) -> None:
        """What is common to all processes would say that things were undone; here nothing was done."""
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE, how=self.how or result.value)

    async def _customer_agrees(self) -> None:
        self.enter(TopUpStage.CALL)
        until = self.now + PERIODS.customer_calls
        self.waiting("customer", until)
        if await self.wait_for_event(AGREED, until=until) is None:
            raise self._ends(TopUpEnding.NOT_CALLED)

    async def _bank_authorises(self) -> None:
        """Also what a bank holds of which we have not heard yet is released when the case is stopped."""
        self.enter(TopUpStage.BANK)
        self.waiting("others")
        self.undo_by(RELEASE)
        said = await self.call(AUTHORISE)
        if said.bank is Bank.DECLINED:
            await self.do(SAY, Saying(verdict=Verdict.DECLINED))
            raise self._ends(TopUpEnding.DECLINED)

    def _ends(self, ending: TopUpEnding) -> Exception:
        self.how = ending.value
        return self.ends(ending)
