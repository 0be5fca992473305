"""A bound on the time that a hostile file may take in pure Python code."""

from __future__ import annotations

import ctypes
import threading
from types import TracebackType
from typing import Self


class OutOfTime(BaseException):
    """The work took too long. No `Exception`: a library that catches those must not swallow it."""


class Deadline:
    """Ends the work of a `with` block in this thread by `OutOfTime` after so many seconds of real time. It works in any
    thread, unlike signals, and between any two steps of the interpreter; work inside one call of C code is bounded by
    the size of the file alone."""

    def __init__(self, seconds: float) -> None:
        self._thread = threading.get_ident()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()

    def _end(self) -> None:
        with self._lock:
            if not self._over:
                self._over = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(OutOfTime))
