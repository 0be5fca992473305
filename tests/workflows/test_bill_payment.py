"""The payment of a bill by somebody with its reference, played by the engine on a server that skips time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.rows import away_for

pytestmark = pytest.mark.anyio


async def test_what_was_still_to_be_paid_is_booked_and_the_customer_hears_of_it(skipping: Rehearsal) -> None:
    case = await skipping.open("bill_payment", page="page-1", gives={"book_payment": {"booked": True}})

    assert await case.ends() == "done"
    assert case.stages == ["received", "booked"]
    assert case.effects == ["book_payment"]
    assert case.told == ["bill_paid"]


async def test_what_was_paid_meanwhile_goes_back_and_nobody_is_written_to(skipping: Rehearsal) -> None:
    case = await skipping.open("bill_payment", page="page-1", gives={"book_payment": {"booked": False}})

    assert await case.ends() == "rejected"
    assert case.stages == ["received", "returned"]
    assert case.effects == ["book_payment", "refund_payment"]
    assert case.past_no_return
    assert case.told == []


async def test_a_refund_is_asked_for_with_one_key_until_the_provider_answers(skipping: Rehearsal) -> None:
    gives: dict[str, Any] = {"book_payment": {"booked": False}, "refund_payment": [away_for(), away_for(), {}]}
    case = await skipping.open("bill_payment", page="page-1", gives=gives)

    assert await case.ends() == "rejected"
    assert len(case.tries) >= 3
    assert {one.key for one in case.tries} == {f"{case.id}:refund_payment:1"}


async def test_a_refund_that_the_provider_refuses_is_for_a_person(skipping: Rehearsal) -> None:
    skipping.refuses("refund_payment", "disputed")
    case = await skipping.open("bill_payment", page="page-1", gives={"book_payment": {"booked": False}})
    await case.answer("resolve_failure", "retry", by="supervisor-1")

    assert await case.ends() == "rejected"
    assert [one.key for one in case.tries] == [f"{case.id}:refund_payment:1", f"{case.id}:refund_payment:2"]
