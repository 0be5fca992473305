"""Somebody rings us about a call that we owe, through every branch: the customer, or whoever names their case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.calling_back import (
    AGENT,
    CALL,
    comes,
    dial,
    open_call_back,
    speak,
    survey,
    wrap_up,
)
from tests.workflows.rehearsal import Rehearsal

pytestmark = pytest.mark.anyio


async def test_who_is_unsure_rings_back_and_goes_on(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await dial(case, starts)
    await comes(case, "answered", "over")
    await wrap_up(case, "rings_back")
    await case.enters("ring_back")
    await case.passes(hours=20)
    await case.happens("rang_back", agent="agent-2")
    taken = await case.asks(f"{CALL}-2")
    await comes(case, "answered", "talk", "over")
    await wrap_up(case, "spoken", step=f"{CALL}-2", by="agent-2")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert taken.holder == "agent-2"
    assert case.told == ["call_back_announced", "call_back_ring_us", "call_survey"]
    assert case.effects == ["announce", "keep_place"]


async def test_a_place_is_kept_for_a_day_and_then_we_call_again(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, again=4)
    await dial(case, starts)
    await comes(case, "answered", "over")
    await wrap_up(case, "rings_back")
    await case.enters("ring_back")
    await case.passes(hours=23)
    assert case.effects[-1] == "keep_place"
    await case.passes(hours=2)
    assert case.effects[-2:] == ["book_next", "announce"]
    await case.happens("call_called_off")

    assert await case.ends() == "withdrawn"


async def test_who_rings_us_before_we_call_is_served_at_once(skipping: Rehearsal) -> None:
    case, _starts = await open_call_back(skipping)
    await case.enters("announced")
    await case.happens("rang_back", agent=AGENT)
    await comes(case, "answered", "talk", "over")
    await wrap_up(case, "spoken")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert "dialling" not in case.stages


async def test_who_rings_us_and_proves_nothing_changes_nothing_of_what_was_agreed(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await case.enters("announced")
    for number, outcome in enumerate(("other_person", "broken_off"), start=1):
        await case.happens("rang_back", agent=AGENT)
        await comes(case, "answered", "over")
        await wrap_up(case, outcome, step=CALL if number == 1 else f"{CALL}-{number}")
    await speak(case, starts, step=f"{CALL}-3")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert case.told == ["call_back_announced", "call_survey"]
    assert case.effects == ["announce"]


async def test_the_place_of_who_rings_back_stays_when_somebody_else_rings(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, again=5)
    await dial(case, starts)
    await comes(case, "answered", "over")
    await wrap_up(case, "rings_back")
    await case.enters("ring_back")
    for number, hours in ((2, 20), (3, 1)):
        await case.passes(hours=hours)
        await case.happens("rang_back", agent=AGENT)
        await comes(case, "answered")
        await case.passes(hours=1 if number == 2 else 4)
        await comes(case, "over")
        await wrap_up(case, "other_person", step=f"{CALL}-{number}")
        if number == 2:
            await case.until(lambda: case.stages[-1] == "ring_back", "keep the place")
    await case.until(lambda: case.effects.count("announce") == 2, "call again")
    await case.happens("call_called_off")

    assert await case.ends() == "withdrawn"
    assert case.told.count("call_back_ring_us") == 1
    assert case.effects.count("keep_place") == 1


async def test_when_somebody_else_is_on_the_line_in_the_whole_window_the_customer_gets_our_apology(
    skipping: Rehearsal,
) -> None:
    case, starts = await open_call_back(skipping)
    await case.passes_until(starts - timedelta(minutes=5))
    await case.happens("rang_back", agent=AGENT)
    await comes(case, "answered")
    await case.passes(minutes=30)
    await comes(case, "over")
    await wrap_up(case, "other_person", step=f"{CALL}-2")
    await case.until(lambda: "give_up_window" in case.effects, "give up the window")
    await case.happens("call_called_off")

    assert await case.ends() == "withdrawn"
    assert "call_back_missed_by_us" in case.told
