"""One tick every 20 ms for all legs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from backoffice.voice.media.timestamps import FRAMES_A_SECOND

logger = logging.getLogger(__name__)

LATE = 0.005
"""Seconds after its time at which a frame counts as late."""
_BEHIND = 5
"""Ticks that are made up for one after the other. After a longer stop the clock begins anew."""


class Ticking(Protocol):
    """What the clock drives."""

    def hear(self) -> None:
        """Takes what has arrived."""

    def speak(self) -> None:
        """Sends the frame of this tick."""


class Clock:
    """Each tick is due 20 ms after the last one was, however long that took, so the clock does not drift.

    All legs hear before the first one speaks. A leg that fails is logged and taken off the clock: the others go on, and
    it falls silent.
    """

    def __init__(self) -> None:
        self.ticks = self.frames = self.late_frames = self.restarts = self.failures = 0
        self._legs: dict[Ticking, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._now = time.monotonic

    def add(self, leg: Ticking) -> None:
        """Drives `leg` from the next tick on."""
        self._legs[leg] = None

    def remove(self, leg: Ticking) -> None:
        """Drives it no more, even in this tick."""
        self._legs.pop(leg, None)

    def start(self) -> None:
        """Ticks by itself on the running loop until `stop`."""
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._due = loop.time()
        self._timer = loop.call_at(self._due, self._ring, loop)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def tick(self, due: float | None = None) -> None:
        """One tick of 20 ms. `due` is when it should have been, of the loop's time; by default now."""
        due = self._now() if due is None else due
        self.ticks += 1
        legs = tuple(self._legs)
        for leg in legs:
            self._drive(leg, leg.hear)
        for leg in legs:
            if self._drive(leg, leg.speak):
                self.frames += 1
                self.late_frames += self._now() - due > LATE

    def _drive(self, leg: Ticking, step: Callable[[], None]) -> bool:
        if leg not in self._legs:
            return False
        try:
            step()
        except Exception:
            logger.exception("a leg failed and was taken off the clock")
            self.failures += 1
            self.remove(leg)
            return False
        return True

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        due, self._due = self._due, self._due + 1 / FRAMES_A_SECOND
        if loop.time() - self._due > _BEHIND / FRAMES_A_SECOND:
            self.restarts += 1
            self._due = loop.time() + 1 / FRAMES_A_SECOND
        self._timer = loop.call_at(self._due, self._ring, loop)
        self.tick(due)
