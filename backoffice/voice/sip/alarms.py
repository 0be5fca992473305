"""Named timers of one transaction or call, on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarms:
    """At most one of each name; setting it again replaces it."""

    def __init__(self) -> None:
        self._set: dict[str, asyncio.TimerHandle] = {}

    def set(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Calls `act` once, after so many seconds."""
        self.drop(name)

        def ring() -> None:
            self._set.pop(name, None)
            act()

        self._set[name] = asyncio.get_running_loop().call_later(seconds, ring)

    def drop(self, name: str) -> None:
        handle = self._set.pop(name, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        for name in list(self._set):
            self.drop(name)

    def __contains__(self, name: str) -> bool:
        return name in self._set
