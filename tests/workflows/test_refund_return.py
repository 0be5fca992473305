"""A refund that did not arrive, played by the engine on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal
from workflows.refund_return.spec import PERIODS

pytestmark = pytest.mark.anyio


async def test_one_of_us_pays_it_in_another_way_and_the_customer_is_told_twice(skipping: Rehearsal) -> None:
    case = await skipping.open("refund_return", refund="re_1")
    await case.asks("pay_otherwise")
    assert case.told == ["refund_came_back"]
    await case.answer("pay_otherwise", "transferred", by="sue")

    assert await case.ends() == "done"
    assert case.stages == ["came_back", "paid"]
    assert case.told == ["refund_came_back", "refund_paid_otherwise"]


async def test_what_nobody_pays_within_three_days_goes_to_the_supervisors(skipping: Rehearsal) -> None:
    case = await skipping.open("refund_return", refund="re_1")
    await case.asks("pay_otherwise")
    await case.passes(PERIODS.pay_in_another_way + timedelta(minutes=1))
    assert case.escalated == ["pay_otherwise"]
    await case.answer("pay_otherwise", "kept", by="sue")

    assert await case.ends() == "done"


async def test_of_a_bill_nobody_is_written_to_and_whoever_paid_is_waited_for(skipping: Rehearsal) -> None:
    case = await skipping.open("refund_return", refund="re_1", anonymous=True)
    await case.asks("pay_whoever_paid")
    await case.passes(PERIODS.whoever_paid_calls + timedelta(minutes=1))
    assert case.escalated == ["pay_whoever_paid"]
    await case.answer("pay_whoever_paid", "transferred", by="sue")

    assert await case.ends() == "done"
    assert (case.stages, case.told) == (["came_back", "paid"], [])
