"""Relays for tests: one that dies in the middle of its work, and one that runs beside the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from backoffice.cases.models import Case, Command, CommandState
from backoffice.cases.outbox import Claimed
from backoffice.engine import client as engine
from backoffice.engine import relay


def make_due(case: Case, **changes: object) -> None:
    """Time passes: leases run out, and what was put off is due."""
    waiting = Command.objects.filter(case=case, state=CommandState.WAITING)
    waiting.update(**({"next_try_at": timezone.now() - timedelta(seconds=1), "leased_until": None} | changes))


def claim() -> Sequence[Claimed]:
    """Claims commands like a relay that dies before it does anything with them."""

    async def claimed() -> Sequence[Claimed]:
        dying = relay.Relay()
        try:
            return await dying.claim()
        finally:
            await dying._database.close()

    return engine.run(claimed())


@contextlib.contextmanager
def relaying() -> Iterator[None]:
    """A relay runs, as it does in the worker."""
    stop = asyncio.Event()
    running = asyncio.run_coroutine_threadsafe(relay.Relay().run(stop), engine._loop())
    try:
        yield
    finally:
        engine._loop().call_soon_threadsafe(stop.set)
        running.result(timeout=30)


def listeners() -> list[int]:
    """The server's processes of connections that wait for a NOTIFY."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %%' AND datname = current_database()")
        return [row[0] for row in cursor.fetchall()]


def end(pids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [list(pids)])


def ours() -> list[int]:
    """The server's processes of the relay's connections: they alone have its limit of a statement's time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (query LIKE 'LISTEN %%' OR query LIKE '%%cases_command%%') AND state = 'idle'"
        )
        return [row[0] for row in cursor.fetchall()]


def sent(*commands: Command) -> bool:
    waiting = Command.objects.filter(id__in=[command.id for command in commands]).exclude(state=CommandState.SENT)
    return not waiting.exists()
