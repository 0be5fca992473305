"""Complaints on a server that skips time: every branch, and a clock that never runs out silently."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.complaint.facts import Rule
from workflows.complaint.spec import COMPLAINT_PROCESS, PERIODS

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
FOUND: dict[str, Any] = {}


async def opened(skipping: Rehearsal, rule: Rule = Rule.PAYMENTS, **facts: Any) -> Rehearsed:
    """With the days of a quiet month: 3, 15 and 35 business days are 5, 21 and 49 days; or eight weeks."""
    now = (await skipping.env.get_current_time()).replace(microsecond=0)
    days = (5, 21, 49) if rule is Rule.PAYMENTS else (5, 56, 56)
    names = ("summary_by", "final_by", "hard_stop")
    times = {name: (now + day * DAY).isoformat() for name, day in zip(names, days, strict=True)}
    gives: Any = {
        "assign_owner": {"owner": "sam"},
        "reopen": {"answer_by": (now + 80 * DAY).isoformat()},
    }
    return await skipping.open(COMPLAINT_PROCESS.name, gives=gives, rule=rule.value, **times, **facts)


async def accepted(case: Rehearsed, step: str = "react") -> None:
    await case.answer(step, "accepted")
    assert await case.ends() == "done"


async def test_its_number_and_its_owner_come_in_the_first_second(skipping: Rehearsal) -> None:
    case = await opened(skipping)

    item = await case.asks("answer_complaint")

    assert case.told == ["received"]
    assert case.stages == ["acknowledged", "investigated"]
    assert case.effects == ["gather_evidence", "assign_owner"]
    assert item.holder == "sam"
    assert case.kind(item).role == "supervisor"
    assert case.kind(item).part == "owner"
    await case.answer("answer_complaint", "upheld", by="sam", **FOUND)
    await case.asks("react")
    assert case.told == ["received", "summary"]
    await accepted(case)
    assert case.effects == ["gather_evidence", "assign_owner", "gather_evidence"]


async def test_after_three_business_days_it_is_a_final_answer(skipping: Rehearsal) -> None:
    for verdict in ("partly", "rejected"):
        case = await opened(skipping)
        await case.asks("answer_complaint")
        await case.passes(days=6)
        await case.answer("answer_complaint", verdict, by="sam", **FOUND)
        await accepted(case)
        assert case.told == ["received", "final"]


async def test_the_number_goes_out_on_the_channel_by_which_it_came(skipping: Rehearsal) -> None:
    for channel, told in (("rings", "received_caller"), ("by_letter", "received_letter")):
        facts: Any = {channel: True}
        case = await opened(skipping, **facts)
        await case.answer("answer_complaint", "rejected", by="sam", **FOUND)
        await accepted(case)
        letters = ["final_letter"] if channel == "by_letter" else []
        assert case.told == [told, "summary", *letters]


async def test_where_a_supervisor_is_complained_of_compliance_owns_it(skipping: Rehearsal) -> None:
    case = await opened(skipping, independent=True)

    item = await case.asks("answer_independently")

    assert case.kind(item).role == "compliance"
    await case.answer("answer_independently", "upheld", by="carla", **FOUND)
    await accepted(case)


async def test_who_owns_it_is_asked_anew_before_it_is_asked_again(skipping: Rehearsal) -> None:
    """A supervisor was named meanwhile, so compliance owns it from then on."""
    case = await opened(skipping)
    await case.asks("answer_complaint")
    case.gives["assign_owner"] = [{"owner": "carla", "independent": True}]
    await case.answer("answer_complaint", "upheld", by="sam", redress=True, above_limit=True)
    await case.answer("approve_redress", "rejected", by="ada")
    item = await case.asks("answer_independently")
    assert item.holder == "carla"
    await case.answer("answer_independently", "upheld", by="carla", **FOUND)
    await accepted(case)


async def test_the_desk_notes_what_a_caller_says(skipping: Rehearsal) -> None:
    case = await opened(skipping, rings=True)
    await case.answer("answer_complaint", "rejected", by="sam", **FOUND)
    await case.answer("note_reaction", "accepted", by="hanna")
    assert await case.ends() == "done"


async def test_its_owner_is_reminded_at_50_80_and_95_per_cent(skipping: Rehearsal) -> None:
    for rule, days in ((Rule.PAYMENTS, 21), (Rule.OTHERS, 56)):
        case = await opened(skipping, rule)
        item = await case.asks("answer_complaint")
        due = timedelta(days=days)
        marks = case.kind(item).reminders(due)
        assert marks == (due * 0.5, due * 0.8, due * 0.95)
        for count, mark in enumerate(marks):
            await case.passes_until(item.due_at - due + mark - timedelta(hours=1))
            assert case.reminded == ["answer_complaint"] * count
            await case.passes(hours=2)
            assert case.reminded == ["answer_complaint"] * (count + 1)
        await case.answer("answer_complaint", "upheld", by="sam", **FOUND)
        await accepted(case)


async def test_a_holding_letter_moves_the_day_once_and_never_beyond_35_business_days(skipping: Rehearsal) -> None:
    case = await opened(skipping, by_letter=True)
    first = await case.asks("answer_complaint")
    stop = first.due_at + 28 * DAY
    await case.answer("answer_complaint", "hold", by="sam", until=(stop + 9 * DAY).isoformat())

    second = await case.asks("answer_complaint-2")

    assert second.due_at == stop
    assert case.stages[-1] == "on_hold"
    assert case.told[-2:] == ["holding", "holding_letter"]
    await case.answer("answer_complaint-2", "hold", by="sam", until=(stop + 20 * DAY).isoformat())
    third = await case.asks("answer_complaint-3")
    assert third.due_at == stop
    assert case.told.count("holding") == 1
    await case.answer("answer_complaint-3", "partly", by="sam", **FOUND)
    await accepted(case)


async def test_no_letter_moves_the_eight_weeks(skipping: Rehearsal) -> None:
    case = await opened(skipping, Rule.OTHERS)
    first = await case.asks("answer_complaint")
    await case.answer("answer_complaint", "hold", by="sam", until=(first.due_at + 9 * DAY).isoformat())

    second = await case.asks("answer_complaint-2")

    assert second.due_at == first.due_at
    assert "holding" not in case.told
    await case.answer("answer_complaint-2", "upheld", by="sam", **FOUND)
    await accepted(case)


@pytest.mark.parametrize("rule", list(Rule), ids=[rule.value for rule in Rule])
async def test_a_clock_that_runs_out_is_never_silent(skipping: Rehearsal, rule: Rule) -> None:
    case = await opened(skipping, rule)
    first = await case.asks("answer_complaint")
    await case.passes_until(first.due_at + timedelta(minutes=1))

    late = await case.asks("answer_overdue")

    assert case.expired == ["answer_complaint"]
    assert case.effects[-1] == "alarm_overdue"
    assert case.told[-1] == "overdue"
    assert case.stages[-1] == "overdue"
    assert case.kind(late).role == "compliance"
    await case.passes(days=3)
    assert case.escalated == ["answer_overdue"]
    await case.answer("answer_overdue", "upheld", by="carla", **FOUND)
    await accepted(case)


async def test_the_hard_stop_after_a_holding_letter_is_never_silent(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    first = await case.asks("answer_complaint")
    await case.answer("answer_complaint", "hold", by="sam", until=(first.due_at + 9 * DAY).isoformat())
    held = await case.asks("answer_complaint-2")
    assert held.due_at == first.due_at + 9 * DAY
    await case.passes_until(held.due_at + timedelta(minutes=1))
    await case.asks("answer_overdue")
    await case.answer("answer_overdue", "rejected", by="carla", **FOUND)
    await accepted(case)
    assert case.told == ["received", "holding", "overdue", "final"]


async def test_redress_above_the_limit_is_approved_by_a_second_person(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "upheld", by="sam", redress=True, above_limit=True)
    item = await case.asks("approve_redress")
    assert (case.kind(item).role, case.kind(item).part, case.kind(item).sensitive) == ("approver", "approver", True)
    assert "promise_redress" not in case.effects
    await case.answer("approve_redress", "rejected", by="ada")

    await case.answer("answer_complaint-2", "upheld", by="sam", redress=True, above_limit=True)
    await case.answer("approve_redress-2", "approved", by="ada")

    await case.asks("give_redress")
    assert case.effects[-2:] == ["promise_redress", "gather_evidence"]
    await case.answer("react", "accepted")
    await case.answer("give_redress", "given", by="hanna")
    assert await case.ends() == "done"
    assert case.told == ["received", "summary", "redress_given"]


async def test_an_approval_does_not_stop_the_clock(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "upheld", by="sam", redress=True, above_limit=True)
    item = await case.asks("approve_redress")
    await case.passes_until(item.due_at + timedelta(minutes=1))
    await case.asks("answer_complaint-2")
    await case.asks("answer_overdue")
    await case.answer("answer_overdue", "upheld", by="carla", redress=True, above_limit=True)
    second = await case.asks("approve_redress-2")
    await case.passes_until(second.due_at + timedelta(minutes=1))
    await case.answer("answer_overdue-2", "upheld", by="carla", redress=True)
    await case.answer("give_redress", "given", by="hanna")
    await accepted(case)


async def test_redress_that_is_not_given_in_time_is_raised(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "upheld", by="sam", redress=True)
    await case.answer("react", "accepted")
    await case.asks("give_redress")
    await case.passes(PERIODS.redress + DAY)
    assert case.escalated == ["give_redress"]
    await case.answer("give_redress", "given", by="hanna")
    assert await case.ends() == "done"


async def test_it_is_reopened_once_and_somebody_else_looks_at_it(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "rejected", by="sam", **FOUND)
    await case.answer("react", "reopened")
    item = await case.asks("review_complaint")
    assert (case.kind(item).role, case.kind(item).part) == ("compliance", "reviewer")
    assert case.effects[-1] == "reopen"
    await case.answer("review_complaint", "upheld", by="carla", redress=True, above_limit=True)
    await case.answer("approve_redress", "rejected", by="ada")
    await case.answer("review_complaint-2", "upheld", by="carla", redress=True)
    await case.answer("give_redress", "given", by="hanna")
    last = await case.asks("react_again")
    assert "reopened" not in [outcome.value for outcome in case.kind(last).decisions]
    await accepted(case, "react_again")
    assert case.told == ["received", "summary", "reopened", "final", "redress_given"]
    assert case.stages[-2:] == ["reopened", "answered_again"]


async def test_another_look_that_is_late_is_never_silent(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "rejected", by="sam", **FOUND)
    await case.answer("react", "reopened")
    item = await case.asks("review_complaint")
    await case.passes_until(item.due_at + timedelta(minutes=1))
    await case.asks("review_overdue")
    assert case.told[-1] == "overdue"
    await case.answer("review_overdue", "partly", by="carla", **FOUND)
    await case.answer("react_again", "escalated")
    await case.answer("prepare_file", "handed_over", by="carla")
    assert await case.ends() == "done"


async def test_who_goes_to_the_ombudsman_gets_a_file(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "rejected", by="sam", **FOUND)
    await case.answer("react", "escalated")

    item = await case.asks("prepare_file")

    assert case.kind(item).role == "compliance"
    assert case.stages[-1] == "escalated"
    await case.answer("prepare_file", "handed_over", by="carla")
    assert await case.ends() == "done"


async def test_the_desk_notes_what_a_reader_of_letters_says(skipping: Rehearsal) -> None:
    case = await opened(skipping, by_letter=True)
    await case.answer("answer_complaint", "rejected", by="sam", **FOUND)
    item = await case.asks("note_reaction")
    assert case.kind(item).role == "support agent"
    await case.answer("note_reaction", "reopened", by="hanna")
    await case.answer("review_complaint", "partly", by="carla", **FOUND)
    assert case.withdrawn == ["react"]
    await case.answer("note_second_reaction", "escalated", by="hanna")
    await case.answer("prepare_file", "handed_over", by="carla")
    assert await case.ends() == "done"
    assert case.withdrawn == ["react", "react_again"]


async def test_who_stays_silent_has_their_answer_and_it_closes(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("answer_complaint", "upheld", by="sam", **FOUND)
    assert await case.ends() == "done"
    assert case.expired == ["react"]

    again = await opened(skipping)
    await again.answer("answer_complaint", "upheld", by="sam", **FOUND)
    await again.answer("react", "reopened")
    await again.answer("review_complaint", "upheld", by="carla", **FOUND)
    assert await again.ends() == "done"
    assert again.expired == ["react_again"]


async def test_its_customer_can_take_it_back_wherever_it_waits(skipping: Rehearsal) -> None:
    for steps in ((), (("answer_complaint", "upheld"),), (("answer_complaint", "upheld"), ("react", "reopened"))):
        case = await opened(skipping)
        for step, outcome in steps:
            await case.answer(step, outcome, by="" if step == "react" else "sam")
        await case.asks(("answer_complaint", "react", "review_complaint")[len(steps)])
        await case.is_withdrawn()
        assert await case.ends() == "withdrawn"
        assert case.told[-1] == "case_withdrawn"
