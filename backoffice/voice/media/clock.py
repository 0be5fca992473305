"""A tick every 20 ms for each leg, the legs of different calls at different moments."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Protocol

from backoffice.voice.media.timestamps import FRAMES_A_SECOND

logger = logging.getLogger(__name__)

TICK = 1 / FRAMES_A_SECOND
PHASES = 10
"""Moments of a tick at which legs are served, 2 ms apart: work that comes all at once makes the last frame late while
the core is idle for the rest of the 20 ms."""
LATE = 0.005
"""Seconds after its time at which a frame counts as late."""
_BEHIND = 5
"""Ticks that are made up for one after the other. After a longer stop a phase begins anew."""


class Ticking(Protocol):
    """What the clock drives."""

    def hear(self) -> None:
        """Takes what has arrived."""

    def speak(self) -> None:
        """Sends the frame of this tick."""


class _Phase:
    """The legs that are served at the same moment of each tick."""

    def __init__(self, offset: float) -> None:
        self.offset = offset
        self.legs: dict[Ticking, None] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.due = 0.0

    def drop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Clock:
    """Each tick is due 20 ms after the last one was, however long that took, so the clock does not drift.

    The legs of a phase are served together: all hear before the first one speaks. A leg that fails is logged and taken
    off the clock: the others go on, and it falls silent.
    """

    def __init__(self) -> None:
        self.frames = self.late_frames = self.restarts = self.failures = 0
        self._phases = [_Phase(number * TICK / PHASES) for number in range(PHASES)]
        self._phase_of: dict[Ticking, _Phase] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = 0.0
        self._now = time.monotonic

    def add(self, leg: Ticking, *, beside: Ticking | None = None) -> None:
        """Drives `leg` from the next tick on: with `beside` in the phase of that leg, so that what one says reaches the
        other in the same tick; otherwise in the one that has the least to do."""
        found = self._phase_of.get(beside) if beside is not None else None
        phase = found or min(self._phases, key=lambda one: len(one.legs))
        self._phase_of[leg] = phase
        phase.legs[leg] = None
        if self._loop is not None and phase.timer is None:
            self._wind(phase, self._loop, after=self._loop.time())

    def remove(self, leg: Ticking) -> None:
        """Drives it no more, even in this tick."""
        phase = self._phase_of.pop(leg, None)
        if phase is not None:
            del phase.legs[leg]

    def start(self) -> None:
        """Ticks by itself on the running loop until `stop`."""
        self._loop = loop = asyncio.get_running_loop()
        self._now = loop.time
        self._began = loop.time()
        for phase in self._phases:
            if phase.legs:
                self._wind(phase, loop, after=self._began)

    def stop(self) -> None:
        self._loop = None
        for phase in self._phases:
            phase.drop_timer()

    def tick(self, due: float | None = None) -> None:
        """One tick of 20 ms for all phases at once, by hand. `due` is when it should have been, of the loop's time; by
        default now."""
        self._serve(tuple(self._phase_of), self._now() if due is None else due)

    def _serve(self, legs: Collection[Ticking], due: float) -> None:
        for leg in legs:
            self._drive(leg, leg.hear)
        for leg in legs:
            if self._drive(leg, leg.speak):
                self.frames += 1
                self.late_frames += self._now() - due > LATE

    def _drive(self, leg: Ticking, step: Callable[[], None]) -> bool:
        if leg not in self._phase_of:
            return False
        try:
            step()
        except Exception:
            logger.exception("a leg failed and was taken off the clock")
            self.failures += 1
            self.remove(leg)
            return False
        return True

    def _wind(self, phase: _Phase, loop: asyncio.AbstractEventLoop, *, after: float) -> None:
        """The first tick of a phase from then on. All begin on one grid, also anew, so that they stay apart."""
        passed = max(0.0, after - self._began - phase.offset)
        phase.due = self._began + phase.offset + -(-passed // TICK) * TICK
        phase.timer = loop.call_at(phase.due, self._ring, phase, loop)

    def _ring(self, phase: _Phase, loop: asyncio.AbstractEventLoop) -> None:
        phase.timer = None
        if not phase.legs:
            return
        due, phase.due = phase.due, phase.due + TICK
        if loop.time() - phase.due > _BEHIND * TICK:
            self.restarts += 1
            self._wind(phase, loop, after=loop.time())
        else:
            phase.timer = loop.call_at(phase.due, self._ring, phase, loop)
        self._serve(tuple(phase.legs), due)
