"""The card reissue whose customer told somebody a secret: a call first, and nothing given back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.reissue import open_reissue, reach

pytestmark = pytest.mark.anyio


async def told(skipping: Rehearsal, what: str, *, reason: str = "fraud", outcome: str = "answered") -> Rehearsed:
    case = await open_reissue(skipping, reason=reason, risk="high", requester="desk-1")
    await reach(case, "email_survey")
    await case.answer("email_survey", outcome, told=what)
    return case


@pytest.mark.parametrize("called", ["spoken", "not_reached"])
@pytest.mark.parametrize("outcome", ["answered", "address_wrong"])
async def test_a_call_comes_before_everything_else(skipping: Rehearsal, called: str, outcome: str) -> None:
    case = await told(skipping, "card", outcome=outcome)
    call = await case.asks("call_about_secret")
    assert call.due_at - case.at() <= timedelta(hours=2)
    assert "assess_risk" not in case.effects
    assert "pause" not in case.effects

    await case.answer("call_about_secret", called, by="desk-2")

    if outcome == "address_wrong":
        await case.answer("correct_address", "corrected", by="desk-2")
    await case.until(lambda: "home_visit" in case.children, "a visit")


async def test_what_may_open_more_than_the_card_pauses_the_case(skipping: Rehearsal) -> None:
    case = await told(skipping, "account")
    await case.asks("call_about_secret")
    assert case.effects[-1] == "pause"
    await case.is_frozen()
    await case.answer("call_about_secret", "spoken", by="desk-2")
    await case.is_quiet()
    assert "assess_risk" not in case.effects

    await case.is_unfrozen()

    await case.until(lambda: "home_visit" in case.children, "a visit")


async def test_a_call_that_nobody_makes_goes_to_the_supervisor(skipping: Rehearsal) -> None:
    case = await told(skipping, "card")
    await case.asks("call_about_secret")
    await case.passes(hours=2, minutes=1)

    assert case.escalated == ["call_about_secret"]
    await case.answer("call_about_secret", "spoken", by="sam-1")
    await case.until(lambda: "home_visit" in case.children, "a visit")


@pytest.mark.parametrize("what", ["card", "account"])
async def test_a_lost_card_is_not_given_back_to_who_told_a_secret(skipping: Rehearsal, what: str) -> None:
    case = await told(skipping, what, reason="lost")
    await case.asks("call_about_secret")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert "unblock_card" not in case.effects
