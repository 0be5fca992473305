"""A line of two telephones and the gateway between them, on sockets of this machine. The tests drive the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.voice.media.lines import Line


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Customer and agent, each on a leg of its own, not joined."""
    line = await Line.open()
    yield line
    await line.close()
