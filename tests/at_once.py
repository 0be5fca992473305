"""Many acts at once, each on a thread and a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Runs all at once, each on its own thread and connection; returns what each returned or raised."""
    gate = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=60)
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts, timeout=120))
