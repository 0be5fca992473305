"""An event loop whose time passes only when nothing is left to do: 32 seconds of timers take a millisecond."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

P = ParamSpec("P")


class NothingLeft(Exception):
    """Everything waits for something that nobody will do."""


class _Selector(selectors.DefaultSelector):
    """Passes the time that the loop would wait, instead of waiting."""

    loop: VirtualTime

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise NothingLeft
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class VirtualTime(asyncio.SelectorEventLoop):
    """Only for what is done in this process: no socket is waited for."""

    def __init__(self) -> None:
        self.now = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Runs an asynchronous test so. It must end within an hour of virtual time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualTime) as runner:
            runner.run(asyncio.wait_for(test(*args, **kwargs), 3600))

    return run
