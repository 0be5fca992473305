"""The SQL statements of one whole case: faces, relay and worker, all in one process, so that a wrapper around Django's
cursors sees each of them, savepoints too. Not counted are the driver's looks, an idle relay's looks (which found
nothing in the outbox), the sending of mail, the web's part in the issuer's notices, BEGIN and COMMIT."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

from benchmarks.story import Driver, is_looking

_TABLE = re.compile(r'(?:FROM|INTO|UPDATE)\s+"?(\w+)"?', re.IGNORECASE)


class Counting:
    """A wrapper for `connection.execute_wrappers` that counts by verb and table."""

    def __init__(self, outbox: str) -> None:
        self._outbox = outbox
        self._lock = threading.Lock()
        self.by_kind: Counter[str] = Counter()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if not is_looking():
            kind = kind_of(sql)
            if not (kind.endswith(f" {self._outbox}") and context["cursor"].rowcount == 0):
                with self._lock:
                    self.by_kind[kind] += 1
        return result


def kind_of(sql: str) -> str:
    """The verb, and the first table that is named: "SELECT cases_case"."""
    words = sql.split(None, 1)
    found = _TABLE.search(sql)
    verb = words[0].upper() if words else ""
    return f"{verb} {found.group(1)}" if found else verb


@contextmanager
def _counted(counting: Counting) -> Iterator[None]:
    def count(connection: Any, **_: object) -> None:
        if counting not in connection.execute_wrappers:
            connection.execute_wrappers.append(counting)

    connection.close()
    connection_created.connect(count)
    try:
        yield
    finally:
        connection_created.disconnect(count)
        connection.close()
        if counting in connection.execute_wrappers:
            connection.execute_wrappers.remove(counting)


def of_one_case(driver: Driver, stack: Any, cards: Sequence[Any]) -> dict[str, int]:
    """Plays a case a card, and gives the statements of one by their kind, rounded to whole ones where they differ."""
    counting = Counting(driver.product.OUTBOX)
    with driver.product.working_here(stack), _counted(counting):
        driver.play(cards)
    return {kind: round(count / len(cards)) for kind, count in counting.by_kind.most_common()}
