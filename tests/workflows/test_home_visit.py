"""The home visit until the door: choosing, assigning, nobody there; on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.visiting import HALF_AN_HOUR, VISITOR, book, open_visit, reach

pytestmark = pytest.mark.anyio


# --- the straight way -------------------------------------------------------------------------------------------------


async def test_a_match_that_is_reviewed_passes(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "review_visit")
    await case.answer("review_visit", "passed", by="supervisor-1")

    assert await case.ends() == "done"
    assert case.stages == [
        "proposed", "confirmed", "assigned", "day_before", "window_open", "at_door", "handshake", "id_check", "review",
        "passed",
    ]  # fmt: skip
    assert case.told == ["visit_propose", "visit_confirmed", "visit_day_before"]
    assert case.closed_with["result"] == "passed"
    assert "alternative" not in case.closed_with
    assert case.closes[0].parts == {"desk-1": "requester", VISITOR: "visitor", "supervisor-1": "reviewer"}
    assert case.withdrawn == ["compare_half"]


async def test_a_visit_of_its_own_tells_its_end(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, under="")
    await reach(case, "review_visit")
    await case.answer("review_visit", "passed", by="supervisor-1")

    assert await case.ends() == "done"
    assert case.told[-1] == "case_done"


async def test_the_notice_comes_a_day_before_and_the_window_opens_half_an_hour_early(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    starts = await book(case)
    await case.enters("assigned")

    await case.passes_until(starts - timedelta(hours=24, minutes=1))
    assert "day_before" not in case.stages
    await case.passes_until(starts - timedelta(hours=23, minutes=59))
    assert case.stages[-1] == "day_before"
    await case.passes_until(starts - timedelta(minutes=31))
    assert "check_in" not in case.items
    await case.passes_until(starts - timedelta(minutes=29))

    item = await case.asks("check_in")
    assert (item.holder, case.kind(item).part) == (VISITOR, "visitor")
    assert item.due_at == starts + timedelta(hours=2) + HALF_AN_HOUR
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_window_that_is_open_already_has_no_notice(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await book(case, days=0)
    await case.asks("check_in")

    assert case.stages == ["proposed", "confirmed", "assigned", "window_open"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


# --- choosing ---------------------------------------------------------------------------------------------------------


async def test_a_customer_who_declines_names_another_way(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await case.answer("choose_visit", "declined", alternative="branch")

    assert await case.ends() == "done"
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("declined", "branch")
    assert case.stages == ["proposed"]


async def test_a_customer_who_never_chooses_is_reminded_and_then_unreachable(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)

    assert await case.ends() == "done"
    assert case.reminded == ["choose_visit", "choose_visit"]
    assert case.expired == ["choose_visit"]
    assert case.at() - case.at(0) >= timedelta(days=7)
    assert case.closed_with == {"result": "unreachable"}


# --- assigning --------------------------------------------------------------------------------------------------------


async def test_where_nobody_is_free_a_supervisor_assigns(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, assigned="")
    starts = await book(case)
    await case.answer("assign_visitor", "assigned", by="supervisor-1", visitor="visitor-2")
    await case.passes_until(starts)

    assert (await case.asks("check_in")).holder == "visitor-2"
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_where_nobody_can_go_we_apologise_and_the_customer_chooses_again(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, assigned=["", VISITOR])
    await book(case)
    await case.answer("assign_visitor", "nobody", by="supervisor-1")
    await case.answer("choose_visit-2", "declined", alternative="remote")

    assert await case.ends() == "done"
    assert "missed" in case.effects
    assert "visit_missed_by_us" in case.told


async def test_where_nobody_assigns_in_time_we_apologise(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, assigned="")
    starts = await book(case)
    await case.asks("assign_visitor")
    await case.passes_until(starts + timedelta(minutes=1))

    await case.asks("choose_visit-2")
    assert case.expired == ["assign_visitor"]
    assert case.told[-1] == "visit_missed_by_us"
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


# --- our visitor does not come, or nobody is at home ------------------------------------------------------------------


async def test_a_window_that_our_visitor_missed_is_apologised_for_and_chosen_anew(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    starts = await book(case)
    await case.passes_until(starts + timedelta(hours=2, minutes=29))
    assert "visit_missed_by_us" not in case.told
    await case.passes(minutes=2)
    await case.asks("choose_visit-2")

    assert case.expired == ["check_in"]
    assert "visit_missed_by_us" in case.told
    assert "missed" in case.effects
    await case.answer("choose_visit-2", "declined", alternative="post")
    assert await case.ends() == "done"


async def test_after_a_first_time_nobody_home_another_visit_passes(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "meet_customer")
    await case.answer("meet_customer", "not_home", by=VISITOR)
    starts = await book(case, step="choose_visit-2")
    await case.passes_until(starts)
    await case.answer("check_in-2", "arrived", by=VISITOR)
    await case.answer("meet_customer-2", "opened", by=VISITOR)
    await case.answer("enter_half", "proven", by=VISITOR)
    await case.answer("id_check", "match", by=VISITOR)
    await case.answer("review_visit", "passed", by="supervisor-1")

    assert await case.ends() == "done"
    assert case.closed_with["result"] == "passed"
    assert case.told.count("visit_nobody_home") == 1


async def test_nobody_home_twice_offers_another_way(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "meet_customer")
    await case.answer("meet_customer", "not_home", by=VISITOR)
    starts = await book(case, step="choose_visit-2")
    await case.passes_until(starts)
    await case.answer("check_in-2", "arrived", by=VISITOR)
    await case.answer("meet_customer-2", "not_home", by=VISITOR)
    await case.answer("choose_alternative", "remote")

    assert await case.ends() == "done"
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("unreachable", "remote")
    assert case.told.count("visit_nobody_home") == 1
    assert case.told[-1] == "alternative_offered"


async def test_who_chooses_no_other_way_either_is_unreachable(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "id_check")
    await case.happens("visitor_unsafe")
    await case.answer("look_into_alarm", "alternative", by="supervisor-1")

    assert await case.ends() == "done"
    assert "choose_alternative" in case.expired
    assert case.closed_with == {"result": "unreachable"}
