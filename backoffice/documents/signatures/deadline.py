"""A bound on the time that a hostile file may take in pure Python code."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
AGAIN = 0.1
"""Seconds after which work that goes on is told again to end."""


class OutOfTime(BaseException):
    """The work took too long. No `Exception`: a library that catches those must not swallow it."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives or raises; `OutOfTime` after so many seconds of real time.

    The work has a thread of its own, in which `OutOfTime` is raised between two steps of the interpreter; work inside
    one call of C code is bounded by the size of the file alone. What is raised in a destructor, or in a callback of the
    garbage collector, the interpreter swallows: so it is raised again and again, until the thread has ended.
    """
    thread = _Work(work)
    thread.start()
    thread.join(seconds)
    while thread.is_alive():
        _end(thread)
        thread.join(AGAIN)
    if thread.error is not None:
        raise thread.error
    return thread.result[0]


class _Work(threading.Thread, Generic[T]):
    """`error` is what the work raised, and until it has ended `OutOfTime`."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.result: list[T] = []
        self.error: BaseException | None = OutOfTime()

    def run(self) -> None:
        try:
            self.result = [self._work()]
            self.error = None
        except BaseException as error:
            self.error = error


def _end(thread: threading.Thread) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(OutOfTime))
