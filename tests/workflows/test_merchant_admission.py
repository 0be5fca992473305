"""Every branch of a merchant's admission, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.merchant_admission.spec import PERIODS

pytestmark = pytest.mark.anyio
YEAR = PERIODS.until_the_next_review


async def applied(skipping: Rehearsal) -> Rehearsed:
    """The company has sent its papers."""
    case = await skipping.open("merchant_admission")
    await case.answer("send_papers", "sent")
    return case


async def admitted(skipping: Rehearsal) -> Rehearsed:
    case = await applied(skipping)
    await case.answer("check_register", "fits", by="checker-1")
    await case.answer("decide_admission", "approved", by="approver-1")
    await case.enters("admitted")
    await case.is_quiet()
    return case


async def suspended(case: Rehearsed) -> None:
    await case.happens("merchant_suspended")
    await case.enters("suspended")


async def test_two_people_admit_a_company(skipping: Rehearsal) -> None:
    case = await skipping.open("merchant_admission")
    papers = await case.asks("send_papers")
    assert case.kind(papers).level == 2
    await case.answer("send_papers", "sent")
    check = await case.asks("check_register")
    await case.answer("check_register", "fits", by="checker-1")
    decision = await case.asks("decide_admission")
    assert (case.kind(check).part, case.kind(decision).part) == ("merchant_checker", "merchant_approver")
    assert case.kind(decision).sensitive
    assert case.effects == []
    await case.answer("decide_admission", "approved", by="approver-1")
    await case.enters("admitted")

    assert case.effects == ["admit_merchant"]
    assert case.told == ["admission_papers", "admission_admitted"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"
    assert case.closes[0].parts == {"checker-1": "merchant_checker", "approver-1": "merchant_approver"}


async def test_who_sends_no_papers_in_thirty_days_is_not_looked_at(skipping: Rehearsal) -> None:
    case = await skipping.open("merchant_admission")
    await case.asks("send_papers")
    await case.passes(PERIODS.company_sends_papers - timedelta(minutes=1))
    assert case.expired == []

    assert await case.ends() == "expired"
    assert (case.closes[0].reason, case.effects) == ("no_papers", [])
    assert case.told[-1] == "admission_ended"


async def test_an_extract_that_is_no_use_is_asked_for_again(skipping: Rehearsal) -> None:
    case = await applied(skipping)
    await case.answer("check_register", "ask_again", by="checker-1")
    await case.asks("send_papers-2")
    assert case.told == ["admission_papers", "admission_papers_again"]
    assert case.stages == ["applied", "checked", "applied"]
    await case.answer("send_papers-2", "sent")
    await case.answer("check_register-2", "fits", by="checker-1")
    await case.answer("decide_admission", "approved", by="approver-1")
    await case.enters("admitted")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"


async def test_what_does_not_fit_is_still_for_the_second_person_to_refuse(skipping: Rehearsal) -> None:
    case = await applied(skipping)
    await case.answer("check_register", "does_not_fit", by="checker-1")
    await case.answer("decide_admission", "refused", by="approver-1")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects) == ("refused", [])
    assert case.told[-1] == "admission_ended"


async def test_who_stops_before_the_admission_ends_no_merchant(skipping: Rehearsal) -> None:
    case = await applied(skipping)
    await case.asks("check_register")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == []


async def test_a_merchant_that_stops_is_ended(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.passes(days=100)
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["admit_merchant", "end_merchant"]
    assert case.told[-1] == "admission_ended"


async def test_each_year_it_is_reviewed_by_one_person_where_nothing_has_changed(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.passes(YEAR - timedelta(hours=1))
    assert "review" not in case.stages
    await case.passes(hours=2)
    await case.answer("review_merchant", "as_before", by="checker-2")
    await case.until(lambda: case.stages[-1] == "admitted", "go on")
    assert case.effects == ["admit_merchant", "note_review"]
    await case.is_quiet()
    await case.passes(YEAR + timedelta(hours=1))
    review = await case.asks("review_merchant-2")
    assert case.kind(review).part == "merchant_checker"
    await case.answer("review_merchant-2", "as_before", by="checker-1")
    await case.until(lambda: case.effects.count("note_review") == 2, "note the second review")
    assert case.told == ["admission_papers", "admission_admitted"]
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"


async def test_what_has_changed_is_decided_by_a_second_person(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.passes(YEAR + timedelta(hours=1))
    await case.answer("review_merchant", "changed", by="checker-1")
    decision = await case.asks("decide_review")
    assert (case.kind(decision).part, case.kind(decision).sensitive) == ("merchant_approver", True)
    await case.answer("decide_review", "continues", by="approver-1")
    await case.until(lambda: case.effects[-1] == "note_review", "note the review")
    assert case.told[-1] == "admission_limits"
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"


async def test_a_review_can_end_it(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.passes(YEAR + timedelta(hours=1))
    await case.answer("review_merchant", "changed", by="checker-1")
    await case.answer("decide_review", "ends", by="approver-1")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects[-1]) == ("not_continued", "end_merchant")
    assert case.told[-1] == "admission_ended"


async def test_a_late_review_suspends_nobody_and_goes_to_the_supervisors(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.passes(YEAR + PERIODS.review + timedelta(hours=1))

    assert case.escalated == ["review_merchant"]
    assert case.effects == ["admit_merchant"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_suspension_is_told_at_once_and_looked_into(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await suspended(case)
    item = await case.asks("look_into_suspension")
    assert case.told[-1] == "admission_suspended"
    assert case.kind(item).due == timedelta(days=1)
    await case.answer("look_into_suspension", "reinstated", by="supervisor-1")
    await case.until(lambda: case.stages[-1] == "admitted", "go on")

    assert case.told[-1] == "admission_reinstated"
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_suspension_can_end_it(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await suspended(case)
    await case.answer("look_into_suspension", "ends", by="supervisor-1")

    assert await case.ends() == "rejected"
    assert (case.closes[0].reason, case.effects[-1]) == ("ended_after_suspension", "end_merchant")


async def test_a_suspension_interrupts_a_review_which_comes_again(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.passes(YEAR + timedelta(hours=1))
    await case.asks("review_merchant")
    await case.is_quiet()
    await suspended(case)
    await case.answer("look_into_suspension", "reinstated", by="supervisor-1")
    await case.asks("review_merchant-2")

    assert case.withdrawn == ["review_merchant"]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_suspended_merchant_can_stop_too(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await suspended(case)
    await case.asks("look_into_suspension")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects[-1] == "end_merchant"


async def test_what_was_suspended_while_the_case_was_paused_is_looked_into_afterwards(skipping: Rehearsal) -> None:
    case = await admitted(skipping)
    await case.is_frozen()
    await case.happens("merchant_suspended")
    await case.is_quiet()
    assert "suspended" not in case.stages
    await case.is_unfrozen()
    await case.asks("look_into_suspension")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"


@pytest.mark.usefixtures("restless")
async def test_it_continues_as_new_for_years_and_knows_what_it_did(trying: Rehearsal) -> None:
    case = await admitted(trying)
    for step in ("review_merchant", "review_merchant-2", "review_merchant-3"):
        await case.passes(YEAR + timedelta(hours=1))
        await case.answer(step, "as_before", by="checker-1")
        await case.until(lambda: case.acts[-1] == "stage admitted", "go on")
        await case.is_quiet()
    await suspended(case)
    await case.answer("look_into_suspension", "ends", by="supervisor-1")

    assert await case.ends() == "rejected"
    assert case.effects == ["admit_merchant", *["note_review"] * 3, "end_merchant"]
    assert len(case.runs) > 3
