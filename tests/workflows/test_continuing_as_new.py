"""A case that continues as new at every wait goes its way as if it were one run, and forgets nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from backoffice.engine.codec import data_converter
from tests.workflows.conftest import TEST_SERVER
from tests.workflows.rehearsal import Rehearsal, Rehearsed, with_search_attributes
from tests.workflows.reissue import activate, deliver, does, expects_letter, open_reissue, reach
from workflows.card_reissue.story import CardReissue
from workflows.home_visit.story import HomeVisit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def continuing(
    anyio_backend: str, golden_keys: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Rehearsal]:
    """Each case continues as new whenever it waits and has lived through anything."""
    monkeypatch.setattr(CardReissue, "entries_a_run", 1)
    monkeypatch.setattr(HomeVisit, "entries_a_run", 1)
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        rehearsal = Rehearsal(await with_search_attributes(env), branch="continuing")
        async with rehearsal.worker():
            yield rehearsal


async def run_of(case: Rehearsed) -> str:
    """The id of the run that plays the case now."""
    return str((await case.handle.describe()).run_id)


async def test_a_case_goes_through_every_kind_of_step_in_many_runs(continuing: Rehearsal) -> None:
    case = await open_reissue(continuing, risk="high", requester="hanna")
    runs = {await run_of(case)}

    for step in ("prove_identity", "email_survey"):
        await case.answer(step, "proven" if step == "prove_identity" else "answered")
        await case.is_quiet()
        runs.add(await run_of(case))
    await case.child_closes("home_visit", "done", result="passed", parts={"viktor": "visitor"})
    await case.asks("approve_reissue")
    runs.add(await run_of(case))
    await expects_letter(case)
    await case.answer("approve_reissue", "approved", by="ada")
    await does(case, "order_card")
    await deliver(case)
    await case.asks("activate_card")
    runs.add(await run_of(case))

    assert await activate(case) == "done"
    assert len(runs) >= 4
    assert case.effects == ["block_card", "assess_risk", "order_card", "activate_card", "close_card"]
    assert case.told == [
        "card_blocked",
        "card_ordered",
        "card_delivered_activate",
        "card_active",
        "reissue_done",
    ]
    assert [step.number for step in case.done if step.number] == list(range(1, case.applied + 1))
    assert case.closes[0].parts == {"hanna": "requester", "viktor": "visitor", "ada": "approver"}


async def test_a_reminder_that_was_sent_is_not_sent_again_and_the_time_goes_on(continuing: Rehearsal) -> None:
    case = await open_reissue(continuing)
    opened = await case.asks("prove_identity")
    first = await run_of(case)

    await case.passes(hours=25)
    assert (case.reminded, await run_of(case) != first) == (["prove_identity"], True)
    await case.passes(hours=48)
    assert case.reminded == ["prove_identity", "prove_identity"]
    await case.passes_until(opened.due_at + timedelta(minutes=1))

    assert case.expired == ["prove_identity"]
    assert "call_customer" in case.items


async def test_what_is_due_is_later_by_a_freeze_that_began_in_another_run(continuing: Rehearsal) -> None:
    case = await open_reissue(continuing)
    opened = await case.asks("prove_identity")
    await case.passes(hours=25)
    await case.is_frozen()
    await case.passes(days=3)
    await case.is_unfrozen()

    await case.passes_until(opened.due_at + timedelta(days=2, hours=23))
    assert case.expired == []
    await case.passes_until(opened.due_at + timedelta(days=3, minutes=1))
    assert case.expired == ["prove_identity"]


async def test_what_can_be_taken_back_is_known_in_a_later_run(continuing: Rehearsal) -> None:
    case = await open_reissue(continuing, reason="lost")
    await reach(case, "email_survey")
    await case.passes(hours=25)

    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["block_card", "unblock_card"]


async def test_an_answer_that_comes_as_the_case_continues_is_not_lost(continuing: Rehearsal) -> None:
    """All at once: each signal may reach the run that ends or the one that begins."""
    case = await open_reissue(continuing)
    await case.asks("prove_identity")
    await case.answer("prove_identity", "proven")
    await case.answer("email_survey", "answered")
    await does(case, "order_card")
    await deliver(case)

    assert await activate(case) == "done"
    assert case.effects.count("order_card") == 1
