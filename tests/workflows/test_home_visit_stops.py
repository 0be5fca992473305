"""The home visit reviewed, mismatched, withdrawn and frozen; on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.api.common.v1 import Payload

from tests.workflows.rehearsal import Rehearsal
from tests.workflows.visiting import AT_THE_DOOR, VISITOR, book, open_visit, reach
from workflows.base.contracts import Answered

pytestmark = pytest.mark.anyio


# --- mismatch and review ----------------------------------------------------------------------------------------------


async def test_a_mismatch_freezes_and_ends_rejected_once_it_is_confirmed_and_unfrozen(skipping: Rehearsal) -> None:
    case = await open_visit(skipping)
    await reach(case, "id_check")
    await case.answer("id_check", "mismatch", by=VISITOR)
    item = await case.asks("look_into_mismatch")
    await case.is_frozen()
    assert (case.kind(item).role, case.kind(item).part) == ("compliance", "investigator")
    assert case.effects[-1] == "freeze"
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
    assert "freeze" in case.effects


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
    assert case.effects[-1] == "release"
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
