"""Asks the trunks now and then whether they are there, so that a call goes first by one that is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.sip.user_agent import UserAgent

ASKED_EVERY = 20.0
"""Seconds."""


@contextlib.asynccontextmanager
async def asking_trunks(agent: UserAgent, plan: DialPlan, *, every: float = ASKED_EVERY) -> AsyncIterator[None]:
    """As long as the context lasts. One way alone is not asked: nothing would be decided by it."""

    async def ask() -> None:
        while True:
            ways = await plan.trunk_ways()
            for way in ways if len(ways) > 1 else ():
                agent.ask_whether_there(way)
            await asyncio.sleep(every)

    task = asyncio.create_task(ask())
    try:
        yield
    finally:
        task.cancel()
