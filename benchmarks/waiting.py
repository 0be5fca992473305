"""Workflows that only wait, one for each case that `cloning.py` has put into the database, under the case's id.

Each is open with one timer, as a case is that waits for its customer: started with a delay of fourteen days, which
needs no worker. Their histories are shorter than a case's, one event instead of some twenty: a worker could not bring
100,000 to their wait in less than an hour or two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client

QUEUE = "bench-waiting"
PATIENCE = timedelta(days=14)
AT_ONCE = 100


async def start(address: str, cases: Sequence[str]) -> None:
    """Returns when all are open."""
    client = await Client.connect(address)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: str) -> None:
        async with gate:
            await client.start_workflow("Waiting", id=case, task_queue=QUEUE, start_delay=PATIENCE)

    await asyncio.gather(*(one(case) for case in cases))
