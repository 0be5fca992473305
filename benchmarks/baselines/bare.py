"""Drives baseline (a), the bare SDK. Its five answers are sent at once after the start, without waiting for the
process to ask: that saves it workflow tasks, so a whole case is cheaper here than it would be with people."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from temporalio.client import Client, WorkflowHandle

from benchmarks.baselines.bare_worker import EFFECTS_BETWEEN_SIGNALS, QUEUE, SIGNALS, Bare
from benchmarks.session import DRIVER, Played, Session, helper

WAITING_FOR_FIRST = 11
"""Events of a workflow that has done its first effect and waits, with a timer, for its first answer."""


class BareSdk:
    name = "bare SDK"
    load = frozenset({DRIVER})

    def __init__(self, server: Session, worker: int) -> None:
        self._server, self._worker = server, worker
        self._loop = asyncio.new_event_loop()
        self._client = self._loop.run_until_complete(Client.connect(server.addresses["TEMPORAL_ADDRESS"]))
        self._cases = 0

    def processes(self) -> Mapping[str, int | None]:
        return {"worker": self._worker, "temporal": self._server.processes()["temporal"], DRIVER: os.getpid()}

    def prepare(self, cases: int) -> None:
        self._cases = cases

    def play(self) -> Played:
        began = time.perf_counter()
        self._loop.run_until_complete(self._play())
        return Played(time.perf_counter() - began)

    def latencies(self, at_once: int) -> list[float]:
        """Seconds from sending an answer to the start of the activity after it."""
        return self._loop.run_until_complete(self._latencies(at_once))

    def history(self, workflow_id: str) -> tuple[int, int]:
        return history_on(self._server, workflow_id)

    def one_answered_in_turn(self) -> str:
        """The id of a whole case, each of whose answers came only when the process waited for it."""
        return self._loop.run_until_complete(self._one_in_turn())

    async def _start(self, blocks: tuple[int, ...]) -> WorkflowHandle[Bare, list[float]]:
        return await self._client.start_workflow(Bare.run, list(blocks), id=f"bare-{uuid.uuid4()}", task_queue=QUEUE)

    async def _play(self) -> None:
        async def one() -> None:
            handle = await self._start(EFFECTS_BETWEEN_SIGNALS)
            for _ in range(SIGNALS):
                await handle.signal(Bare.answered)
            await handle.result()

        await asyncio.gather(*(one() for _ in range(self._cases)))

    async def _latencies(self, at_once: int) -> list[float]:
        waiting = await asyncio.gather(*(self._start((1, 1)) for _ in range(self._cases)))
        for handle in waiting:
            await self._until(handle, WAITING_FOR_FIRST)
        gate = asyncio.Semaphore(at_once)

        async def one(handle: WorkflowHandle[Bare, list[float]]) -> float:
            async with gate:
                began = time.time()
                await handle.signal(Bare.answered)
                return (await handle.result())[0] - began

        return list(await asyncio.gather(*(one(handle) for handle in waiting)))

    @staticmethod
    async def _until(handle: WorkflowHandle[Bare, list[float]], events: int) -> None:
        while (await handle.describe()).history_length < events:
            await asyncio.sleep(0.02)

    async def _one_in_turn(self) -> str:
        handle = await self._start(EFFECTS_BETWEEN_SIGNALS)
        for _ in range(SIGNALS):
            seen, quiet_since = 0, time.monotonic()
            while time.monotonic() - quiet_since < 0.3:
                length = (await handle.describe()).history_length
                if length != seen:
                    seen, quiet_since = length, time.monotonic()
                await asyncio.sleep(0.02)
            await handle.signal(Bare.answered)
        await handle.result()
        return str(handle.id)


def history_on(server: Session, workflow_id: str) -> tuple[int, int]:
    """Events and bytes of any workflow's history on this server."""

    async def read() -> tuple[int, int]:
        client = await Client.connect(server.addresses["TEMPORAL_ADDRESS"])
        history = await client.get_workflow_handle(workflow_id).fetch_history()
        return len(history.events), sum(event.ByteSize() for event in history.events)

    return asyncio.run(read())


@contextmanager
def bare_sdk(server: Session) -> Iterator[BareSdk]:
    command = [sys.executable, "-m", "benchmarks.baselines.bare_worker", server.addresses["TEMPORAL_ADDRESS"]]
    with helper(command, {}, "ready") as worker:
        yield BareSdk(server, worker.pid)
