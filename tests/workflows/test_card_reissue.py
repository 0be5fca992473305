"""The card reissue from its opening to its end, and customers who stay silent, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.reissue import activate, deliver, does, expects_letter, open_reissue, order
from workflows.card_reissue.spec import CARD_REISSUE

pytestmark = pytest.mark.anyio
MOST_EVENTS = 41
"""Of the engine, for a case in which everybody answers at once, with the case under it that moves the payments."""

# --- the straight way -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["lost", "stolen", "fraud"])
async def test_a_card_in_other_hands_is_blocked_before_anything_else(skipping: Rehearsal, reason: str) -> None:
    case = await open_reissue(skipping, reason=reason)
    await order(case)
    await case.happens("card_shipped", posting=1)
    await deliver(case)

    assert await activate(case) == "done"
    assert case.stages == [
        "blocked", "told", "survey", "checked", "ordered", "shipped", "activation", "old_closed",
    ]  # fmt: skip
    assert case.effects == [
        "block_card", "assess_risk", "order_card", "activate_card", "close_card",
    ]  # fmt: skip
    assert case.told == [
        "card_blocked", "card_ordered", "card_shipped", "card_delivered_activate", "card_active", "reissue_done",
    ]  # fmt: skip
    assert case.acts.index("stage blocked") < case.acts.index("block_card") < case.acts.index("stage told")


@pytest.mark.parametrize("reason", ["damaged", "expiring"])
async def test_a_card_that_is_only_worn_stays_open_until_the_new_one_is_active(
    skipping: Rehearsal, reason: str
) -> None:
    case = await open_reissue(skipping, reason=reason)
    await order(case)
    await deliver(case)

    assert await activate(case) == "done"
    assert case.stages == ["told", "survey", "checked", "ordered", "activation", "old_closed"]
    assert case.effects[0] == "assess_risk"
    assert case.effects[-2:] == ["activate_card", "close_card"]
    assert case.told[0] == "card_reissue_opened"


async def test_the_payments_of_a_card_with_a_new_number_are_moved_before_it_is_done(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, reason="lost")
    await order(case)
    await deliver(case)
    await case.answer("activate_card", "activated")
    await case.until(lambda: "autopay_update" in case.children)
    await case.is_quiet()
    assert ("close_card" in case.effects, "reissue_done" in case.told) == (True, False)

    await case.child_closes("autopay_update", "done", moved=9, left=1)
    assert await case.ends() == "done"
    assert case.told[-1] == "reissue_done"


async def test_a_worn_card_that_keeps_its_number_has_nothing_to_move(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping, reason="damaged")
    await order(case)
    await deliver(case)

    assert await activate(case) == "done"
    assert case.children == []


async def test_a_plain_case_costs_the_engine_few_events(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "answered")
    await does(case, "order_card")
    await case.happens("card_shipped", posting=1)
    await case.enters("shipped")
    await deliver(case)
    assert await activate(case) == "done"

    history = await case.handle.fetch_history()
    assert len(history.events) <= MOST_EVENTS


async def test_nothing_is_ordered_before_the_point_of_no_return_is_passed(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await order(case)

    assert case.acts.index("no return") < case.acts.index("order_card")
    assert next(step.said.stage for step in case.done if step.said.no_return) == "ordered"
    await deliver(case)
    assert await activate(case) == "done"


async def test_a_proof_and_an_activation_need_the_second_level(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await order(case)
    await deliver(case)
    await case.asks("activate_card")

    assert {step: CARD_REISSUE.kind(item.kind).level for step, item in case.items.items()} == {
        "prove_identity": 2,
        "email_survey": 1,
        "activate_card": 2,
    }
    assert await activate(case) == "done"


# --- the customer's address -------------------------------------------------------------------------------------------


async def test_a_wrong_address_is_corrected_before_the_risk_is_assessed(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "address_wrong")
    await case.asks("correct_address")
    assert "assess_risk" not in case.effects

    await case.answer("correct_address", "corrected", by="desk-1")
    await does(case, "order_card")
    await deliver(case)
    assert await activate(case) == "done"


async def test_an_address_that_cannot_be_corrected_ends_the_case(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "address_wrong")
    await case.answer("correct_address", "given_up", by="desk-1")

    assert await case.ends() == "rejected"
    assert "order_card" not in case.effects
    assert case.told[-1] == "reissue_ended"


async def test_an_address_that_nobody_corrects_is_raised(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "address_wrong")
    await case.asks("correct_address")
    await case.passes(days=7, minutes=1)

    assert case.escalated == ["correct_address"]
    await case.answer("correct_address", "given_up", by="supervisor-1")
    assert await case.ends() == "rejected"


# --- a silent customer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["prove_identity", "email_survey"])
async def test_a_silent_customer_is_reminded_after_a_day_and_after_three(skipping: Rehearsal, step: str) -> None:
    case = await open_reissue(skipping)
    if step == "email_survey":
        await case.answer("prove_identity", "proven")
    item = await case.asks(step)
    opened = await case.now()
    assert timedelta(days=14) - timedelta(minutes=1) < item.due_at - opened

    await case.passes(hours=23, minutes=59)
    assert case.reminded == []
    await case.passes(minutes=2)
    assert case.reminded == [step]
    await case.passes(hours=47, minutes=57)
    assert case.reminded == [step]
    await case.passes(minutes=2)
    assert case.reminded == [step, step]
    await case.passes_until(opened + timedelta(days=13, hours=23))
    assert (case.reminded, case.expired) == ([step, step], [])
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


@pytest.mark.parametrize("step", ["prove_identity", "email_survey"])
async def test_a_silent_customer_is_called_back_and_answers(skipping: Rehearsal, step: str) -> None:
    case = await open_reissue(skipping)
    if step == "email_survey":
        await case.answer("prove_identity", "proven")
    await case.asks(step)
    await case.passes(days=14, minutes=1)
    assert case.expired == [step]

    await case.child_closes("call_back", "done", result="spoken")
    if step == "prove_identity":
        await case.answer("prove_identity-2", "proven")
    await case.asks("email_survey-2" if step == "email_survey" else "email_survey")
    await expects_letter(case)
    await case.answer("email_survey-2" if step == "email_survey" else "email_survey", "answered")
    await does(case, "order_card")
    await deliver(case)
    assert await activate(case) == "done"


@pytest.mark.parametrize(
    ("ended", "facts"),
    [("expired", {"result": "not_reached"}), ("rejected", {"result": "declined"}), ("withdrawn", {})],
    ids=["not reached", "declined", "called off"],
)
async def test_a_customer_who_is_not_spoken_with_lets_the_case_expire(
    skipping: Rehearsal, ended: str, facts: dict[str, str]
) -> None:
    case = await open_reissue(skipping, reason="lost")
    await case.answer("prove_identity", "proven")
    await case.asks("email_survey")
    await case.passes(days=14, minutes=1)
    await case.child_closes("call_back", ended, **facts)

    assert await case.ends() == "expired"
    assert case.told[-1] == "reissue_ended"
    assert case.effects == ["block_card"]
    assert "call_customer" not in case.items


async def test_a_customer_is_called_back_twice_and_never_a_third_time(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    for suffix in ("", "-2"):
        await case.asks(f"prove_identity{suffix}")
        await case.passes(days=14, minutes=1)
        await case.child_closes("call_back", "done", result="spoken")
    await case.asks("prove_identity-3")

    assert await case.ends() == "expired"
    assert case.children == ["call_back", "call_back"]
    assert case.expired == ["prove_identity", "prove_identity-2", "prove_identity-3"]


async def test_an_answer_a_moment_before_the_expiry_counts(skipping: Rehearsal) -> None:
    case = await open_reissue(skipping)
    await case.asks("prove_identity")
    case.answered.add("prove_identity")
    await case.passes(days=14, minutes=1)
    assert "call_customer" not in case.items

    await order(case)
    await deliver(case)
    assert await activate(case) == "done"
