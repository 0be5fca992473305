"""A merchant's answer to a claim, played by the engine on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from workflows.claim_answer.spec import PERIODS

pytestmark = pytest.mark.anyio
EVIDENCE, WAIT = timedelta(days=9), timedelta(days=170)


async def opened(skipping: Rehearsal) -> Rehearsed:
    now = (await skipping.env.get_current_time()).replace(microsecond=0)
    evidence_by, wait_until = ((now + span).isoformat() for span in (EVIDENCE, WAIT))
    return await skipping.open("claim_answer", evidence_by=evidence_by, wait_until=wait_until)


async def test_a_merchant_answers_and_is_told_how_it_was_decided(skipping: Rehearsal) -> None:
    for how in ("us", "wrong", "withdrawn", "went_back"):
        case = await opened(skipping)
        item = await case.asks("send_evidence")
        assert item.due_at - await case.now() <= EVIDENCE
        assert case.told == ["merchant_claim_opened"]
        await case.answer("send_evidence", "sent")
        await case.enters("waiting")
        await case.happens("claim_decided", how=how)

        assert await case.ends() == "done"
        assert case.told == ["merchant_claim_opened", "merchant_claim_decided"]


async def test_whoever_bears_it_is_told_again_when_the_money_is_taken(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("send_evidence", "sent")
    await case.enters("waiting")
    await case.happens("claim_decided", how="merchant")
    await case.happens("money_taken")

    assert await case.ends() == "done"
    assert case.told[-1] == "merchant_claim_taken"


async def test_a_decision_ends_the_asking(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("send_evidence")
    await case.happens("claim_decided", how="withdrawn")

    assert await case.ends() == "done"
    assert case.withdrawn == ["send_evidence"]


async def test_nothing_that_comes_within_the_time_is_waited_for_no_longer(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("send_evidence")
    await case.passes(EVIDENCE + timedelta(minutes=1))
    await case.enters("waiting")
    assert case.expired == ["send_evidence"]
    await case.happens("claim_decided", how="merchant")
    await case.enters("decided")
    await case.passes(PERIODS.until_the_money_is_taken + timedelta(minutes=1))

    assert await case.ends() == "done"
    assert "merchant_claim_taken" not in case.told


async def test_where_no_decision_is_ever_told_it_ends_by_itself(skipping: Rehearsal) -> None:
    case = await opened(skipping)

    assert await case.ends() == "done"
    assert case.told == ["merchant_claim_opened"]
