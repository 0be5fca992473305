"""Answers that take the same time whatever they found, so that nobody learns from the time (trust.md, threat 15)."""

from __future__ import annotations

import time
from datetime import timedelta


def pad(began: float, *, to: timedelta) -> None:
    """Waits until `to`, or the next multiple of it, has passed since `began` (`time.monotonic`)."""
    step = to.total_seconds()
    time.sleep(step - (time.monotonic() - began) % step)
