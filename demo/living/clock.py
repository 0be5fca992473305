"""An event loop whose time leaps: where nothing is left to do now, it is at once the moment of what comes next."""

from __future__ import annotations

import asyncio
import contextvars
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone


class Stuck(Exception):
    """Everybody waits, and nothing will happen any more."""


class _Leaping(selectors.DefaultSelector):
    """Asks `look` whether somebody can go on, before time leaps."""

    def __init__(self) -> None:
        super().__init__()
        self.leap: Callable[[float], None] = lambda seconds: None
        self.look: Callable[[], bool] = lambda: False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or self.look() or timeout == 0:
            return ready
        if timeout is None:
            raise Stuck("everybody waits, and nothing will happen any more")
        self.leap(timeout)
        return ready


class Loop(asyncio.SelectorEventLoop):
    """Begins at `start` (aware UTC)."""

    def __init__(self, start: datetime) -> None:
        self._start, self._passed = start, 0.0
        self._leaping = _Leaping()
        super().__init__(self._leaping)
        self._leaping.leap = self._leap
        self._leaping.look = self._look
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def time(self) -> float:
        return self._passed

    def now(self) -> datetime:
        """The time of this loop, aware UTC."""
        return self._start + timedelta(seconds=self._passed)

    async def until(self, moment: datetime) -> None:
        """Sleeps until then; comes back at once where that has passed."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))

    async def holds(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds. It is looked at whenever something has happened."""
        if not condition():
            future: asyncio.Future[None] = self.create_future()
            self._waiting.append((partial(contextvars.copy_context().run, condition), future))
            await future

    def _leap(self, seconds: float) -> None:
        self._passed += seconds

    def _look(self) -> bool:
        came = False
        for condition, future in list(self._waiting):
            if future.done() or condition():
                self._waiting.remove((condition, future))
                came = True
                if not future.done():
                    future.set_result(None)
        return came


@contextmanager
def on_the_clock_of(loop: Loop) -> Iterator[None]:
    """Django's clock, which all our rules ask, shows the time of the loop meanwhile. For an OS process of one thread
    that does nothing else."""
    real = timezone.now
    timezone.now = loop.now
    try:
        yield
    finally:
        timezone.now = real
