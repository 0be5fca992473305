"""Every branch of a payment by telephone, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.voice_payment.spec import PERIODS, READINGS, VOICE_PAYMENT

pytestmark = pytest.mark.anyio
AUTHORISED = {"bank": "authorised"}


def gives(**other: Any) -> dict[str, Any]:
    """All goes well: the gateway takes each command, and the bank says yes."""
    counted = [{"number": number} for number in (1, 2)]
    taken: dict[str, Any] = {}
    return {
        "assess_payment": {},
        "prepare_voice_call": counted,
        "ring_customer": taken,
        "read_out": taken,
        "ring_agent": {"taken": False},
        "take_keys": taken,
        "say_verdict": {"taken": False},
        "begin_authorising": {"begun": True},
        "authorise_payment": AUTHORISED,
        "look_at_payout": {"stands": "over"},
        **other,
    }


async def ordered(skipping: Rehearsal, mode: str = "call_out", *, accompanied: bool = False, **other: Any) -> Rehearsed:
    return await skipping.open("voice_payment", mode=mode, accompanied=accompanied, gives=gives(**other))


async def told(case: Rehearsed, *what: str, call: int = 1) -> None:
    for one in what:
        await case.happens("voice_told", call=call, what=one)


def calls(case: Rehearsed) -> list[str]:
    """The names of the calls of the gateway and the provider, in their order."""
    names = {call.name for call in VOICE_PAYMENT.calls}
    return [act for act in case.acts if act in names]


async def is_rung_again(case: Rehearsed) -> None:
    await case.is_quiet()
    await case.passes(PERIODS.before_ringing_again)


async def test_a_customer_pays_by_the_keys(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.is_quiet()
    assert case.told == ["payment_receipt"]
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert case.stages == [
        "ordered",
        "calling",
        "linked",
        "capturing",
        "asking_bank",
        "authorised",
        "paid",
        "delivered",
    ]
    assert calls(case) == [
        *("ring_customer", "read_out", "take_keys", "authorise_payment"),
        *("capture_payment", "say_verdict", "hang_up_voice", "note_provider_fee"),
    ]


async def test_the_agent_joins_once_the_customer_has_agreed(skipping: Rehearsal) -> None:
    case = await ordered(skipping, accompanied=True, ring_agent={}, say_verdict={})
    await told(case, "answered", "agreed", "agent_there", "taken", "said")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert calls(case)[:4] == ["ring_customer", "read_out", "ring_agent", "take_keys"]


async def test_in_the_same_call_nothing_is_read_out_before_the_agent_asks_for_it(skipping: Rehearsal) -> None:
    case = await ordered(skipping, "same_call", accompanied=True)
    await told(case, "answered")
    await case.passes(minutes=5)
    assert calls(case) == ["ring_customer"]
    await told(case, "take_now", "agreed", "taken")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert "ring_agent" not in calls(case)


async def test_who_does_not_answer_is_rung_once_more(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "not_answered")
    await is_rung_again(case)
    await told(case, "not_answered", call=2)

    assert await case.ends() == "expired"
    assert (case.closes[0].reason, calls(case).count("ring_customer")) == ("not_reached", 2)
    assert case.told == ["payment_not_made"]


async def test_a_line_that_is_lost_is_rung_once_more(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "agreed", "lost")
    await is_rung_again(case)
    await told(case, "answered", "agreed", "taken", call=2)
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert calls(case).count("authorise_payment") == 1


async def test_a_line_that_is_lost_twice_ends_it(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "lost")
    await is_rung_again(case)
    await told(case, "answered", "agreed", "lost", call=2)

    assert await case.ends() == "failed"
    assert case.closes[0].reason == "line_lost"
    assert "authorise_payment" not in calls(case)


async def test_a_gateway_that_is_away_is_a_lost_line(skipping: Rehearsal) -> None:
    case = await ordered(skipping, ring_customer={"taken": False})

    assert await case.ends() == "failed"
    assert (case.closes[0].reason, calls(case).count("ring_customer")) == ("line_lost", 2)


async def test_a_gateway_that_says_nothing_is_not_waited_for_for_ever(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "agreed")
    await case.enters("capturing")
    await case.passes(PERIODS.keying + timedelta(seconds=1))
    await is_rung_again(case)
    await told(case, "not_answered", call=2)

    assert await case.ends() == "expired"


@pytest.mark.parametrize(
    ("what", "result", "reason"),
    [
        (("stopped",), "rejected", "stopped"),
        (("hung_up",), "rejected", "hung_up"),
        (("nothing_keyed",), "expired", "nothing_keyed"),
        (("agreed", "stopped"), "rejected", "stopped"),
        (("agreed", "hung_up"), "rejected", "hung_up"),
        (("agreed", "nothing_keyed"), "expired", "nothing_keyed"),
        (("agreed", "not_accepted"), "rejected", "declined"),
    ],
    ids=lambda one: "_".join(one) if isinstance(one, tuple) else None,
)
async def test_nothing_is_paid(skipping: Rehearsal, what: tuple[str, ...], result: str, reason: str) -> None:
    case = await ordered(skipping)
    await told(case, "answered", *what)

    assert await case.ends() == result
    assert case.closes[0].reason == reason
    assert "authorise_payment" not in calls(case)
    assert "capture_payment" not in calls(case)
    assert case.told == ["payment_not_made"]


async def test_what_was_changed_is_read_out_again(skipping: Rehearsal) -> None:
    case = await ordered(skipping, begin_authorising=[{"begun": False}, {"begun": True}])
    await told(case, "answered", "changed", "agreed", "taken", "agreed", "taken")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert (calls(case).count("read_out"), calls(case).count("authorise_payment")) == (3, 1)


async def test_it_is_not_read_out_for_ever(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", *["again"] * READINGS)

    assert await case.ends() == "expired"
    assert calls(case).count("read_out") == READINGS


@pytest.mark.parametrize("what", ["other_card", "provider_away"])
async def test_all_is_asked_for_again_twice(skipping: Rehearsal, what: str) -> None:
    case = await ordered(skipping)
    await told(case, "answered", *["agreed", what] * 3)

    assert await case.ends() == ("rejected" if what == "other_card" else "failed")
    assert calls(case).count("take_keys") == 3


async def test_a_bank_that_does_not_answer_is_asked_again_and_the_customer_is_told(skipping: Rehearsal) -> None:
    case = await ordered(skipping, authorise_payment={"bank": "unknown"}, ask_bank_again=AUTHORISED)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert case.told == ["payment_unknown", "payment_receipt"]
    assert calls(case).count("authorise_payment") == calls(case).count("ask_bank_again") == 1


async def test_what_the_bank_declines_is_not_paid(skipping: Rehearsal) -> None:
    case = await ordered(skipping, authorise_payment={"bank": "declined"}, say_verdict={})
    await told(case, "answered", "agreed", "taken", "said")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "declined"
    assert "capture_payment" not in calls(case)


async def test_about_a_stolen_card_one_of_us_calls(skipping: Rehearsal) -> None:
    case = await ordered(skipping, authorise_payment={"bank": "stolen"})
    await told(case, "answered", "agreed", "taken")
    await case.child_closes("call_back", result="spoken")

    assert await case.ends() == "rejected"
    assert case.children == ["call_back"]


async def test_who_may_not_be_rung_now_is_not(skipping: Rehearsal) -> None:
    case = await ordered(skipping, prepare_voice_call={})

    assert await case.ends() == "expired"
    assert (case.closes[0].reason, calls(case).count("ring_customer")) == ("not_now", 0)


async def test_what_the_risk_rules_refuse_rings_nobody(skipping: Rehearsal) -> None:
    case = await ordered(skipping, assess_payment={"denied": True})

    assert await case.ends() == "rejected"
    assert "ring_customer" not in calls(case)


async def test_first_the_customer_confirms_and_sends_a_document(skipping: Rehearsal) -> None:
    case = await ordered(skipping, assess_payment={"identity": True, "document": True})
    item = await case.asks("confirm_order")
    assert case.kind(item).level == 2
    await case.answer("confirm_order", "confirmed")
    await case.answer("send_document", "sent")
    assert "ring_customer" not in calls(case)
    await case.answer("check_document", "fits", by="checker-1")
    await told(case, "not_answered")
    await is_rung_again(case)
    await told(case, "not_answered", call=2)

    assert await case.ends() == "expired"
    assert case.told[:2] == ["payment_confirm_order", "payment_document"]


@pytest.mark.parametrize(
    ("answers", "result", "reason"),
    [
        ({"confirm_order": "not_mine"}, "rejected", "not_theirs"),
        ({}, "expired", "not_confirmed"),
        ({"confirm_order": "confirmed"}, "expired", "no_document"),
        (
            {"confirm_order": "confirmed", "send_document": "sent", "check_document": "does_not_fit"},
            "expired",
            "no_document",
        ),
    ],
    ids=["not_mine", "silent", "no_document", "does_not_fit"],
)
async def test_who_does_not_confirm_is_not_rung(
    skipping: Rehearsal, answers: dict[str, str], result: str, reason: str
) -> None:
    case = await ordered(skipping, assess_payment={"identity": True, "document": True})
    for step, outcome in answers.items():
        await case.answer(step, outcome, by="checker-1" if step == "check_document" else "")

    assert await case.ends() == result
    assert (case.closes[0].reason, "ring_customer" in calls(case)) == (reason, False)


async def test_what_cannot_be_delivered_is_refunded(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=False)

    assert await case.ends() == "done"
    assert calls(case)[-1] == "refund_payment"
    assert case.told[-1] == "payment_refunded"


@pytest.mark.parametrize("outcome", ["fulfilled", "failed"])
async def test_where_the_shop_says_nothing_one_of_us_finds_out(skipping: Rehearsal, outcome: str) -> None:
    case = await ordered(skipping)
    await told(case, "answered", "agreed", "taken")
    await case.enters("paid")
    await case.passes(PERIODS.delivery + timedelta(hours=1))
    await case.answer("ask_about_delivery", outcome, by="agent-1")

    assert await case.ends() == "done"
    assert ("refund_payment" in calls(case)) is (outcome == "failed")
    assert "note_delivery" in case.effects


@pytest.mark.parametrize("what", [(), ("answered",), ("answered", "agreed")], ids=["ringing", "reading", "keying"])
async def test_whoever_stops_it_before_the_bank_is_asked_pays_nothing(
    skipping: Rehearsal, what: tuple[str, ...]
) -> None:
    case = await ordered(skipping)
    await told(case, *what)
    await case.enters(["calling", "linked", "capturing"][len(what)])
    await case.is_quiet()
    await case.is_withdrawn("called_off")

    assert await case.ends() == "withdrawn"
    assert calls(case)[-1] == "hang_up_voice"
    assert "authorise_payment" not in calls(case)


async def test_stopped_while_the_bank_is_asked_what_is_held_is_released(skipping: Rehearsal) -> None:
    skipping.refuses("ask_bank_again", "state")
    case = await ordered(skipping, authorise_payment={"bank": "unknown"})
    await told(case, "answered", "agreed", "taken")
    await case.asks("resolve_failure")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert calls(case)[-2:] == ["release_payment", "hang_up_voice"]


async def test_while_it_is_paused_nothing_goes_on(skipping: Rehearsal) -> None:
    case = await ordered(
        skipping, begin_authorising=[{"begun": False}, {"begun": True}], read_out=[{}, {"taken": False}, {}]
    )
    await told(case, "answered", "agreed")
    await case.enters("capturing")
    await case.is_frozen()
    await told(case, "taken")
    await case.has_heard()
    assert "begin_authorising" not in case.effects
    await case.is_unfrozen()
    await is_rung_again(case)
    await told(case, "answered", "agreed", "taken", call=2)
    await case.enters("paid")
    await case.happens("delivery_reported", fulfilled=True)

    assert await case.ends() == "done"
    assert calls(case).count("authorise_payment") == 1
