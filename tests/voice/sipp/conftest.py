"""One gateway for all scenarios of SIPp."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

from backoffice.voice.gateway.dial_plan import DialPlan
from devstack.telephones.line import free_port
from tests.voice.gateway.exchange import played, until
from tests.voice.sipp.bench import SIPP, UAS, Bench, Plays


@pytest.fixture(scope="module", autouse=True)
def _sipp() -> None:
    if SIPP is None:
        message = "There is no SIPp: on Debian, apt-get install sip-tester."
        if os.environ.get("COUNTERSIGN_REQUIRE_SIPP") == "1":
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plays]:
    """Plays a story on one gateway for all, with a port for SIPp of its own; afterwards all are over, and told."""
    folder, addresses = tmp_path_factory.mktemp("sipp"), {UAS: ""}
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        it = runner.run(stack.enter_async_context(played(folder, dial_plan=DialPlan(addresses=addresses))))

        def plays(story: Callable[[Bench], Awaitable[None]]) -> None:
            async def whole() -> None:
                port = free_port()
                addresses[UAS] = f"sip:uas@127.0.0.1:{port}"
                addresses["tcp"] = f"{addresses[UAS]};transport=tcp"
                it.office.events.clear()
                await story(Bench(it, folder, port))
                conversations = list(it.gateway.conversations.values())
                for conversation in conversations:
                    conversation.end()
                await until(lambda: not it.running.switchboard.agent.calls)
                await until(lambda: all(one.outbox.is_empty for one in conversations))

            runner.run(whole())

        yield plays
        runner.run(stack.aclose())
