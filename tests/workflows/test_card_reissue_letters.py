"""The letter with the new card, the branch, the activation, and what an issuer refuses, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.reissue import activate, deliver, does, expects_letter, moved, open_reissue, order
from workflows.base.contracts import Why, Wire

pytestmark = pytest.mark.anyio


async def ordered(skipping: Rehearsal, *, reason: str = "stolen", abroad: bool = False) -> Rehearsed:
    case = await open_reissue(skipping, reason=reason, abroad=abroad)
    await order(case)
    return case


async def posts_again(case: Rehearsed, why: str, *, posting: int) -> None:
    await expects_letter(case)
    await case.happens(why, posting=posting)
    await does(case, "reship_card", times=posting)


# --- the letter -------------------------------------------------------------------------------------------------------


async def test_a_letter_may_be_shipped_late_and_delivered_without_being_shipped(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await case.passes(days=13, hours=20)
    assert "card_lost" not in case.told
    await deliver(case)
    await case.asks("activate_card")

    assert "shipped" not in case.stages
    assert await activate(case) == "done"


async def test_a_letter_that_was_shipped_late_is_waited_for_until_it_was_expected(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await case.passes(days=13)
    await case.happens("card_shipped", posting=1)
    await case.enters("shipped")
    await expects_letter(case, after=timedelta(days=40))
    await case.passes(days=1, minutes=1)
    await case.answer("letter_came", "not_come")

    await does(case, "reship_card")
    assert case.told[-2:] == ["card_late", "card_lost"]
    await deliver(case, posting=2)
    assert await activate(case) == "done"


@pytest.mark.parametrize("why", ["card_returned", "card_lost"])
async def test_a_letter_that_did_not_arrive_is_posted_again(skipping: Rehearsal, why: str) -> None:
    case = await ordered(skipping)
    await case.happens("card_shipped", posting=1)
    await case.enters("shipped")
    await expects_letter(case)
    await case.happens(why, posting=1)
    if why == "card_lost":
        await case.answer("letter_came", "not_come")
    await does(case, "reship_card")
    assert case.told[-1] == why
    await case.happens("card_shipped", posting=2)
    await deliver(case, posting=2)

    assert await activate(case) == "done"
    assert case.told.count("card_shipped") == 2


async def test_silence_of_the_post_counts_as_a_loss_when_the_letter_was_expected(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await case.is_quiet()
    expected_by = case.done[-1].said.waiting_until
    assert expected_by is not None
    await expects_letter(case, after=timedelta(days=60))
    await case.passes_until(expected_by - timedelta(minutes=1))
    assert "letter_came" not in case.items
    await case.passes_until(expected_by + timedelta(minutes=1))
    assert await case.asks("letter_came")
    assert case.told[-1] == "card_late"
    await case.passes(days=4, hours=23)
    assert "reship_card" not in case.effects
    await case.passes(hours=2)

    assert case.expired == ["letter_came"]
    await does(case, "reship_card")
    await deliver(case, posting=2)
    assert await activate(case) == "done"


async def test_news_of_a_letter_that_was_given_up_does_not_count_for_the_next(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await posts_again(case, "card_returned", posting=1)
    await case.happens("card_lost", posting=1)
    await case.happens("card_delivered", posting=1)
    await case.is_quiet()
    assert "activation" not in case.stages
    assert case.effects.count("reship_card") == 1

    await deliver(case, posting=2)
    assert await activate(case) == "done"


async def test_a_letter_of_which_the_post_has_no_news_is_with_its_customer(skipping: Rehearsal) -> None:
    """The post that only ever says "shipped" strands nobody, and cancels nothing unasked."""
    case = await ordered(skipping)
    await case.happens("card_shipped", posting=1)
    await case.asks("activate_early")
    await case.passes(days=14, minutes=1)
    await case.asks("letter_came")
    assert case.withdrawn == ["activate_early"]
    await case.answer("letter_came", "came")

    assert await activate(case) == "done"
    assert "reship_card" not in case.effects
    assert "cancel_new_card" not in case.effects


async def test_who_holds_the_card_activates_it_before_the_post_says_so(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await case.happens("card_shipped", posting=1)
    await case.answer("activate_early", "activated")
    await case.happens("card_in_hand", posting=1)

    assert await moved(case) == "done"
    assert case.told[-3:] == ["card_shipped", "card_active", "reissue_done"]
    assert "activate_card" not in case.items
    assert case.effects[-2:] == ["activate_card", "close_card"]


async def test_early_hands_on_a_letter_that_was_given_up_do_not_count_for_the_next(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await case.happens("card_shipped", posting=1)
    await case.asks("activate_early")
    await posts_again(case, "card_returned", posting=1)
    await case.happens("card_shipped", posting=2)
    await case.happens("card_in_hand", posting=1)
    await case.asks("activate_early-2")
    await case.is_quiet()
    assert "activate_card" not in case.effects
    await case.happens("card_in_hand", posting=2)

    assert await moved(case) == "done"


@pytest.mark.parametrize(("news", "again"), [("card_delivered", False), ("card_returned", True)])
async def test_news_that_came_while_a_silent_customer_was_asked_counts(
    skipping: Rehearsal, news: str, again: bool
) -> None:
    case = await ordered(skipping)
    await case.passes(days=14, minutes=1)
    await case.asks("letter_came")
    await expects_letter(case, after=timedelta(days=60))
    await case.happens(news, posting=1)
    await case.passes(days=5, minutes=1)
    if again:
        await deliver(case, posting=2)

    assert await activate(case) == "done"
    assert ("reship_card" in case.effects) == again


async def three_letters_in_vain(skipping: Rehearsal) -> Rehearsed:
    case = await ordered(skipping)
    await posts_again(case, "card_returned", posting=1)
    await expects_letter(case)
    await case.happens("card_lost", posting=2)
    await case.answer("letter_came", "not_come")
    await does(case, "reship_card", times=2)
    await case.happens("card_returned", posting=3)
    await case.asks("hand_over_at_branch")
    return case


async def test_after_three_letters_the_card_waits_at_the_branch(skipping: Rehearsal) -> None:
    case = await three_letters_in_vain(skipping)
    assert case.effects.count("reship_card") == 2
    assert case.effects[-1] == "send_to_branch"
    assert case.told[-2:] == ["card_returned", "card_at_branch"]
    await case.answer("hand_over_at_branch", "collected", by="desk-1")

    assert await activate(case) == "done"


async def test_a_card_that_nobody_collects_is_cancelled(skipping: Rehearsal) -> None:
    case = await three_letters_in_vain(skipping)
    await case.passes(days=21, minutes=1)
    assert case.escalated == ["hand_over_at_branch"]
    await case.answer("hand_over_at_branch", "not_collected", by="desk-1")

    assert await case.ends() == "expired"
    assert case.effects[-1] == "cancel_new_card"
    assert "close_card" not in case.effects


# --- activation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("abroad", "days"), [(False, 21), (True, 30)])
async def test_a_card_that_is_not_activated_in_time_is_cancelled(skipping: Rehearsal, abroad: bool, days: int) -> None:
    case = await ordered(skipping, reason="damaged", abroad=abroad)
    await deliver(case)
    item = await case.asks("activate_card")
    opened = await case.now()
    assert abs(item.due_at - opened - timedelta(days=days)) < timedelta(minutes=1)

    await case.passes(days=days * 0.5, minutes=1)
    assert case.reminded[-1:] == ["activate_card"]
    await case.passes(days=days * 0.35)
    assert case.reminded[-2:] == ["activate_card", "activate_card"]
    assert case.expired == []
    assert await case.ends() == "expired"
    assert case.expired == ["activate_card"]
    assert case.effects[-1] == "cancel_new_card"
    assert "activate_card" not in case.effects
    assert "activation_expired" in case.told


async def test_a_card_is_activated_on_the_last_day(skipping: Rehearsal) -> None:
    case = await ordered(skipping)
    await deliver(case)
    await case.asks("activate_card")
    await case.passes(days=20, hours=23)

    assert await activate(case) == "done"
    assert "cancel_new_card" not in case.effects


# --- an issuer that refuses, or is not there --------------------------------------------------------------------------


@pytest.mark.parametrize("effect", ["block_card", "order_card", "reship_card"])
async def test_what_the_issuer_refuses_is_tried_again_with_another_key(skipping: Rehearsal, effect: str) -> None:
    skipping.refuses(effect, "address_refused")
    case = await open_reissue(skipping)
    if effect == "block_card":
        await case.answer("resolve_failure", "retry", by="supervisor-1")
        await case.answer("prove_identity", "proven")
    else:
        await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "answered")
    if effect == "reship_card":
        await does(case, "order_card")
        await case.happens("card_returned", posting=1)
    if effect != "block_card":
        assert (await case.asks("resolve_failure")).why == Why("refused", f"{effect}: address_refused")
        await case.answer("resolve_failure", "retry", by="supervisor-1")
    await does(case, effect)
    await deliver(case, posting=2 if effect == "reship_card" else 1)

    assert await activate(case) == "done"
    assert [key for key in case.made if f":{effect}:" in key] == [f"{case.id}:{effect}:2"]


EFFECTS = [
    "block_card",
    "order_card",
    "reship_card",
    "send_to_branch",
    "activate_card",
    "cancel_new_card",
    "close_card",
]


@pytest.mark.parametrize("effect", EFFECTS)
async def test_what_the_issuer_refuses_for_good_makes_the_case_a_failed_one(skipping: Rehearsal, effect: str) -> None:
    skipping.refuses(f"{effect}", "card_closed")
    case = await open_reissue(skipping, reason="lost")
    if effect != "block_card":
        await order_or_try(case)
    if effect in ("reship_card", "send_to_branch"):
        await case.happens("card_returned", posting=1)
    if effect == "send_to_branch":
        for posting in (2, 3):
            await does(case, "reship_card", times=posting - 1)
            await case.happens("card_returned", posting=posting)
    if effect in ("activate_card", "cancel_new_card", "close_card"):
        await deliver(case)
        await case.asks("activate_card")
        if effect == "cancel_new_card":
            await case.passes(days=21, minutes=1)
        else:
            await case.answer("activate_card", "activated")
    await case.answer("resolve_failure", "give_up", by="supervisor-1")

    assert await case.ends() == "failed"
    close = case.closes[0]
    assert close.reason == f"{effect}:card_closed"
    assert "unblock_card" not in case.effects


async def order_or_try(case: Rehearsed) -> None:
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "answered")
    await case.enters("ordered")


async def test_an_issuer_that_is_away_for_days_becomes_a_work_item_and_keeps_its_key(skipping: Rehearsal) -> None:
    """The key and the time of the first asking stay: the attempt without an answer may have ordered the card."""
    case = await open_reissue(skipping)
    answers = case.gives["order_card"]
    asked: list[str] = []

    def away(args: Wire) -> Wire:
        asked.append("again")
        raise ApplicationError("http_503", type="OutsideUnavailable", next_retry_delay=timedelta(hours=40))

    case.gives["order_card"] = [away]
    await order_or_try(case)
    await case.until(lambda: bool(asked), "ask the issuer")
    await case.passes(days=3, hours=1)
    why = (await case.asks("resolve_failure")).why
    assert why is not None
    assert why.about.startswith("order_card: ")
    case.gives["order_card"] = answers
    await case.answer("resolve_failure", "retry", by="supervisor-1")
    await case.enters("ordered")
    await case.until(lambda: "card_ordered" in case.told, "tell")

    calls = [call for call in case.tries if call.name == "order_card"]
    assert len(calls) >= 3
    assert len({call.key for call in calls}) == 1
    assert len({call.asked_at for call in calls}) == 1
    await deliver(case)
    assert await activate(case) == "done"
