"""How many calls a gateway takes at once, and that those it has no room for leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice.voice.contract import Arrived, Dial, Failure, Refusal, Role, State
from backoffice.voice.gateway import gateway
from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.sip.hops import Transport
from backoffice.voice.sip.sdp import Negotiation
from backoffice.voice.sip.transports import Listening
from tests.voice.gateway.exchange import Played, new_key, played, until
from tests.voice.sip.test_transports import End, end

PLAN = DialPlan(addresses={"nobody": "sip:nobody@127.0.0.1:9"})


def with_a_caller(folder: Path, story: Callable[[Played, End], Awaitable[None]], **changes: Any) -> None:
    async def whole() -> None:
        async with played(folder, dial_plan=PLAN, **changes) as it, end(Listening()) as caller:
            await story(it, caller)
            await it.gateway.stop()
            for call in caller.agent.calls:
                call.hang_up()

    asyncio.run(whole())


async def rings(it: Played, caller: End, number: int) -> None:
    hop = caller.hop(Transport.UDP)
    target = type(hop)(Transport.UDP, "127.0.0.1", it.running.transports.sent_by(Transport.UDP)[1])
    for nth in range(number):
        uri = f"sip:menu@127.0.0.1:{target.port}"
        call = caller.agent.call(uri, by=target, negotiation=Negotiation(address="127.0.0.1", port=21_000 + 2 * nth))
        call.on_over = caller.over.append
        call.start()


def test_calls_that_come_in_leave_room_for_those_that_we_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "MOST_CONVERSATIONS", 4)
    monkeypatch.setattr(gateway, "MOST_INCOMING", 3)

    async def story(it: Played, caller: End) -> None:
        await rings(it, caller, 6)
        await it.told(Arrived, nth=3)
        await until(lambda: len(caller.over) == 3)
        assert it.running.switchboard.failures[Failure.CALL] == 3
        dial = Dial(key=new_key(), conversation="ours", role=Role.CUSTOMER, number="nobody")
        assert isinstance(await it.gateway.do(dial), State)
        assert len(it.gateway.conversations) == 4
        for nth in range(20):
            more = Dial(key=new_key(), conversation=f"more-{nth}", role=Role.CUSTOMER, number="nobody")
            assert await it.gateway.do(more) == Refusal(code="too_many")
        assert len(it.gateway.conversations) == 4
        assert set(it.gateway._turns) == {"ours"}

    with_a_caller(tmp_path, story)


def test_a_call_for_which_there_is_no_port_leaves_nothing_behind(tmp_path: Path) -> None:
    async def story(it: Played, caller: End) -> None:
        await rings(it, caller, 4)
        await it.told(Arrived, nth=2)
        await until(lambda: len(caller.over) == 2)
        assert len(it.gateway.conversations) == 2

    with_a_caller(tmp_path, story, media_ports=(35_990, 35_993))
