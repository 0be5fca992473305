"""Every branch of a top-up by telephone, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.top_up.spec import PERIODS

pytestmark = pytest.mark.anyio


async def called(skipping: Rehearsal, bank: str = "authorised") -> Rehearsed:
    """The case waits for the customer's call; their bank will say this."""
    case = await skipping.open("top_up")
    case.gives["authorise_top_up"] = [{"bank": bank}]
    await case.enters("call")
    return case


async def test_who_calls_and_agrees_has_the_money_on_their_balance(skipping: Rehearsal) -> None:
    case = await called(skipping)
    assert case.effects == []
    await case.happens("top_up_agreed")

    assert await case.ends() == "done"
    assert case.effects == ["authorise_top_up", "capture_top_up", "say_verdict"]
    assert case.stages == ["call", "bank", "added"]
    assert case.past_no_return
    assert case.told == ["top_up_receipt"]


async def test_who_does_not_call_in_a_day_is_charged_nothing(skipping: Rehearsal) -> None:
    case = await called(skipping)
    await case.passes(PERIODS.customer_calls - timedelta(minutes=1))
    assert case.closes == []

    assert await case.ends() == "expired"
    assert (case.closes[0].reason, case.effects, case.told) == ("not_called", [], ["top_up_ended"])


async def test_a_decline_ends_it_and_is_said_on_the_line(skipping: Rehearsal) -> None:
    case = await called(skipping, "declined")
    await case.happens("top_up_agreed")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.past_no_return) == ("declined", False)
    assert case.effects == ["authorise_top_up", "say_verdict", "release_top_up"]
    assert case.told == ["top_up_ended"]


async def test_a_bank_that_does_not_answer_is_asked_again_under_the_same_key(skipping: Rehearsal) -> None:
    case = await called(skipping)
    case.is_away("authorise_top_up")
    await case.happens("top_up_agreed")
    await case.until(lambda: len(case.tries) > 1, "ask again")
    assert case.effects == []
    case.gives["authorise_top_up"] = [{"bank": "authorised"}]
    await case.system_is_back("payments")

    assert await case.ends() == "done"
    assert len({one.key for one in case.tries if one.name == "authorise_top_up"}) == 1
    assert case.effects == ["authorise_top_up", "capture_top_up", "say_verdict"]


async def test_who_stops_it_while_the_bank_is_silent_has_what_is_held_released(skipping: Rehearsal) -> None:
    case = await called(skipping)
    case.is_away("authorise_top_up")
    await case.happens("top_up_agreed")
    await case.until(lambda: len(case.tries) > 1, "ask the bank again")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert "capture_top_up" not in case.effects
    assert case.effects[-1] == "release_top_up"


async def test_who_stops_it_before_the_call_is_charged_nothing(skipping: Rehearsal) -> None:
    case = await called(skipping)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert (case.effects, case.told) == ([], ["top_up_ended"])


async def test_a_stolen_card_has_us_call_the_customer_before_it_ends(skipping: Rehearsal) -> None:
    case = await called(skipping, "stolen")
    await case.happens("top_up_agreed")
    await case.child_closes("call_back", result="spoken")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.told, case.children) == ("declined", ["top_up_ended"], ["call_back"])
    assert case.effects[:2] == ["authorise_top_up", "say_verdict"]


async def test_a_stolen_card_that_is_not_kept_has_us_call_the_customer_too(skipping: Rehearsal) -> None:
    case = await called(skipping)
    await case.happens("top_up_card_reported")
    await case.child_closes("call_back", result="not_reached")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects, case.children) == ("declined", [], ["call_back"])


async def test_who_is_asked_first_confirms_calls_again_and_adds_the_money(skipping: Rehearsal) -> None:
    case = await called(skipping)
    await case.passes(timedelta(hours=20))
    await case.happens("top_up_asks_first")
    await case.asks("confirm_top_up")
    assert case.told == ["top_up_confirm"]
    await case.answer("confirm_top_up", "confirmed")
    await case.is_quiet()
    await case.passes(PERIODS.customer_calls - timedelta(minutes=1))
    assert case.closes == []
    await case.happens("top_up_agreed")

    assert await case.ends() == "done"
    assert case.stages == ["call", "confirm", "call", "bank", "added"]
    assert case.told == ["top_up_confirm", "top_up_receipt"]


async def test_who_does_not_confirm_in_a_day_is_charged_nothing(skipping: Rehearsal) -> None:
    case = await called(skipping)
    await case.happens("top_up_asks_first")
    await case.asks("confirm_top_up")
    await case.passes(PERIODS.customer_confirms)

    assert await case.ends() == "expired"
    assert (case.closes[0].reason, case.effects) == ("not_confirmed", [])


async def test_who_says_that_it_is_not_they_is_called(skipping: Rehearsal) -> None:
    case = await called(skipping)
    await case.happens("top_up_asks_first")
    await case.answer("confirm_top_up", "not_mine")
    await case.child_closes("call_back", result="spoken")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects, case.children) == ("not_theirs", [], ["call_back"])
