"""A call from the question for the code to its wrap-up, on a server that skips time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.rehearsal import Rehearsal, Rehearsed

pytestmark = pytest.mark.anyio
AGENT = "agent-1"


async def open_call(skipping: Rehearsal) -> Rehearsed:
    return await skipping.open("phone_authorisation", requester=AGENT, agent=AGENT)


async def test_a_caller_with_the_right_code_is_served_and_the_call_wrapped_up(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    typing = await case.asks("type_code")
    await case.answer("give_code", "shown")
    await case.answer("type_code", "proven", by=AGENT)
    writing = await case.asks("wrap_up")
    await case.answer("wrap_up", "written", by=AGENT)

    assert await case.ends() == "done"
    assert case.stages == ["asked", "proven", "wrapped_up"]
    assert case.told == ["caller_proven"]
    assert case.effects == ["end_call"]
    assert (typing.holder, writing.holder) == (AGENT, AGENT)
    assert case.closed_with == {"result": "proven"}
    assert "look_into_caller" not in case.items


async def test_a_caller_without_a_code_is_refused_and_the_holder_told(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    await case.answer("type_code", "no_code", by=AGENT)
    await case.answer("wrap_up", "written", by=AGENT)

    assert await case.ends() == "rejected"
    assert case.told == ["caller_refused"]
    assert case.closes[0].reason == "no_code"
    assert case.withdrawn == ["give_code"]
    assert "look_into_caller" not in case.items


async def test_where_nobody_types_a_code_in_a_quarter_of_an_hour_the_call_is_over(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    begun = await case.now()
    await case.asks("give_code")
    await case.passes(minutes=14)
    assert case.expired == []
    await case.passes(minutes=2)
    await case.answer("wrap_up", "written", by=AGENT)

    assert await case.ends() == "expired"
    assert case.told == ["caller_refused"]
    assert case.expired == ["type_code"]
    assert case.withdrawn == ["give_code"]
    assert case.items["wrap_up"].due_at - begun >= timedelta(minutes=30)
    assert case.reminded == []


async def test_three_wrong_codes_end_it_and_a_supervisor_looks_into_it(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    await case.answer("give_code", "shown")
    await case.answer("type_code", "not_proven", by=AGENT)
    await case.asks("look_into_caller")
    await case.answer("wrap_up", "written", by=AGENT)
    await case.is_quiet()
    assert case.closes == []
    await case.answer("look_into_caller", "suspect", by="supervisor-1")

    assert await case.ends() == "rejected"
    assert case.closes[0].reason == "not_proven"
    assert case.told == ["caller_refused"]


async def test_a_customer_who_does_not_talk_to_us_ends_it_at_once(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    await case.asks("type_code")
    await case.happens("code_denied")
    await case.asks("look_into_caller")
    await case.asks("wrap_up")
    await case.answer("look_into_caller", "harmless", by="supervisor-1")
    await case.answer("wrap_up", "written", by=AGENT)

    assert await case.ends() == "rejected"
    assert sorted(case.withdrawn) == ["give_code", "type_code"]
    assert case.told == ["caller_refused"]
    assert case.closed_with == {"result": "denied"}


async def test_what_the_agent_does_not_write_down_in_time_a_supervisor_does(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    await case.answer("type_code", "proven", by=AGENT)
    await case.asks("wrap_up")
    await case.passes(minutes=14)
    assert "wrap_up_late" not in case.items
    await case.passes(minutes=2)
    item = await case.asks("wrap_up_late")
    await case.passes(hours=5)

    assert (item.holder, case.kind(item).role) == ("", "supervisor")
    assert case.expired == ["wrap_up"]
    assert "wrap_up_late" in [step for one in case.done for step in one.said.escalates]
    await case.answer("wrap_up_late", "written", by="supervisor-1")
    assert await case.ends() == "done"


async def test_a_frozen_call_waits_and_its_time_does_not_run(skipping: Rehearsal) -> None:
    case = await open_call(skipping)
    await case.asks("type_code")
    await case.is_frozen()
    await case.passes(hours=2)
    assert case.expired == []
    await case.is_unfrozen()
    await case.answer("type_code", "proven", by=AGENT)
    await case.answer("wrap_up", "written", by=AGENT)

    assert await case.ends() == "done"
