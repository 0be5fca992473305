"""The timers of a process: one for the next moment at which anything is due.

A timer is never cancelled, for that costs the engine an event. One that is left over wakes the process at a time when
there may be nothing to do, and then the next one is set; what is due later waits for it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

_SHORTEST = timedelta(milliseconds=20)
"""A timer of no time takes a second on every server, and one that rings a little early must ring again."""


class Clock:
    """`rung` counts the timers that rang: who waits for a moment looks again at each."""

    def __init__(self) -> None:
        self.rung = 0
        self._ringing: dict[datetime, asyncio.Task[None]] = {}

    def wake_by(self, moment: datetime) -> None:
        """Sees that a timer rings at that moment (aware UTC) or before."""
        at = max(moment, workflow.now() + _SHORTEST)
        if not any(other <= at for other in self._ringing):
            self._ringing[at] = asyncio.create_task(self._ring(at))

    async def _ring(self, at: datetime) -> None:
        await asyncio.sleep((at - workflow.now()).total_seconds())
        del self._ringing[at]
        self.rung += 1
