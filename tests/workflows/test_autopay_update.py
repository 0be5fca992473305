"""Every branch and timer of an autopay update, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import Gives, away_for
from workflows.autopay_update.spec import PERIODS

pytestmark = pytest.mark.anyio
MOST_EVENTS = 40
"""Of the engine, for a case in which the network moves some and the customer ticks off the rest: however many payments
there are."""


async def open_update(
    skipping: Rehearsal, *, found: int = 3, waits: list[int] | None = None, letters: int = 0, under: str = ""
) -> Rehearsed:
    """`waits` are how many lines wait for the customer: when the network's time is over, and each time that is asked
    afterwards."""
    waiting = waits or [0]
    renewed: list[Gives] = [{"lines": count} for count in waiting[1:]] or [{"lines": 0}]
    gives: dict[str, Gives | list[Gives]] = {
        "take_inventory": {"lines": found},
        "settle_answers": {"lines": waiting[0], "letters": letters},
        "renew_holds": renewed,
        "sum_up": {"moved": found - waiting[-1], "left": waiting[-1]},
    }
    return await skipping.open("autopay_update", gives=gives, under=under)


async def test_the_network_moves_everything(skipping: Rehearsal) -> None:
    case = await open_update(skipping)
    await case.enters("queried")
    await case.happens("all_answered")

    assert await case.ends() == "done"
    assert case.stages == ["inventory", "queried", "summed_up"]
    assert case.effects == ["take_inventory", "move_wallets", "send_batch", "settle_answers", "sum_up"]
    assert case.told == ["update_started", "summary"]
    assert case.closes[0].facts == {"moved": 3}
    assert case.at() - case.at(0) < timedelta(minutes=1)


async def test_where_nothing_is_found_nobody_is_asked(skipping: Rehearsal) -> None:
    case = await open_update(skipping, found=0)

    assert await case.ends() == "done"
    assert case.effects == ["take_inventory", "move_wallets", "sum_up"]
    assert case.told == ["nothing_found"]


async def test_under_a_reissue_nobody_is_told_that_nothing_was_found(skipping: Rehearsal) -> None:
    case = await open_update(skipping, found=0, under="card_reissue")

    assert await case.ends() == "done"
    assert case.told == []


async def test_a_network_that_is_silent_is_waited_for_five_days(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[3, 0])
    await case.enters("queried")
    await case.passes(PERIODS.network_answers - timedelta(minutes=1))
    assert "settle_answers" not in case.effects

    await case.passes(minutes=2)
    await case.asks("move_the_rest")
    await case.answer("move_the_rest", "all")
    assert await case.ends() == "done"


async def test_the_customer_is_reminded_after_three_and_ten_days(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[1, 0])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.passes(days=3, minutes=1)
    assert len(case.reminded) == 1
    await case.passes(days=6, hours=23)
    assert len(case.reminded) == 1
    await case.passes(hours=2)
    assert len(case.reminded) == 2

    await case.answer("move_the_rest", "all")
    assert await case.ends() == "done"


async def test_some_can_be_ticked_off_now_and_the_rest_stays_until_the_same_day(skipping: Rehearsal) -> None:
    case = await open_update(skipping, found=5, waits=[3, 1, 0])
    await case.happens("all_answered")
    first = await case.asks("move_the_rest")
    await case.passes(days=5)
    await case.answer("move_the_rest", "some")
    second = await case.asks("move_the_rest-2")
    assert abs(second.due_at - first.due_at) < timedelta(seconds=5)

    await case.answer("move_the_rest-2", "all")
    assert await case.ends() == "done"


async def test_a_last_line_that_is_ticked_off_elsewhere_ends_the_list(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[2, 0])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.happens("nothing_left")

    assert await case.ends() == "done"
    assert case.withdrawn == ["move_the_rest"]


async def test_a_line_that_was_added_meanwhile_keeps_the_list_open(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[2, 1, 0])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.happens("nothing_left")
    await case.asks("move_the_rest-2")
    await case.answer("move_the_rest-2", "all")

    assert await case.ends() == "done"


async def test_who_stays_silent_is_called_and_asked_once_more(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[2, 2, 2, 0])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.passes(days=14, minutes=1)
    await case.child_closes("call_back", "done", result="spoken")
    await case.answer("move_the_rest-2", "all")

    assert await case.ends() == "done"
    assert case.stages == ["inventory", "queried", "rest", "call", "rest", "summed_up"]
    assert case.effects.count("renew_holds") == 3


@pytest.mark.parametrize("result", ["not_reached", "declined"])
async def test_who_cannot_be_reached_is_told_what_has_the_old_number(skipping: Rehearsal, result: str) -> None:
    case = await open_update(skipping, waits=[2, 2])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.passes(days=14, minutes=1)
    await case.child_closes("call_back", "done", result=result)

    assert await case.ends() == "done"
    assert (case.told[-1], case.closes[0].facts) == ("summary", {"moved": 1, "left": 2})


async def test_who_is_silent_after_the_call_too_is_not_asked_for_ever(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[1, 1])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.passes(days=14, minutes=1)
    await case.child_closes("call_back", "done", result="spoken")

    assert await case.ends() == "done"
    assert case.children == ["call_back"]


async def test_what_was_ticked_off_during_the_call_needs_no_second_list(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[1, 1, 0])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.passes(days=14, minutes=1)
    await case.child_closes("call_back", "done", result="spoken")

    assert await case.ends() == "done"
    assert "move_the_rest-2" not in case.items


async def test_billers_without_a_system_are_written_to(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[2, 0], letters=1)
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.answer("move_the_rest", "all")

    assert await case.ends() == "done"
    assert "write_to_billers" in case.effects


async def test_who_comes_to_the_list_later_is_written_to_then(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[1, 2, 0])
    case.gives["renew_holds"] = [{"lines": 2, "letters": 1}, {"lines": 0}]
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.answer("move_the_rest", "some")
    await case.answer("move_the_rest-2", "all")

    assert await case.ends() == "done"
    assert case.effects.count("write_to_billers") == 1
    assert case.effects.index("write_to_billers") > case.effects.index("renew_holds")


async def test_who_must_be_written_to_because_of_an_added_payment_is_written_to_at_once(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[1, 2, 0])
    case.gives["renew_holds"] = [{"lines": 2, "letters": 1}, {"lines": 0}]
    await case.happens("all_answered")
    first = await case.asks("move_the_rest")
    await case.happens("letters_wait")
    second = await case.asks("move_the_rest-2")

    assert abs(second.due_at - first.due_at) < timedelta(seconds=5)
    assert (case.withdrawn, case.effects.count("write_to_billers")) == (["move_the_rest"], 1)
    await case.answer("move_the_rest-2", "all")
    assert await case.ends() == "done"


async def test_who_stops_it_lifts_every_hold(skipping: Rehearsal) -> None:
    case = await open_update(skipping, waits=[2])
    await case.happens("all_answered")
    await case.asks("move_the_rest")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert (case.effects[-1], case.told[-1]) == ("lift_holds", "update_ended")


async def test_a_stop_before_the_answers_lifts_nothing(skipping: Rehearsal) -> None:
    case = await open_update(skipping)
    await case.enters("queried")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert "lift_holds" not in case.effects


async def test_an_updater_that_is_away_is_asked_again_with_the_same_key(skipping: Rehearsal) -> None:
    case = await open_update(skipping)
    case.gives["send_batch"] = [away_for(), away_for(), {}]
    await case.enters("queried")
    await case.happens("all_answered")

    assert await case.ends() == "done"
    assert len({one.key for one in case.tries if one.name == "send_batch"}) == 1


async def test_two_hundred_payments_cost_the_engine_no_more_than_three(skipping: Rehearsal) -> None:
    case = await open_update(skipping, found=200, waits=[80, 30, 0])
    await case.enters("queried")
    await case.happens("all_answered")
    await case.answer("move_the_rest", "some")
    await case.answer("move_the_rest-2", "all")
    assert await case.ends() == "done"

    history = await case.handle.fetch_history()
    assert len(history.events) <= MOST_EVENTS
