"""Asynchronous connections to our own database, beside Django's: one to run statements, one to be woken by NOTIFY."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import structlog
from django.db import connection
from psycopg import AsyncConnection, sql

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between two attempts to connect."""
NO_STATEMENT_LONGER = "-c statement_timeout=10000"

log = structlog.get_logger(__name__)


async def connect() -> AsyncConnection[tuple[Any, ...]]:
    """A connection to the database of the settings. Each statement is its own transaction."""
    params = connection.get_connection_params()
    for ours in ("cursor_factory", "context"):
        params.pop(ours)
    options = f"{params.pop('options', '')} {NO_STATEMENT_LONGER}".strip()
    return await AsyncConnection.connect(**params, options=options, autocommit=True)


class Database:
    """One connection, opened when first needed, and again after it was lost. Statements run one after the other."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._connection: AsyncConnection[tuple[Any, ...]] | None = None

    async def run(self, query: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows of a statement, if it returns any. If the connection was lost, the statement is run once more on a
        new one, so it must be safe to run twice. Raises `psycopg.Error`."""
        async with self._lock:
            if self._connection is not None:
                try:
                    return await self._run(query, values)
                except psycopg.OperationalError:
                    await self._drop()
            try:
                return await self._run(query, values)
            except psycopg.Error:
                await self._drop()
                raise

    async def close(self) -> None:
        async with self._lock:
            await self._drop()

    async def _run(self, query: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = await connect()
        cursor = await self._connection.execute(query.encode(), values)
        return await cursor.fetchall() if cursor.description else []

    async def _drop(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


class Listener:
    """Sets `woken` for each NOTIFY on the channel, and after each reconnect, because a NOTIFY may have been lost."""

    def __init__(self, channel: str, woken: asyncio.Event) -> None:
        self._channel, self._woken = channel, woken

    async def run(self) -> None:
        """Runs until it is cancelled."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with await connect() as listening:
                    await listening.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
                    self._woken.set()
                    pause = FIRST_PAUSE
                    async for _notice in listening.notifies():
                        self._woken.set()
            except psycopg.Error as lost:
                log.warning("not listening; the sweep goes on", why=type(lost).__name__, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
