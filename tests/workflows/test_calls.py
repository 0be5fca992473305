"""Calls of outside systems: with the next step if the story needs no answer, and repeated while a system is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from tests.workflows.rehearsal import Rehearsal, Rehearsed
from tests.workflows.rows import Gives, away_for

pytestmark = pytest.mark.anyio
TASKS = (EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventType.EVENT_TYPE_MARKER_RECORDED)


async def calls(trying: Rehearsal, **gives: Gives) -> Rehearsed:
    """What is in `gives` holds from the first moment of the case on."""
    return await trying.open("trial", scene="calls", gives={"execute": {"reference": "four"}, **gives})


async def kinds_of_events(case: Rehearsed, *kinds: int) -> list[int]:
    history = await case.handle.fetch_history()
    return [event.event_type for event in history.events if event.event_type in (kinds or TASKS)]


async def test_calls_that_the_story_needs_no_answer_of_go_with_the_next_step(trying: Rehearsal) -> None:
    case = await calls(trying)
    await case.asks("check")
    await case.is_quiet()

    assert case.acts == ["stage locked", "lock", "tell_biller"]
    assert case.told == ["started"]
    assert await kinds_of_events(case) == [EventType.EVENT_TYPE_MARKER_RECORDED]
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_call_that_answers_in_time_is_no_task_of_its_own(trying: Rehearsal) -> None:
    case = await calls(trying)
    await case.answer("check", "right", by="desk-1")

    assert await case.ends() == "done"
    assert case.closed_with == {"number": 4}
    assert set(await kinds_of_events(case)) == {EventType.EVENT_TYPE_MARKER_RECORDED}


async def test_a_call_whose_system_is_away_is_tried_patiently_and_the_order_stays(trying: Rehearsal) -> None:
    case = await calls(trying, tell_biller=away_for())
    await case.until(lambda: [call.name for call in case.tries].count("tell_biller") > 4, "try it")
    assert "check" not in case.items
    case.gives["tell_biller"] = [{}]
    await case.asks("check")

    assert case.acts == ["stage locked", "lock", "tell_biller"]
    assert [call.name for call in case.tries].count("lock") == 1
    assert len({call.key for call in case.tries}) == 2
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_system_that_is_back_ends_the_pause(trying: Rehearsal) -> None:
    case = await calls(trying, tell_biller=away_for(timedelta(days=1)))
    await case.until(lambda: [call.name for call in case.tries].count("tell_biller") >= 2, "try it")
    case.gives["tell_biller"] = [{}]
    began = await case.now()
    await case.system_is_back("biller")
    await case.asks("check")

    assert await case.now() - began < timedelta(minutes=5)
    assert case.acts.count("tell_biller") == 1
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_another_system_that_is_back_ends_no_pause(trying: Rehearsal) -> None:
    case = await calls(trying, tell_biller=away_for(timedelta(days=1)))
    await case.until(lambda: [call.name for call in case.tries].count("tell_biller") >= 2, "try it")
    tries = len(case.tries)
    await case.system_is_back("registry")
    await case.has_heard()

    assert len(case.tries) == tries
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_system_that_is_back_only_seemingly_is_tried_on(trying: Rehearsal) -> None:
    case = await calls(trying, tell_biller=away_for(timedelta(days=1)))
    await case.until(lambda: [call.name for call in case.tries].count("tell_biller") >= 2, "try it")
    await case.system_is_back("biller")
    await case.until(
        lambda: [call.name for call in case.tries].count("tell_biller") >= 4, "try it briefly and patiently"
    )
    case.gives["tell_biller"] = [{}]
    await case.passes(days=1, minutes=1)

    await case.asks("check")
    await case.is_withdrawn()
    assert await case.ends() == "withdrawn"


async def test_a_withdrawal_ends_the_pause_and_takes_back_what_was_made_only(trying: Rehearsal) -> None:
    case = await calls(trying, tell_biller=away_for(timedelta(days=1)))
    await case.until(lambda: [call.name for call in case.tries].count("tell_biller") >= 2, "try it")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["lock", "unlock"]
    assert next(call.args for call in case.tries if call.name == "unlock") == {"number": 7}


async def test_what_was_not_made_is_not_taken_back(trying: Rehearsal) -> None:
    case = await calls(trying, lock=away_for(timedelta(days=1)))
    await case.until(lambda: len(case.tries) >= 2, "try it")
    await case.is_withdrawn()

    assert await case.ends() == "withdrawn"
    assert case.effects == []


async def test_a_call_that_was_refused_is_taken_back_by_nobody_and_the_one_before_it_is(trying: Rehearsal) -> None:
    trying.refuses("tell_biller", "unknown_biller")
    case = await calls(trying)
    await case.answer("resolve_failure", "give_up", by="supervisor-1")

    assert await case.ends() == "failed"
    assert case.effects == ["lock", "unlock"]


async def test_an_operators_cancellation_ends_the_pause_past_no_return_as_failed(trying: Rehearsal) -> None:
    case = await calls(trying)
    case.is_away("execute", pause=timedelta(days=1))
    await case.answer("check", "right", by="desk-1")
    await case.until(lambda: [call.name for call in case.tries].count("execute") >= 2, "try it")
    await case.handle.cancel()

    assert await case.ends() == "failed"
    assert case.effects == ["lock", "tell_biller"]


async def test_a_point_of_no_return_that_the_rows_held_back_was_not_passed(trying: Rehearsal) -> None:
    case = await calls(trying)
    case.breaks = lambda: setattr(case, "state", "stopping")
    await case.answer("check", "right", by="desk-1")
    await case.until(lambda: case.breaks is None, "try it")
    await case.is_quiet()
    await case.handle.cancel()

    assert await case.ends() == "withdrawn"
    assert case.effects == ["lock", "tell_biller", "unlock"]


async def test_operators_see_a_case_that_waits_for_a_person(trying: Rehearsal) -> None:
    trying.refuses("execute", "no_such_domain")
    case = await calls(trying)
    await case.answer("check", "right", by="desk-1")
    await case.asks("resolve_failure")
    await case.is_quiet()
    upserts = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    assert await kinds_of_events(case, upserts) == [upserts]
    await case.answer("resolve_failure", "retry", by="supervisor-1")

    assert await case.ends() == "done"
    assert await kinds_of_events(case, upserts) == [upserts, upserts]
