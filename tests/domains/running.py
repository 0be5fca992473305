"""Plays the processes themselves over their real rows, in this test's own transaction and thread.

The engine is the server that skips time; its activities are those of the worker, and signals leave the outbox as the
relay sends them. Python's own clock goes with the server's, so that rules and processes have one time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from pytest_django import Settings
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backoffice.cases.models import Case
from backoffice.cases.outbox import QUEUE, Claimed
from backoffice.engine import activities
from backoffice.engine.codec import data_converter
from backoffice.engine.delivering import deliver
from backoffice.engine.processes import stories
from backoffice.engine.sandbox import runner
from backoffice.leases import Query
from tests.threats.people import taken_back
from tests.workflows.conftest import GOLDEN_KEYS, TEST_SERVER
from tests.workflows.rehearsal import with_search_attributes
from workflows.base.contracts import Done, OutsideCall, Transition

TASK_QUEUE = "running"
AFTER_AN_OUTAGE = timedelta(seconds=15)
"""A call that failed is tried again within this."""


class Running:
    """A server and a worker. What is told to the rules reaches the processes with `settle`."""

    def __init__(self, env: WorkflowEnvironment, clock: time_machine.Traveller) -> None:
        self._env, self._clock = env, clock
        self._done = 0

    async def settle(self) -> None:
        """Delivers what waits in the outbox, until no process has anything to do and no call is under way."""
        while True:
            while commands := self._claimed():
                for command in commands:
                    await deliver(self._env.client, command)
                    _run(QUEUE.sent([command.id], now=timezone.now()))
            if await self._calls_wait():
                await self._sleep(AFTER_AN_OUTAGE)
            elif not self._waiting():
                return

    async def passes(self, duration: timedelta) -> None:
        """Lets time pass, and the processes do what is due."""
        await self._sleep(duration)
        await self.settle()

    async def _sleep(self, duration: timedelta) -> None:
        await self._env.sleep(duration)
        self._clock.move_to((await self._env.get_current_time()).astimezone(UTC))

    def _claimed(self) -> list[Claimed]:
        rows = _run(QUEUE.claim(now=timezone.now(), lease=timedelta(minutes=1), most=20))
        return [_read(*row) for row in rows]

    def _waiting(self) -> bool:
        return bool(_run(("SELECT 1 FROM cases_command WHERE state = 'waiting' LIMIT 1", {})))

    async def _calls_wait(self) -> bool:
        """Waits until the processes only wait. Whether one of them waits for a call to be tried again."""
        quiet, waits = 0, False
        while quiet < 3:
            before = self._done
            await asyncio.sleep(0.025)
            states = [await self._state_of(str(case.id)) for case in Case.objects.exclude(state="closed")]
            busy = any(state[0] for state in states)
            waits = any(state[1] for state in states)
            quiet = 0 if busy or before != self._done else quiet + 1
        return waits

    async def _state_of(self, case_id: str) -> tuple[bool, bool]:
        """Whether its process has a task, and whether it waits for a call."""
        seen = (await self._env.client.get_workflow_handle(case_id).describe()).raw_description
        return seen.HasField("pending_workflow_task"), bool(seen.pending_activities)

    def worker(self) -> Worker:
        @activity.defn(name="transition")
        async def transition(step: Transition) -> Done:
            self._done += 1
            return activities.transition(step)

        @activity.defn(name="outside")
        async def outside(asked: OutsideCall) -> Done:
            self._done += 1
            return activities.outside(asked)

        return Worker(
            self._env.client,
            task_queue=TASK_QUEUE,
            workflows=stories(),
            activities=[transition, outside],
            workflow_runner=runner("workflows", "tests"),
        )


@asynccontextmanager
async def running(database: BaseDatabaseWrapper) -> AsyncIterator[Running]:
    """Within `play`. `database` is the connection of the test, which tasks of asyncio would not share by themselves."""
    connections["default"] = database
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        await with_search_attributes(env)
        with time_machine.travel(await env.get_current_time(), tick=True) as clock:
            played = Running(env, clock)
            async with played.worker():
                yield played


def _read(
    command: UUID, case: UUID, number: int, kind: str, signal: str, payload: str, tries: int, process: str, state: str
) -> Claimed:
    return Claimed(command, case, number, kind, signal, json.loads(payload), tries, process, state)


def play(
    story: Callable[[Running], Coroutine[Any, Any, None]], *, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plays it, and takes back what it has written."""
    settings.CODEC_KEYS, settings.TEMPORAL_TASK_QUEUE = GOLDEN_KEYS, TASK_QUEUE
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    database = connections["default"]

    async def whole() -> None:
        async with running(database) as engine:
            await story(engine)

    with taken_back():
        asyncio.run(whole())


def _run(query: Query) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(*query)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
        return rows
