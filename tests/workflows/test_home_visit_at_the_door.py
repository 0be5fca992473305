"""The home visit at the door, and what the customer says in between; on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.visiting import AT_THE_DOOR, VISITOR, book, open_visit, reach
from workflows.base.contracts import Why

pytestmark = pytest.mark.anyio


# --- at the door ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["meet_customer", "enter_half", "id_check"])
async def test_a_customer_may_refuse_at_the_door(skipping: Rehearsal, step: str) -> None:
    case = await open_visit(skipping)
    await reach(case, step)
    await case.answer(step, "refused", by=VISITOR)

    assert await case.ends() == "done"
    assert case.closed_with == {"result": "refused"}


async def test_the_customer_compares_while_the_visitor_waits_for_his_half(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")

    comparing = case.items["compare_half"]
    assert case.kind(comparing).performer == "customer"
    opened = next(step for step in case.done if comparing in step.said.opens)
    assert [item.step for item in opened.said.opens] == ["compare_half", "enter_half"]
    assert comparing.due_at - opened.at == timedelta(minutes=10)
    await case.answer("compare_half", "same")
    await case.answer("enter_half", "proven", by=VISITOR)
    await case.asks("id_check")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_halves_that_ran_out_are_shown_anew(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")
    await case.answer("enter_half", "again", by=VISITOR)
    await case.asks("compare_half-2")
    await case.answer("enter_half-2", "proven", by=VISITOR)
    await case.asks("id_check")

    assert case.withdrawn == ["compare_half", "compare_half-2"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


@pytest.mark.parametrize("step", ["meet_customer", "enter_half", "id_check"])
async def test_no_result_four_hours_after_the_window_is_an_alarm(skipping: Rehearsal, step: str) -> None:
    case = await open_visit(skipping)
    starts = await reach(case, step)
    await case.passes_until(starts + timedelta(hours=5, minutes=59))
    assert "alarm" not in case.stages
    await case.passes(minutes=2)

    assert (await case.asks("look_into_alarm")).why == Why("no_result")
    assert step in case.expired
    await case.answer("look_into_alarm", "new_visit", by="supervisor-1")
    await case.answer("choose_visit-2", "declined", alternative="branch")
    assert await case.ends() == "done"


async def test_a_half_that_never_fits_is_an_alarm(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")
    await case.answer("enter_half", "not_proven", by=VISITOR)
    item = await case.asks("look_into_alarm")

    assert (case.kind(item).role, item.why) == ("supervisor", Why("not_proven"))
    await case.answer("look_into_alarm", "alternative", by="supervisor-1")
    await case.answer("choose_alternative", "branch")
    assert await case.ends() == "done"
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("declined", "branch")


@pytest.mark.parametrize("step", AT_THE_DOOR)
async def test_a_visitor_who_does_not_feel_safe_ends_the_visit_at_any_step(skipping: Rehearsal, step: str) -> None:
    case = await open_visit(skipping)
    await reach(case, step)
    await case.happens("visitor_unsafe")
    item = await case.asks("look_into_alarm")

    assert item.why == Why("visitor_unsafe")
    assert step in case.withdrawn
    assert "visit_called_off" not in case.told
    await case.answer("look_into_alarm", "alternative", by="supervisor-1")
    await case.answer("choose_alternative", "remote")
    assert await case.ends() == "done"
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("declined", "remote")


async def test_an_alarm_that_nobody_looks_into_is_raised(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "check_in")
    await case.happens("nobody_expected")
    await case.asks("look_into_alarm")
    await case.passes(minutes=31)

    assert case.escalated == ["look_into_alarm"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


# --- what the customer says in between --------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["days ahead", "in the window", "at the door"])
async def test_i_expect_nobody_calls_the_visitor_off(skipping: Rehearsal, when: str) -> None:
    case = await open_visit(skipping)
    if when == "days ahead":
        await book(case)
        await case.enters("assigned")
        await case.is_quiet()
    else:
        await reach(case, "check_in" if when == "in the window" else "meet_customer")
    await case.happens("nobody_expected")
    await case.asks("look_into_alarm")

    assert case.effects[-1] == "alarm"
    assert case.told[-1] == "visit_called_off"
    await case.answer("look_into_alarm", "new_visit", by="supervisor-1")
    await case.asks("choose_visit-2")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_another_half_than_ours_calls_the_visitor_off(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")
    await case.happens("half_different")
    item = await case.asks("look_into_alarm")

    assert item.why == Why("half_different")
    assert set(case.withdrawn) == {"compare_half", "enter_half"}
    assert case.told[-1] == "visit_called_off"
    await case.answer("look_into_alarm", "alternative", by="supervisor-1")
    await case.answer("choose_alternative", "branch")
    assert await case.ends() == "done"


async def test_a_moved_visit_is_confirmed_and_assigned_anew(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, assigned=[VISITOR, "visitor-2"])
    old = await book(case)
    await case.enters("assigned")
    new = old + timedelta(days=2)
    await case.happens("visit_moved", starts=new.isoformat(), ends=(new + timedelta(hours=1)).isoformat())
    await case.until(lambda: case.told.count("visit_confirmed") == 2)
    await case.passes_until(old + timedelta(hours=3))
    assert "check_in" not in case.items
    await case.passes_until(new)

    assert (await case.asks("check_in")).holder == "visitor-2"
    assert case.told.count("visit_day_before") == 1
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_visit_that_is_moved_while_somebody_is_sought_needs_him_no_more(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, assigned=["", VISITOR])
    old = await book(case)
    await case.asks("assign_visitor")
    new = old + timedelta(days=1)
    await case.happens("visit_moved", starts=new.isoformat(), ends=(new + timedelta(hours=1)).isoformat())
    await case.until(lambda: "assigned" in case.stages)

    assert case.withdrawn == ["assign_visitor"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_cancelled_visit_gives_way_to_another_way(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await book(case)
    await case.enters("assigned")
    await case.happens("visit_cancelled", alternative="post")

    assert await case.ends() == "done"
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("declined", "post")
