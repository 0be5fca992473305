"""A gateway with two telephones for the tests of a file: they take longer to start than to call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from devstack.telephones.words import Incoming
from tests.voice.gateway.exchange import Exchange, Provider, exchange, until
from tests.voice.gateway.listening import AGENT_SAYS, CUSTOMER_SAYS, Story


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def _exchange(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """One gateway and two phones for all tests of this file: they take longer to start than to call."""
    stack = AsyncExitStack()

    folder = tmp_path_factory.mktemp("gateway")
    (folder / "recordings").mkdir()

    async def start() -> Exchange:
        made = await stack.enter_async_context(exchange(folder, recordings=folder / "recordings"))
        await made.agent.say_tone(AGENT_SAYS)
        await made.customer.say_tone(CUSTOMER_SAYS)
        return made

    yield runner.run(start())
    runner.run(stack.aclose())


@pytest.fixture
def play(runner: asyncio.Runner, _exchange: Exchange) -> Callable[[Story], None]:
    """Plays a story; every call is over afterwards, and no leg is left."""

    async def played(story: Story) -> None:
        it = _exchange
        it.provider.answers, it.provider.asked = Provider().answers, []
        await it.customer.say_tone(CUSTOMER_SAYS)
        await it.customer.when_called(Incoming.ANSWER)
        try:
            await story(it)
        finally:
            for conversation in list(it.gateway.conversations.values()):
                conversation.end()
            await until(lambda: all(one.is_over for one in it.gateway.conversations.values()))
            await until(lambda: not it.running.switchboard.agent.calls)

    return lambda story: runner.run(played(story))
