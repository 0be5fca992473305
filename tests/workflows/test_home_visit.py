"""Every timer, branch and failure path of the home visit, on a server that skips time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from tests.workflows.rehearsal import Gives, Rehearsal, Rehearsed
from workflows.exchange import Answered

pytestmark = pytest.mark.anyio

VISITOR = "visitor-1"
HALF_AN_HOUR = timedelta(minutes=30)
AT_THE_DOOR = ("check_in", "meet_customer", "enter_half", "id_check")


async def open_visit(skipping: Rehearsal, *, under: str = "card_reissue", assigned: Any = VISITOR) -> Rehearsed:
    gives: Gives | list[Gives]
    gives = [{"visitor": who} for who in assigned] if isinstance(assigned, list) else {"visitor": assigned}
    return await skipping.open("home_visit", requester="desk-1", gives={"visits.assign": gives}, under=under)


async def book(case: Rehearsed, *, step: str = "choose_visit", days: float = 3, hours: float = 2) -> datetime:
    """The customer books a window so many days ahead and so many hours long; gives its beginning."""
    await case.asks(step)
    starts = await case.now() + timedelta(days=days)
    await case.answer(step, "booked", starts=starts.isoformat(), ends=(starts + timedelta(hours=hours)).isoformat())
    return starts


async def reach(case: Rehearsed, step: str, *, again: str = "") -> datetime:
    """Plays a visit until the visitor is asked for this step; `again` is the suffix of the steps of a later visit."""
    starts = await book(case, step=f"choose_visit{again}")
    await case.passes_until(starts)
    for before, outcome in zip(AT_THE_DOOR, ("arrived", "opened", "proven", "match"), strict=True):
        if before == step:
            break
        await case.answer(f"{before}{again}", outcome, by=VISITOR)
    await case.asks(f"{step}{again}")
    return starts


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
    assert case.closed_with["alternative"] == ""
    assert (case.closed_with[f"part:{VISITOR}"], case.closed_with["part:supervisor-1"]) == ("visitor", "reviewer")
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
    assert (item.holder, item.part) == (VISITOR, "visitor")
    assert datetime.fromisoformat(item.due_at) == starts + timedelta(hours=2) + HALF_AN_HOUR
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
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("unreachable", "")


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
    assert "visits.missed" in case.effects
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
    apology = next(tell for step in case.done for tell in step.tells if tell.template == "visit_missed_by_us")
    assert (apology.urgent, apology.channels) == (True, ("mail", "sms"))
    assert "visits.missed" in case.effects
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
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("unreachable", "")


# --- at the door ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["meet_customer", "enter_half", "id_check"])
async def test_a_customer_may_refuse_at_the_door(skipping: Rehearsal, step: str) -> None:
    case = await open_visit(skipping)
    await reach(case, step)
    await case.answer(step, "refused", by=VISITOR)

    assert await case.ends() == "done"
    assert (case.closed_with["result"], case.closed_with["alternative"]) == ("refused", "")


async def test_the_customer_compares_while_the_visitor_waits_for_his_half(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")

    comparing = case.items["compare_half"]
    assert comparing.performer == "customer"
    opened = next(step for step in case.done if comparing in step.opens)
    assert [item.step for item in opened.opens] == ["compare_half", "enter_half"]
    assert datetime.fromisoformat(comparing.due_at) - datetime.fromisoformat(opened.at) == timedelta(minutes=10)
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

    assert (await case.asks("look_into_alarm")).why == "no_result"
    assert step in case.expired
    await case.answer("look_into_alarm", "new_visit", by="supervisor-1")
    await case.answer("choose_visit-2", "declined", alternative="branch")
    assert await case.ends() == "done"


async def test_a_half_that_never_fits_is_an_alarm(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")
    await case.answer("enter_half", "not_proven", by=VISITOR)
    item = await case.asks("look_into_alarm")

    assert (item.role, item.why) == ("supervisor", "not_proven")
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

    assert item.why == "visitor_unsafe"
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

    assert case.effects[-1] == "visits.alarm"
    called_off = case.done[-1].tells[-1]
    assert (called_off.template, called_off.urgent) == ("visit_called_off", True)
    await case.answer("look_into_alarm", "new_visit", by="supervisor-1")
    await case.asks("choose_visit-2")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_another_half_than_ours_calls_the_visitor_off(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "enter_half")
    await case.happens("half_different")
    item = await case.asks("look_into_alarm")

    assert item.why == "half_different"
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


# --- mismatch and review ----------------------------------------------------------------------------------------------


async def test_a_mismatch_freezes_and_ends_rejected_once_it_is_confirmed_and_unfrozen(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "id_check")
    await case.answer("id_check", "mismatch", by=VISITOR)
    item = await case.asks("look_into_mismatch")
    await case.is_frozen()
    assert (item.role, item.part) == ("compliance", "investigator")
    assert case.done[-1].effects[0].name == "visits.freeze"
    await case.answer("look_into_mismatch", "confirmed", by="compliance-1")
    await case.passes(days=1)
    assert case.closed_with == {}
    await case.is_unfrozen()

    assert await case.ends() == "rejected"
    assert case.closed_with["result"] == "mismatch"
    assert "case_rejected" not in case.told


async def test_a_mismatch_that_is_cleared_leads_to_another_visit(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "id_check")
    await case.answer("id_check", "mismatch", by=VISITOR)
    await case.asks("look_into_mismatch")
    await case.is_frozen()
    await case.is_unfrozen()
    await case.answer("look_into_mismatch", "cleared", by="compliance-1")
    await case.answer("choose_visit-2", "declined", alternative="branch")

    assert await case.ends() == "done"
    assert case.closed_with["result"] == "declined"


async def test_a_reviewer_may_ask_for_another_visit(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "review_visit")
    await case.answer("review_visit", "repeat", by="supervisor-1")
    await case.answer("choose_visit-2", "declined", alternative="branch")

    assert await case.ends() == "done"
    assert case.told[-1] == "visit_propose"


async def test_a_reviewer_may_find_a_mismatch(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "review_visit")
    await case.answer("review_visit", "mismatch", by="supervisor-1")
    await case.answer("look_into_mismatch", "confirmed", by="compliance-1")

    assert await case.ends() == "rejected"
    assert "visits.freeze" in case.effects


async def test_a_review_that_nobody_makes_is_raised(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "review_visit")
    await case.passes(hours=4, minutes=1)

    assert case.escalated == ["review_visit"]
    await case.answer("review_visit", "passed", by="supervisor-1")
    assert await case.ends() == "done"


@pytest.mark.parametrize("who", ["desk-1", VISITOR])
async def test_a_review_by_the_requester_or_the_visitor_is_dropped(skipping: Rehearsal, who: str) -> None:
    case = await open_visit(skipping)
    await reach(case, "review_visit")
    await case.answer("review_visit", "passed", by=who)
    await case.is_quiet()

    assert "passed" not in case.stages
    await case.answer("review_visit", "passed", by="supervisor-1")
    assert await case.ends() == "done"


async def test_an_answer_that_we_did_not_seal_is_dropped(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "review_visit")
    forged = Answered(case.id, "forged", "review_visit", "passed", "supervisor-1", "reviewer")
    converter = case.env.client.data_converter.payload_converter
    await case.raw("answered", converter.to_payloads([forged])[0])
    await case.raw("answered", Payload(metadata={"encoding": b"binary/countersign", "key": b"golden"}, data=b"x" * 40))
    await case.is_quiet()

    assert "passed" not in case.stages
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


# --- stopping and freezing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["choose_visit", "assigned", *AT_THE_DOOR, "review_visit"])
async def test_a_withdrawn_visit_frees_the_visitor_whatever_the_step(skipping: Rehearsal, step: str) -> None:
    case = await open_visit(skipping)
    if step == "choose_visit":
        await case.asks(step)
    elif step == "assigned":
        await book(case)
        await case.enters(step)
    else:
        await reach(case, step)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects[-1] == "visits.release"
    assert "case_withdrawn" not in case.told


async def test_a_visit_of_its_own_tells_that_it_was_withdrawn(skipping: Rehearsal) -> None:
    case = await open_visit(skipping, under="")
    await case.asks("choose_visit")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.told[-1] == "case_withdrawn"


async def test_a_window_that_passed_while_the_case_was_frozen_is_chosen_anew(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    starts = await book(case)
    await case.enters("assigned")
    await case.is_frozen()
    await case.passes_until(starts + timedelta(days=1))
    assert "window_open" not in case.stages
    await case.is_unfrozen()
    await case.asks("choose_visit-2")

    assert "check_in" not in case.items
    assert "visit_missed_by_us" in case.told
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_freeze_before_the_window_does_not_move_it(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    starts = await book(case, days=5)
    await case.enters("assigned")
    await case.is_frozen()
    await case.passes(days=2)
    await case.is_unfrozen()
    await case.passes_until(starts)

    await case.asks("check_in")
    assert case.at() <= starts
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_freeze_prolongs_the_time_to_choose(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await case.asks("choose_visit")
    await case.is_frozen()
    await case.passes(days=8)
    await case.is_unfrozen()
    await case.passes(days=6)

    assert case.expired == []
    await case.answer("choose_visit", "declined", alternative="branch")
    assert await case.ends() == "done"
