"""The story of the sample process, played by the engine on a server that skips time."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from backoffice.engine.codec import data_converter
from tests.sample.story import LockerHandover
from tests.workflows.rehearsal import Rehearsal, Rehearsed, with_search_attributes

TEST_SERVER = Path(sys.executable).parent / "temporal-test-server"
ASKED = ["hold_locker"]
HANDED_OVER = ["hold_locker", "assign_locker", "keep_handover"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def skipping(anyio_backend: str, request: pytest.FixtureRequest) -> AsyncIterator[Rehearsal]:
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        rehearsal = Rehearsal(await with_search_attributes(env), branch=request.node.name, processes=[LockerHandover])
        async with rehearsal.worker():
            yield rehearsal


async def opened(skipping: Rehearsal) -> Rehearsed:
    return await skipping.open("locker_handover", locker=12)


async def both_agree(case: Rehearsed, *, at_home: bool = False) -> None:
    await case.answer("take_over", "agreed")
    await case.answer("agree", "agreed", keys=2, at_home=at_home)


@pytest.mark.anyio
async def test_both_agree_it_is_checked_announced_and_handed_over(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await both_agree(case)
    await case.answer("check_handover", "approved")

    assert await case.ends() == "done"
    assert case.stages == ["held", "agreed", "checked", "announced", "handed_over"]
    assert case.effects == HANDED_OVER
    assert case.told == ["handover_asked", "handover_announced", "handover_done"]


@pytest.mark.anyio
async def test_both_are_asked_at_once_and_who_declines_ends_it_for_both(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.asks("agree")

    await case.answer("take_over", "declined")

    assert await case.ends() == "rejected"
    assert case.withdrawn == ["agree"]
    assert case.effects == ["hold_locker", "release_locker"]


@pytest.mark.anyio
async def test_silence_ends_it_and_the_locker_is_free_again(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await case.answer("agree", "agreed", keys=2)

    assert await case.ends() == "expired"
    assert case.expired == ["take_over"]
    assert case.effects[-1] == "release_locker"


@pytest.mark.anyio
@pytest.mark.parametrize(("result", "ended"), [("passed", "done"), ("mismatch", "rejected")])
async def test_a_visit_shows_who_the_holder_is(skipping: Rehearsal, result: str, ended: str) -> None:
    case = await opened(skipping)
    await both_agree(case, at_home=True)

    await case.child_closes("home_visit", "done", result=result, alternative=None)
    if ended == "done":
        await case.answer("check_handover", "approved")

    assert await case.ends() == ended
    assert "visit" in case.stages


@pytest.mark.anyio
async def test_what_is_not_approved_is_taken_back(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await both_agree(case)

    await case.answer("check_handover", "rejected")

    assert await case.ends() == "rejected"
    assert case.effects == ["hold_locker", "release_locker"]


@pytest.mark.anyio
async def test_whoever_stops_it_in_the_five_days_gets_the_locker_back(skipping: Rehearsal) -> None:
    case = await opened(skipping)
    await both_agree(case)
    await case.answer("check_handover", "approved")
    await case.enters("announced")
    await case.passes(days=4)

    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["hold_locker", "release_locker"]
    assert not case.past_no_return


@pytest.mark.anyio
async def test_a_locker_that_is_held_already_becomes_a_work_item(skipping: Rehearsal) -> None:
    skipping.refuses("hold_locker", "held_already")
    case = await opened(skipping)

    await case.answer("resolve_failure", "give_up")

    assert await case.ends() == "failed"
