"""The timers of a process: one for the next moment at which anything is due. A timer is never cancelled, because that
costs the engine an event. A timer that is no longer needed wakes the process when there may be nothing to do; then the
next timer is set.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

_SHORTEST = timedelta(milliseconds=20)
"""The shortest timer. Servers round a timer of zero up to a second, and a timer that rings a little early must ring
again."""


class Clock:
    """`rung` counts the timers that rang. Code that waits for a point in time looks again at each."""

    def __init__(self) -> None:
        self.rung = 0
        self._ringing: dict[datetime, asyncio.Task[None]] = {}

    def wake_by(self, moment: datetime) -> None:
        """Makes sure that a timer rings at that moment (aware UTC) or before."""
        at = max(moment, workflow.now() + _SHORTEST)
        if not any(other <= at for other in self._ringing):
            self._ringing[at] = asyncio.create_task(self._ring(at))

    async def _ring(self, at: datetime) -> None:
        await asyncio.sleep((at - workflow.now()).total_seconds())
        del self._ringing[at]
        self.rung += 1
