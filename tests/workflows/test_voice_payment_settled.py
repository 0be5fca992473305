"""What becomes of a payment by telephone after its delivery: the merchant is paid, once, and never while something
holds it. On a server that skips time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import away_for
from tests.workflows.test_voice_payment import calls, ordered, told

pytestmark = pytest.mark.anyio
DUE, OVER, HELD = {"stands": "due"}, {"stands": "over"}, {"stands": "held"}
DAYS = timedelta(days=7)


async def delivered(skipping: Rehearsal, *found: dict[str, Any], **other: Any) -> Rehearsed:
    """A payment whose delivery was reported; `found` is what each look at the payout says."""
    case = await ordered(skipping, look_at_payout=list(found), **other)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)
    return case


def looks(case: Rehearsed) -> int:
    return case.effects.count("look_at_payout")


async def test_at_once_where_the_merchant_waits_for_no_day(skipping: Rehearsal) -> None:
    case = await delivered(skipping, DUE, pay_out={"paid": True})

    assert await case.ends() == "done"
    assert case.stages[-3:] == ["delivered", "payout", "settled"]
    assert calls(case)[-2:] == ["note_provider_fee", "pay_out"]
    assert case.told == ["payment_receipt"]


async def test_the_merchant_is_paid_on_its_day_and_not_before(skipping: Rehearsal) -> None:
    now = await skipping.env.get_current_time()
    day = now + DAYS
    case = await delivered(skipping, {"stands": "waits", "until": day.isoformat()}, DUE, pay_out={"paid": True})
    await case.enters("payout")
    await case.passes(days=6)
    assert "pay_out" not in calls(case)
    await case.passes(days=1)

    assert await case.ends() == "done"
    assert (looks(case), calls(case).count("pay_out")) == (2, 1)
    assert case.stages[-1] == "settled"


async def test_what_holds_it_is_waited_for_and_then_it_goes_on(skipping: Rehearsal) -> None:
    case = await delivered(skipping, HELD, HELD, DUE, pay_out={"paid": True})
    await case.enters("payout")
    await case.passes(days=40)
    assert (looks(case), calls(case).count("pay_out")) == (1, 0)
    await case.happens("payout_changed")
    await case.until(lambda: looks(case) == 2)
    await case.is_quiet()
    assert "pay_out" not in calls(case)
    await case.happens("payout_changed")

    assert await case.ends() == "done"
    assert (looks(case), calls(case).count("pay_out")) == (3, 1)


async def test_where_nothing_is_left_the_case_ends_without_a_payout(skipping: Rehearsal) -> None:
    case = await delivered(skipping, {"stands": "held"}, OVER)
    await case.enters("payout")
    await case.happens("payout_changed")

    assert await case.ends() == "done"
    assert "pay_out" not in calls(case)
    assert "settled" not in case.stages


async def test_what_the_provider_refuses_is_held_and_tried_again(skipping: Rehearsal) -> None:
    now = await skipping.env.get_current_time()
    again = {"stands": "held", "until": (now + timedelta(days=1)).isoformat()}
    case = await delivered(skipping, DUE, again, DUE, pay_out=[{"paid": False}, {"paid": True}])
    await case.enters("payout")
    await case.passes(days=1)

    assert await case.ends() == "done"
    assert (looks(case), calls(case).count("pay_out")) == (3, 2)


async def test_a_provider_that_is_away_is_asked_again_for_the_same(skipping: Rehearsal) -> None:
    away = away_for()
    case = await delivered(skipping, DUE, pay_out=[away, away, away, {"paid": True}])

    assert await case.ends() == "done"
    assert case.stages[-1] == "settled"
    assert len({one.key for one in case.tries if one.name == "pay_out"}) == 1


async def test_while_it_is_paused_nobody_is_paid(skipping: Rehearsal) -> None:
    case = await delivered(skipping, HELD, DUE, pay_out={"paid": True})
    await case.enters("payout")
    await case.is_quiet()
    await case.is_frozen()
    await case.happens("payout_changed")
    await case.has_heard()
    assert "pay_out" not in calls(case)
    await case.is_unfrozen()

    assert await case.ends() == "done"
    assert calls(case).count("pay_out") == 1


async def test_what_is_refunded_is_not_paid_out(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=False)

    assert await case.ends() == "done"
    assert calls(case)[-1] == "refund_payment"
    assert looks(case) == 1


async def test_given_up_after_it_was_paid_nobody_is_told_that_nothing_was(skipping: Rehearsal) -> None:
    skipping.refuses("note_provider_fee", "unknown")
    case = await ordered(skipping)
    await told(case, "answered", "agreed", "taken")
    await case.answer("resolve_failure", "give_up", by="supervisor-1")

    assert await case.ends() == "failed"
    assert "payment_not_made" not in case.told
