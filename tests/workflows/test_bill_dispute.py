"""A bill whose payment a bank took back, played by the engine on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.bill_dispute.spec import PERIODS

pytestmark = pytest.mark.anyio
WITHIN = timedelta(days=7)


async def opened(skipping: Rehearsal) -> Rehearsed:
    now = (await skipping.env.get_current_time()).replace(microsecond=0)
    return await skipping.open("bill_dispute", answer_by=(now + WITHIN).isoformat())


async def test_a_bill_whose_dispute_is_won_is_paid_after_all(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    item = await case.asks("answer_bank")
    assert item.due_at - await case.now() <= WITHIN
    await case.answer("answer_bank", "answered", by="sue")
    await case.enters("at_the_bank")
    await case.happens("dispute_over", won=True)

    assert await case.ends() == "done"
    assert case.told == ["bill_reopened", "bill_paid_after_all"]


async def test_a_bill_whose_dispute_is_lost_stays_open(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_bank", "accepted", by="sue")
    await case.enters("at_the_bank")
    await case.happens("dispute_over", won=False)

    assert await case.ends() == "done"
    assert case.told == ["bill_reopened"]


async def test_a_bank_that_decides_before_we_answer_ends_the_asking(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("answer_bank")
    await case.happens("dispute_over", won=True)

    assert await case.ends() == "done"
    assert (case.withdrawn, case.told[-1]) == (["answer_bank"], "bill_paid_after_all")


async def test_a_bank_of_which_nothing_is_heard_is_not_waited_for_for_ever(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("answer_bank")
    await case.passes(WITHIN + timedelta(minutes=1))
    assert case.escalated == ["answer_bank"]
    await case.answer("answer_bank", "answered", by="sue")
    await case.enters("at_the_bank")
    await case.passes(PERIODS.until_the_bank_decides + timedelta(minutes=1))

    assert await case.ends() == "done"
    assert case.told == ["bill_reopened"]
