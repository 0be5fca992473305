"""The card reissue of high risk: identified by a visit or another way, and approved by a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.reissue import activate, deliver, does, open_reissue, reach
from workflows.card_reissue.spec import CARD_REISSUE

pytestmark = pytest.mark.anyio


async def risky(skipping: Rehearsal, *, requester: str = "desk-1") -> Rehearsed:
    return await open_reissue(skipping, risk="high", requester=requester)


async def goes_on_to_the_end(case: Rehearsed) -> str:
    await does(case, "order_card")
    await deliver(case)
    return await activate(case)


async def test_a_visit_that_passed_and_an_approval_order_the_card(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "approve_reissue")
    assert "order_card" not in case.effects
    await case.answer("approve_reissue", "approved", by="approver-1")

    assert await goes_on_to_the_end(case) == "done"
    assert case.stages[3:7] == ["checked", "visit", "approval", "ordered"]


@pytest.mark.parametrize(
    ("alternative", "step"),
    [("branch", "identify_at_branch"), ("remote", "identify_remotely"), ("", "identify_at_branch")],
)
async def test_who_declines_the_visit_is_identified_another_way(
    skipping: Rehearsal, alternative: str, step: str
) -> None:
    case = await risky(skipping)
    await reach(case, "home_visit")
    await case.child_closes(
        "home_visit", "done", result="declined", **({"alternative": alternative} if alternative else {})
    )
    await case.answer(step, "matched", by="identifier-1")
    await case.answer("approve_reissue", "approved", by="approver-1")

    assert "alternative_offered" in case.told
    assert await goes_on_to_the_end(case) == "done"


async def test_a_code_from_our_letter_identifies(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "enter_posted_code")
    assert CARD_REISSUE.kind(case.items["enter_posted_code"].kind).level == 2
    await case.answer("enter_posted_code", "matched")
    await case.answer("approve_reissue", "approved", by="approver-1")

    assert await goes_on_to_the_end(case) == "done"
    assert "post_code" in case.effects


async def test_a_code_that_is_never_entered_lets_the_case_expire(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "enter_posted_code")
    opened = await case.now()

    assert await case.ends() == "expired"
    assert case.at() - opened >= timedelta(days=20, hours=23)
    assert case.reminded == ["enter_posted_code", "enter_posted_code"]
    assert "order_card" not in case.effects


async def test_where_no_code_may_be_posted_the_branch_identifies(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    case.gives["post_code"] = [{}]
    await reach(case, "home_visit")
    await case.child_closes("home_visit", "done", result="declined", alternative="post")
    await case.answer("identify_at_branch", "matched", by="identifier-1")
    await case.answer("approve_reissue", "rejected", by="approver-1")

    assert await case.ends() == "rejected"
    assert "enter_posted_code" not in case.items


async def test_who_was_never_met_is_identified_at_the_branch(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "home_visit")
    await case.child_closes("home_visit", "done", result="unreachable")
    await case.answer("identify_at_branch", "not_seen", by="identifier-1")

    assert await case.ends() == "rejected"
    assert "order_card" not in case.effects


async def test_who_stops_the_visit_only_is_identified_at_the_branch(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "home_visit")
    await case.child_closes("home_visit", "withdrawn")
    await case.answer("identify_at_branch", "matched", by="identifier-1")
    await case.answer("approve_reissue", "approved", by="approver-1")

    assert await goes_on_to_the_end(case) == "done"


@pytest.mark.parametrize(("outcome", "result"), [("rejected", "mismatch"), ("done", "refused"), ("failed", "")])
async def test_a_visit_that_showed_nobody_ends_the_case(skipping: Rehearsal, outcome: str, result: str) -> None:
    case = await risky(skipping)
    await reach(case, "home_visit")
    await case.child_closes("home_visit", outcome, **({"result": result} if result else {}))

    assert await case.ends() == "rejected"
    assert case.effects == ["block_card", "assess_risk"]
    assert case.told[-1] == "reissue_ended"


@pytest.mark.parametrize("step", ["identify_at_branch", "identify_remotely"])
@pytest.mark.parametrize("outcome", ["mismatch", "not_seen"])
async def test_who_is_not_the_customer_gets_no_card(skipping: Rehearsal, step: str, outcome: str) -> None:
    case = await risky(skipping)
    await reach(case, step)
    await case.answer(step, outcome, by="identifier-1")

    assert await case.ends() == "rejected"
    assert "approve_reissue" not in case.items
    assert "order_card" not in case.effects


@pytest.mark.parametrize(
    ("step", "days"), [("identify_at_branch", 14), ("identify_remotely", 7), ("approve_reissue", 1)]
)
async def test_what_staff_does_not_do_in_time_is_reminded_and_raised(skipping: Rehearsal, step: str, days: int) -> None:
    case = await risky(skipping)
    await reach(case, step)
    await case.passes(days=days * 0.86)
    assert (case.reminded, case.escalated) == ([step, step], [])
    await case.passes(days=days * 0.15)

    assert case.escalated == [step]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_what_is_not_approved_is_rejected(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "approve_reissue")
    await case.answer("approve_reissue", "rejected", by="approver-1")

    assert await case.ends() == "rejected"
    assert case.effects == ["block_card", "assess_risk"]


# --- threat 7: an insider approves their own request ------------------------------------------------------------------


async def test_an_approval_by_the_requester_is_dropped_by_the_process_too(skipping: Rehearsal) -> None:
    case = await risky(skipping, requester="insider")
    await reach(case, "approve_reissue")
    await case.answer("approve_reissue", "approved", by="insider")
    await case.is_quiet()
    assert "order_card" not in case.effects

    await case.answer("approve_reissue", "rejected", by="approver-1")
    assert await case.ends() == "rejected"


async def test_an_approval_by_the_visitor_is_dropped_by_the_process_too(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "home_visit")
    parts = {"visitor-1": "visitor", "reviewer-1": "reviewer"}
    await case.child_closes("home_visit", "done", parts, result="passed")
    for insider in ("visitor-1", "reviewer-1"):
        await case.answer("approve_reissue", "approved", by=insider)
    await case.is_quiet()
    assert "order_card" not in case.effects

    await case.answer("approve_reissue", "approved", by="approver-1")
    assert await goes_on_to_the_end(case) == "done"


async def test_an_approval_by_who_identified_the_customer_is_dropped_by_the_process_too(skipping: Rehearsal) -> None:
    case = await risky(skipping)
    await reach(case, "identify_at_branch")
    await case.answer("identify_at_branch", "matched", by="insider")
    await case.answer("approve_reissue", "approved", by="insider")
    await case.is_quiet()
    assert "order_card" not in case.effects

    await case.answer("approve_reissue", "rejected", by="approver-1")
    assert await case.ends() == "rejected"


async def test_a_requester_does_not_identify_his_own_customer(skipping: Rehearsal) -> None:
    case = await risky(skipping, requester="insider")
    await reach(case, "identify_at_branch")
    await case.answer("identify_at_branch", "matched", by="insider")
    await case.is_quiet()
    assert "approve_reissue" not in case.items

    await case.answer("identify_at_branch", "not_seen", by="identifier-1")
    assert await case.ends() == "rejected"
