"""The call-back, each branch and each timer, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.calling_back import (
    AGENT,
    CALL,
    QUARTER,
    comes,
    dial,
    open_call_back,
    speak,
    survey,
    window,
    wrap_up,
)
from tests.workflows.rehearsal import Rehearsal

pytestmark = pytest.mark.anyio


# --- the straight way -------------------------------------------------------------------------------------------------


async def test_a_call_at_the_chosen_time_ends_with_two_questions(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await case.enters("announced")
    await case.passes_until(starts - timedelta(minutes=31))
    assert CALL not in case.items
    await speak(case, starts)
    await case.until(lambda: case.stages[-1] == "wrap_up", "wrap up")
    await case.passes(hours=47)
    assert "call_survey" not in case.items
    asked = await survey(case, "content", hours=2)

    assert await case.ends() == "done"
    assert case.items[CALL].due_at == starts
    assert asked.due_at >= starts + timedelta(days=9)
    assert case.stages == ["announced", "dialling", "company_proof", "talk", "wrap_up", "survey"]
    assert case.told == ["call_back_announced", "call_survey"]
    assert case.effects == ["announce"]
    assert case.closed_with == {"result": "spoken"}


async def test_where_the_content_needs_it_the_customer_proves_who_they_are(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await dial(case, starts)
    await comes(case, "answered", "company_proven", "talk", "over")
    await wrap_up(case, "spoken")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert case.stages[1:5] == ["dialling", "company_proof", "customer_proof", "talk"]


# --- before a call ----------------------------------------------------------------------------------------------------


async def test_while_the_budget_is_spent_or_it_is_quiet_it_waits(skipping: Rehearsal) -> None:
    until = await skipping.env.get_current_time() + timedelta(hours=10)
    waits = {"may_we_call": [{"until": until.isoformat()}, {}]}
    case, _starts = await open_call_back(skipping, gives=waits, booked={}, under="card_reissue")
    await case.enters("wait")
    await case.passes(hours=9)
    assert "choose_window" not in case.items
    await case.passes(hours=2)
    await case.answer("choose_window", "declined")

    assert await case.ends() == "rejected"
    assert case.stages == ["triggered", "wait", "slot"]
    assert case.told == ["call_back_choose", "call_back_ended"]
    assert case.closed_with == {"result": "declined"}
    assert case.effects == ["may_we_call", "may_we_call"]


async def test_who_chooses_nothing_in_a_day_is_called_at_the_next_free_time(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, booked={}, under="card_reissue")
    await case.asks("choose_window")
    await case.passes(hours=25)
    await speak(case, starts + timedelta(days=1))

    assert await case.ends() == "done"
    assert case.expired == ["choose_window"]
    assert case.told == ["call_back_choose", "call_back_announced"]
    assert case.effects == ["may_we_call", "book_next", "announce", "ask_later"]
    assert case.closed_with == {"result": "spoken"}


async def test_without_a_number_that_may_be_called_it_ends_as_not_reached(skipping: Rehearsal) -> None:
    case, _starts = await open_call_back(skipping, gives={"may_we_call": {"number": False}}, booked={})

    assert await case.ends() == "expired"
    assert case.closes[0].reason == "no_number"
    assert case.closed_with == {"result": "not_reached"}
    assert case.told == ["call_back_ended"]


async def test_where_nobody_is_staffed_a_supervisor_finds_a_time(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, gives={"book_next": {}}, booked={}, soon=True)
    await case.answer("find_time", "found", by="supervisor-1", **window(starts))
    await speak(case, starts)
    await survey(case, "content")

    assert await case.ends() == "done"
    assert "choose_window" not in case.items


async def test_where_nobody_can_call_the_customer_is_told(skipping: Rehearsal) -> None:
    case, _starts = await open_call_back(skipping, gives={"book_next": {}}, booked={}, soon=True)
    await case.asks("find_time")
    await case.passes(hours=5)
    assert "find_time" in [step for one in case.done for step in one.said.escalates]
    await case.answer("find_time", "nobody", by="supervisor-1")

    assert await case.ends() == "expired"
    assert case.closes[0].reason == "nobody_can_call"


async def test_a_call_that_is_moved_is_announced_anew(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await case.passes_until(starts - timedelta(minutes=20))
    await case.asks(CALL)
    later = starts + timedelta(days=1)
    await case.happens("call_moved", **window(later))
    await case.until(lambda: case.told.count("call_back_announced") == 2, "announce it again")
    await speak(case, later, step=f"{CALL}-2")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert CALL in case.withdrawn


@pytest.mark.parametrize(
    ("for_good", "result", "reason"), [(True, "rejected", "declined"), (False, "withdrawn", "called_off")]
)
async def test_a_call_that_is_called_off_is_not_made(
    skipping: Rehearsal, for_good: bool, result: str, reason: str
) -> None:
    case, _starts = await open_call_back(skipping)
    await case.enters("announced")
    await case.happens("call_called_off", for_good=for_good)

    assert await case.ends() == result
    assert case.closes[0].reason == reason
    assert case.closed_with == {"result": "declined"}
    assert case.told == ["call_back_announced", "call_back_ended"]


async def test_where_nobody_dials_it_is_raised_then_apologised_for_and_a_new_time_is_chosen(
    skipping: Rehearsal,
) -> None:
    case, starts = await open_call_back(skipping)
    await case.passes_until(starts + timedelta(minutes=4))
    assert "nobody_dials" not in case.effects
    await case.passes_until(starts + timedelta(minutes=6))
    assert case.effects[-1] == "nobody_dials"
    await case.passes_until(starts + QUARTER + timedelta(minutes=1))
    await case.asks("choose_window")
    later = starts + timedelta(hours=3)
    await case.answer("choose_window", "booked", **window(later))
    await speak(case, later, step=f"{CALL}-2")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert case.told[:4] == ["call_back_announced", "call_back_missed_by_us", "call_back_choose", "call_back_announced"]
    assert CALL in case.withdrawn


async def test_who_dials_in_the_last_moment_has_not_missed_it(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, gives={"give_up_window": {"missed": False}})
    await case.passes_until(starts + QUARTER + timedelta(minutes=1))
    assert case.effects[-1] == "give_up_window"
    await case.happens("call_dialled", agent=AGENT)
    await comes(case, "answered", "talk", "over")
    await wrap_up(case, "spoken")
    await survey(case, "content")

    assert await case.ends() == "done"
    assert "call_back_missed_by_us" not in case.told


async def test_a_frozen_call_waits_and_a_withdrawn_one_tells_it(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await case.enters("announced")
    await case.is_frozen()
    await case.passes_until(starts + timedelta(days=2))
    assert CALL not in case.items
    await case.is_unfrozen()
    await case.until(lambda: "call_back_missed_by_us" in case.told, "apologise")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.told[-1] == "call_back_ended"


# --- a call -----------------------------------------------------------------------------------------------------------


async def test_who_does_not_answer_is_told_without_content_and_called_again_at_most_seven_times(
    skipping: Rehearsal,
) -> None:
    case, starts = await open_call_back(skipping, days=0.1, again=0.9)
    for number in range(1, 8):
        step = CALL if number == 1 else f"{CALL}-{number}"
        at = starts if number == 1 else starts + timedelta(days=0.8 + number - 2)
        await dial(case, at, step=step)
        await comes(case, "over")
        await wrap_up(case, "not_reached", step=step)

    assert await case.ends() == "expired"
    assert case.closes[0].reason == "not_reached"
    assert case.closed_with == {"result": "not_reached"}
    assert case.told.count("call_back_not_reached") == 6
    assert "choose_window" not in case.items


async def test_somebody_else_or_a_broken_line_is_another_try_within_seven_days(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, again=9)
    await dial(case, starts)
    await comes(case, "answered", "over")
    await wrap_up(case, "other_person")
    await dial(case, starts + timedelta(days=8), step=f"{CALL}-2")
    await comes(case, "answered", "over")
    await wrap_up(case, "broken_off", step=f"{CALL}-2")

    assert await case.ends() == "expired"
    assert case.told == ["call_back_announced", "call_back_not_reached", "call_back_announced", "call_back_ended"]


async def test_who_says_no_on_the_line_is_not_called_again(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, under="card_reissue")
    await dial(case, starts)
    await comes(case, "answered", "talk", "over")
    await wrap_up(case, "declined")

    assert await case.ends() == "rejected"
    assert case.closed_with == {"result": "declined"}


async def test_what_nobody_writes_down_in_a_quarter_of_an_hour_is_raised(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, under="card_reissue")
    await dial(case, starts)
    await comes(case, "answered", "talk", "over")
    await case.enters("wrap_up")
    await case.passes(minutes=14)
    assert "nobody_writes" not in case.effects
    await case.passes(minutes=2)
    assert case.effects[-1] == "nobody_writes"
    await wrap_up(case, "spoken", by="supervisor-1")

    assert await case.ends() == "done"


async def test_a_call_of_which_nothing_is_heard_for_two_hours_is_raised(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, under="card_reissue")
    await dial(case, starts)
    await case.passes(hours=1, minutes=59)
    assert "nobody_writes" not in case.effects
    await case.passes(minutes=2)
    assert case.effects[-1] == "nobody_writes"
    await wrap_up(case, "broken_off")
    await case.happens("call_called_off")

    assert await case.ends() == "withdrawn"


# --- after it ---------------------------------------------------------------------------------------------------------


async def test_who_is_not_content_is_called_by_a_supervisor(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping)
    await speak(case, starts)
    await survey(case, "discontent")

    assert await case.ends() == "done"
    assert case.effects[-1] == "supervisor_calls"


async def test_a_supervisor_s_call_has_its_own_item_and_leads_to_no_other(skipping: Rehearsal) -> None:
    case, starts = await open_call_back(skipping, supervisor=True)
    await speak(case, starts, step="call_back_by_supervisor")
    await survey(case, "discontent")

    assert await case.ends() == "done"
    assert "supervisor_calls" not in case.effects
    assert case.kind(case.items["call_back_by_supervisor"]).role == "supervisor"


async def test_the_questions_of_a_call_in_another_case_have_one_reminder(skipping: Rehearsal) -> None:
    case = await skipping.open("call_back", survey=True)
    await case.passes(hours=49)
    await case.asks("call_survey")
    await case.passes(days=8)

    assert await case.ends() == "done"
    assert case.stages == ["survey"]
    assert case.reminded == ["call_survey"]
    assert case.expired == ["call_survey"]
    assert case.effects == []
