"""The relay delivers commands to Temporal: each at least once, and those of one case in their order.

It runs in the worker's own loop, or by itself (`manage.py relay`); any number run at once. PostgreSQL wakes it when a
transaction that wrote commands is committed (NOTIFY); a sweep every few seconds finds commands for which no wake-up
came. Each command is claimed with a lease and delivered outside any transaction. If a relay dies, its lease runs out
and the command is delivered again. That does no harm: a start is idempotent by the case's id, and a process counts a
signal once, by its id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import psycopg
import structlog
from django.db import connections
from django.utils import timezone
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from backoffice.actors import system
from backoffice.cases import incidents
from backoffice.cases.models import IncidentKind
from backoffice.cases.outbox import QUEUE, WRITTEN, Claimed
from backoffice.cases.unit_of_work import changing
from backoffice.engine import client as engine
from backoffice.engine.database import Database, Listener
from backoffice.engine.delivering import deliver

LEASE = timedelta(seconds=20)
TIME_TO_DELIVER = LEASE - timedelta(seconds=2)
"""After this time the command is put off, before another relay may claim it."""
BATCH = 40
BATCHES = 3
"""This many are under way at once, so a slow delivery holds up no other case. Under load, commands are claimed and
marked many at a time."""
SWEEP = timedelta(seconds=2)
TRIES = 12
"""With the back-off below this takes about an hour. Then the command is a dead letter, and its case has an incident."""
AWAY = timedelta(seconds=2)
"""The pause while Temporal or our database is away."""
LONGEST_PAUSE = timedelta(minutes=5)
_UNREACHABLE = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}

log = structlog.get_logger(__name__)


class Relay:
    """One relay. `temporal` returns the client; it raises `RuntimeError` while Temporal is away."""

    def __init__(self, temporal: Callable[[], Awaitable[Client]] = engine.client) -> None:
        self._temporal = temporal
        self._database = Database()
        self._woken = asyncio.Event()
        self._under_way: set[asyncio.Task[int]] = set()
        self._held_back = False

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop` is set, then finishes what is under way. It waits while our database is away."""
        listening = asyncio.create_task(Listener(WRITTEN, self._woken).run())
        stopping = asyncio.create_task(self._wake_at(stop))
        try:
            while not stop.is_set():
                self._woken.clear()
                try:
                    await self._begin()
                except psycopg.Error as away:
                    log.warning("the outbox cannot be read", why=type(away).__name__)
                    await asyncio.sleep(AWAY.total_seconds())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), SWEEP.total_seconds())
            await asyncio.gather(*self._under_way)
        finally:
            for task in (listening, stopping):
                task.cancel()
            await asyncio.gather(listening, stopping, return_exceptions=True)
            await self._database.close()

    async def deliver_all(self) -> int:
        """Delivers until nothing is due, and returns the number of delivered commands. Stops early when Temporal is
        away."""
        delivered = 0
        try:
            while commands := await self.claim():
                sent = await self._deliver(commands)
                delivered += sent
                if sent == 0:
                    break
        finally:
            await self._database.close()
        return delivered

    async def claim(self) -> Sequence[Claimed]:
        """At most one command of each case."""
        rows = await self._database.run(*QUEUE.claim(now=timezone.now(), lease=LEASE, most=BATCH))
        return [Claimed(*row) for row in rows]

    async def mark(self, commands: Sequence[Claimed], results: Sequence[BaseException | None]) -> int:
        """Marks the result of each command; returns how many were delivered."""
        now = timezone.now()
        sent = [command.id for command, result in zip(commands, results, strict=True) if result is None]
        if sent:
            [(more,)] = await self._database.run(*QUEUE.sent(sent, now=now))
            if more:
                self._woken.set()
        for command, result in zip(commands, results, strict=True):
            if result is not None:
                await self._put_off(command, result, now)
        return len(sent)

    async def _begin(self) -> None:
        """Claims the due commands and starts to deliver them. Commands that come meanwhile do not wait for that, unless
        many are under way."""
        self._held_back = len(self._under_way) >= BATCHES
        if self._held_back:
            return
        commands = await self.claim()
        if commands:
            task = asyncio.create_task(self._deliver(commands))
            self._under_way.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[int]) -> None:
        self._under_way.discard(task)
        if self._held_back:
            self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("commands not marked; they go again when their lease has run out", exc_info=error)

    async def _deliver(self, commands: Sequence[Claimed]) -> int:
        try:
            async with asyncio.timeout(TIME_TO_DELIVER.total_seconds()):
                temporal = await self._temporal()
                calls = (deliver(temporal, command) for command in commands)
                results: list[BaseException | None] = await asyncio.gather(*calls, return_exceptions=True)
        except (RuntimeError, TimeoutError) as away:
            results = [away] * len(commands)
        return await self.mark(commands, results)

    async def _put_off(self, command: Claimed, error: BaseException, now: datetime) -> None:
        """Backs off, doubling up to five minutes. An outage of Temporal is not the command's fault, and never makes a
        dead letter."""
        why = error.status.name if isinstance(error, RPCError) else type(error).__name__
        outage = isinstance(error, (RuntimeError, TimeoutError)) or (
            isinstance(error, RPCError) and error.status in _UNREACHABLE
        )
        log.warning("command not delivered", command=str(command.id), case=str(command.case_id), why=why)
        tries = min(command.tries, TRIES)
        if command.tries >= TRIES and not outage:
            if await self._database.run(*QUEUE.give_up(command.id, error=why, now=now, tries=tries)):
                await asyncio.to_thread(_open_incident, command, why)
            return
        pause = AWAY if outage else min(timedelta(seconds=2**command.tries), LONGEST_PAUSE)
        await self._database.run(*QUEUE.put_off(command.id, error=why, until=now + pause, tries=tries))

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._woken.set()


def relay_all() -> int:
    """Delivers all that is due, once, for synchronous code."""
    return engine.run(Relay().deliver_all(), timeout=120)


def _open_incident(command: Claimed, why: str) -> None:
    try:
        with changing(command.case_id) as case:
            incidents.open(case, IncidentKind.DEAD_LETTER, by=system(), key=str(command.number), values={"error": why})
    finally:
        connections.close_all()
