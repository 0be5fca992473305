"""Autopay update: every recurring payment of a card is moved to its new number, or its customer knows that it was not.
One case for a card; what became of each payment stands in our rows, and the story asks for all of them at once.

OPENED → INVENTORY (wallets on the way) → {nothing: SUMMED_UP | QUERIED: the account updater is asked about every
payment in one batch} → all answered, or five days → {all moved: SUMMED_UP | REST: the customer's list, with a hold at
every biller; ticked off by them, by the biller or by a late answer; what is added meanwhile joins it; reminded after 3
and 10 days} → {nothing left | 14 days: CALL-BACK → spoken: REST once more} → SUMMED_UP (every hold is lifted) → DONE.
"""

from __future__ import annotations

from temporalio import workflow

from workflows.autopay_update.facts import AutopayMoved, AutopayOpening, Ticked, Waiting
from workflows.autopay_update.spec import (
    ALL_ANSWERED,
    AUTOPAY_UPDATE,
    ENDED_NOTICE,
    LETTERS_WAIT,
    LIFT_HOLDS,
    LIST_NOTICE,
    MOVE_REST,
    MOVE_WALLETS,
    NOTHING_FOUND_NOTICE,
    NOTHING_LEFT,
    PERIODS,
    RENEW_HOLDS,
    SEND_BATCH,
    SETTLE,
    STARTED_NOTICE,
    SUM_UP,
    SUMMARY_NOTICE,
    TAKE_INVENTORY,
    WRITE_TO_BILLERS,
    AutopayStage,
)
from workflows.base.asking import Overtaken
from workflows.base.contracts import Opened
from workflows.base.process import Process
from workflows.base.spec import Result
from workflows.call_back.facts import CALL_BACK, CallBackResult


@workflow.defn(name=AUTOPAY_UPDATE.name)
class AutopayUpdate(Process[AutopayOpening]):
    spec = AUTOPAY_UPDATE
    moved = AutopayMoved()

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    async def story(self) -> None:
        self.enter(AutopayStage.INVENTORY)
        inventory = await self.call(TAKE_INVENTORY)
        await self.call(MOVE_WALLETS)
        if inventory.lines:
            await self._ask_network()
            await self._settle()
        self.enter(AutopayStage.SUMMED_UP)
        self.moved = await self.do(SUM_UP)
        if inventory.lines:
            self.notify(SUMMARY_NOTICE)
        elif not self.opening.under:
            self.notify(NOTHING_FOUND_NOTICE)

    def closing(self) -> AutopayMoved:
        return self.moved

    def farewell(self, result: Result) -> None:
        """What is common to all processes would say that everything was undone; what was moved stays moved."""
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE)

    async def _ask_network(self) -> None:
        """One batch about all payments. What is answered later than this still counts, on the customer's list."""
        self.enter(AutopayStage.QUERIED)
        until = self.now + PERIODS.network_answers
        await self.call(SEND_BATCH)
        self.notify(STARTED_NOTICE, until=until)
        self.waiting("others", until)
        await self.wait_for_event(ALL_ANSWERED, until=until)

    async def _settle(self) -> None:
        """What was not moved is the customer's list. Who stays silent is called, and asked once more."""
        settled = await self.do(SETTLE, undo=LIFT_HOLDS)
        if not settled.lines:
            return
        if settled.letters:
            await self.call(WRITE_TO_BILLERS)
        if await self._customer_is_silent():
            self.enter(AutopayStage.CALL)
            called = await self.child(CALL_BACK)
            left = await self.do(RENEW_HOLDS)
            await self._write(left)
            if left.lines and called.facts.result is CallBackResult.SPOKEN:
                await self._customer_is_silent()

    async def _customer_is_silent(self) -> bool:
        """Asks until nothing is left (False), or until the time is over (True). Whoever must be written to because of a
        payment that came to the list meanwhile is written to at once."""
        self.enter(AutopayStage.REST)
        until = self.now + PERIODS.customer_moves_the_rest
        self.notify(LIST_NOTICE, until=until)
        news = (NOTHING_LEFT, LETTERS_WAIT) if self.knows("letters_at_once") else (NOTHING_LEFT,)
        outcome = Ticked.SOME
        while outcome is not Ticked.EXPIRED:
            try:
                with self.unless(*news):
                    outcome = (await self.ask(MOVE_REST, due_at=until)).outcome
            except Overtaken:
                outcome = Ticked.SOME
            left = await self.do(RENEW_HOLDS)
            await self._write(left)
            if not left.lines:
                return False
        return True

    async def _write(self, left: Waiting) -> None:
        """To billers of payments that came to the list while it was open."""
        if left.letters and self.knows("letters_of_added_payments"):
            await self.call(WRITE_TO_BILLERS)
