"""The SQL statements of one whole case: faces, relay and worker, all in one process, counted where they reach psycopg,
so that it does not matter what sends them. Not counted are the driver's looks, an idle relay's looks (which found
nothing in the outbox), what sets up a connection, BEGIN and COMMIT; nor what other processes do: the sending of mail,
and the web's part in the issuer's notices. Savepoints are counted."""

from __future__ import annotations

import functools
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.sql import Composable

from benchmarks.story import Driver, is_looking

_TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"?(\w+)"?', re.IGNORECASE)
_NOT_COUNTED = {"", "LISTEN", "SET"}


class Counting:
    """Counts by verb and table. `outbox` is the table whose empty results are an idle relay's."""

    def __init__(self, outbox: str) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self.by_kind: Counter[str] = Counter()

    def note(self, query: Any, rowcount: int) -> None:
        kind = kind_of(text_of(query))
        if is_looking() or kind.partition(" ")[0] in _NOT_COUNTED:
            return
        if kind.endswith(f" {self._outbox}") and rowcount == 0:
            return
        with self._lock:
            self.by_kind[kind] += 1


def text_of(query: Any) -> str:
    if isinstance(query, Composable):
        return query.as_string(None)
    return query.decode() if isinstance(query, bytes) else str(query)


def kind_of(sql: str) -> str:
    """The verb, and the first table that is named: "SELECT cases_case"."""
    words = sql.split(None, 1)
    found = _TABLE.search(sql)
    verb = words[0].upper() if words else ""
    return f"{verb} {found.group(1)}" if found else verb


@contextmanager
def counted(counting: Counting) -> Iterator[None]:
    """While it lasts, every statement that this process executes through psycopg is noted after it was executed."""
    now: Callable[..., Any] = psycopg.Cursor.execute
    later: Callable[..., Any] = psycopg.AsyncCursor.execute

    @functools.wraps(now)
    def execute(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        result = now(cursor, query, *args, **kwargs)
        counting.note(query, cursor.rowcount)
        return result

    @functools.wraps(later)
    async def execute_later(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        result = await later(cursor, query, *args, **kwargs)
        counting.note(query, cursor.rowcount)
        return result

    setattr(psycopg.Cursor, "execute", execute)  # noqa: B010
    setattr(psycopg.AsyncCursor, "execute", execute_later)  # noqa: B010
    try:
        yield
    finally:
        setattr(psycopg.Cursor, "execute", now)  # noqa: B010
        setattr(psycopg.AsyncCursor, "execute", later)  # noqa: B010


def of_one_case(driver: Driver, stack: Any, cards: Sequence[Any]) -> dict[str, int]:
    """Plays two cases, the first to have connections and caches as they are in a process that has run for a while;
    gives the statements of the second by their kind."""
    first, second = cards
    counting = Counting(driver.product.OUTBOX)
    with driver.product.working_here(stack):
        driver.play([first])
        with counted(counting):
            driver.play([second])
    return dict(counting.by_kind.most_common())
