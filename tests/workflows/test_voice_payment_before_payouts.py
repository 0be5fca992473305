"""Payments that began before merchants were paid out: whoever was only paid when that was deployed goes on to the
payout. On a server that skips time, whose worker is replaced meanwhile as a deploy does it. Those that had ended by
then are paid by our own rows (`payouts.catching_up`)."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio import workflow

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.test_voice_payment import calls, ordered, told
from workflows.base.contracts import Opened
from workflows.base.spec import Result
from workflows.voice_payment.facts import Bank, Verdict
from workflows.voice_payment.spec import (
    CAPTURE,
    ENDED_NOTICE,
    PERIODS,
    RECEIPT_NOTICE,
    VOICE_PAYMENT,
    PaymentStage,
)
from workflows.voice_payment.story import VoicePayment

pytestmark = pytest.mark.anyio
DUE = {"stands": "due"}


@workflow.defn(name=VOICE_PAYMENT.name)
class BeforePayouts(VoicePayment):
    """The story as it was deployed first."""

    @workflow.run
    async def run(self, opened: Opened | None) -> str:
        return await self.play(opened)

    def farewell(self, result: Result) -> None:
        if result is not Result.DONE:
            self.notify(ENDED_NOTICE, how=self.how or self.stopped_with or result.value)

    async def story(self) -> None:
        self.enter(PaymentStage.ORDERED)
        await self._assess()
        bank = await self._on_the_telephone()
        if bank is not Bank.AUTHORISED:
            await self._declined(bank)
        self.enter(PaymentStage.AUTHORISED)
        await self.call(CAPTURE, irrevocable=True)
        self.enter(PaymentStage.PAID)
        self.notify(RECEIPT_NOTICE)
        await self._say(Verdict.PAID)
        await self._hang_up()
        await self._deliver()


async def paid(server: Rehearsal, **other: Any) -> Rehearsed:
    case = await ordered(server, **other)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.is_quiet()
    return case


async def test_paid_before_the_deploy_and_delivered_after_it_the_merchant_is_paid_once(
    idle: Rehearsal, pytestconfig: pytest.Config
) -> None:
    async with idle.worker(processes=[BeforePayouts]):
        case = await paid(idle, look_at_payout=DUE, pay_out={"paid": True})
    assert calls(case)[-1] == "hang_up_voice"

    async with idle.worker():
        await case.happens("delivery_reported", fulfilled=True)
        assert await case.ends() == "done"

    assert case.stages[-4:] == ["paid", "delivered", "payout", "settled"]
    assert calls(case)[-2:] == ["note_provider_fee", "pay_out"]
    assert case.told == ["payment_receipt"]
    await idle.keep_histories(record=pytestconfig.getoption("--record-histories"))


async def test_asked_about_before_the_deploy_and_answered_after_it_the_merchant_is_paid_once(
    idle: Rehearsal, pytestconfig: pytest.Config
) -> None:
    async with idle.worker(processes=[BeforePayouts]):
        case = await paid(idle, look_at_payout=DUE, pay_out={"paid": True})
        await case.passes(PERIODS.delivery)
        await case.asks("ask_about_delivery")
        await case.is_quiet()

    async with idle.worker():
        await case.answer("ask_about_delivery", "fulfilled", by="agent-1")
        assert await case.ends() == "done"

    assert case.stages[-4:] == ["paid", "delivered", "payout", "settled"]
    assert calls(case)[-2:] == ["note_provider_fee", "pay_out"]
    await idle.keep_histories(record=pytestconfig.getoption("--record-histories"))
