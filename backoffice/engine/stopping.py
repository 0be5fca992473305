from __future__ import annotations

import asyncio
import signal


def stop_at_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set, for code that runs until it is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
