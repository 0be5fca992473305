"""Top-up by telephone: a customer adds money to their balance by calling us; no agent is there.

OPENED (in the portal, which shows a code) → CALL (the customer calls our number, keys in the code, the amount and which
card, hears both, agrees and keys in the security code, in 24 hours; a line that drops leaves no money moved, and they
call again; where the risk rules ask for it, the call ends, and the customer first confirms in the portal that it is
they, in 24 hours: CONFIRM → CALL) → BANK {declined: ENDED | authorised, undone by its release} → CAPTURED (point of no
return: the money is taken and on the balance) → ADDED, said on the line, with a receipt → DONE.

A card that its bank knows as stolen or lost, and a customer who says that it is not they, have one of us call them
before it ends. While the provider gives no answer, the same question is asked again under the same key, and never a
new one.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Nothing, Result
from workflows.call_back.facts import CALL_BACK, CallBackOpening
from workflows.top_up.facts import Bank, Confirmed, Saying, Verdict
from workflows.top_up.spec import (
    AGREED,
    ASKS_FIRST,
    AUTHORISE,
    CAPTURE,
    CARD_REPORTED,
    CONFIRM,
    CONFIRM_NOTICE,
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
        """In one call, or in a later one after they confirmed what the risk rules ask about."""
        while True:
            self.enter(TopUpStage.CALL)
            until = self.now + PERIODS.customer_calls
            self.waiting("customer", until)
            event = await self.wait_for_event(AGREED, ASKS_FIRST, CARD_REPORTED, until=until)
            if event is None:
                raise self._ends(TopUpEnding.NOT_CALLED)
            if event.signal is AGREED:
                return
            if event.signal is CARD_REPORTED:
                await self._calls_the_customer(TopUpEnding.DECLINED)
            await self._customer_confirms()

    async def _customer_confirms(self) -> None:
        self.enter(TopUpStage.CONFIRM)
        self.notify(CONFIRM_NOTICE)
        confirmed = await self.ask(CONFIRM)
        if confirmed.outcome is Confirmed.EXPIRED:
            raise self._ends(TopUpEnding.NOT_CONFIRMED)
        if confirmed.outcome is Confirmed.NOT_MINE:
            await self._calls_the_customer(TopUpEnding.NOT_THEIRS)

    async def _bank_authorises(self) -> None:
        """Also what a bank holds of which we have not heard yet is released when the case is stopped."""
        self.enter(TopUpStage.BANK)
        self.waiting("others")
        self.undo_by(RELEASE)
        said = await self.call(AUTHORISE)
        if said.bank is Bank.AUTHORISED:
            return
        await self.do(SAY, Saying(verdict=Verdict.DECLINED))
        if said.bank is Bank.STOLEN:
            await self._calls_the_customer(TopUpEnding.DECLINED)
        raise self._ends(TopUpEnding.DECLINED)

    async def _calls_the_customer(self, ending: TopUpEnding) -> None:
        """Somebody else may have the card, or the digits of the portal. It ends in any case, once we have called."""
        await self.child(CALL_BACK, CallBackOpening(under=self.spec.name, soon=True))
        raise self._ends(ending)

    def _ends(self, ending: TopUpEnding) -> Exception:
        self.how = ending.value
        return self.ends(ending)
