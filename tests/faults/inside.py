"""A process of the product beside a running stack: it acts by the rule functions, as a face does, and reads the rows.

The tests themselves belong to another database. Nothing of Django is imported here before the environment is set.
"""

from __future__ import annotations

import copy
import importlib
import multiprocessing
import os
import traceback
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType
from typing import Any, Self


def _begin(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()


def _act(module: str, name: str, arguments: dict[str, Any]) -> Any:
    from django.db import close_old_connections

    close_old_connections()
    try:
        return getattr(importlib.import_module(module), name)(**arguments)
    except Exception as error:
        raise AssertionError("".join(traceback.format_exception(error))) from None


class Inside:
    """`inside.look(case_id=…)` calls `driving.look` in a process that has the stack's environment, and gives what it
    gives: plain data. One call at a time; `seconds` bounds each. `module` is where its functions are."""

    def __init__(
        self, environment: Mapping[str, str], *, module: str = "tests.faults.driving", seconds: float = 180
    ) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawning, initializer=_begin, initargs=(dict(environment),))
        self._module, self._seconds = module, seconds

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(**arguments: Any) -> Any:
            return self._pool.submit(_act, self._module, name, arguments).result(self._seconds)

        return call

    def of(self, module: str) -> Self:
        """The same process, with the functions of another module."""
        other = copy.copy(self)
        other._module = module
        return other

    def __enter__(self) -> Self:
        """The process is there and has the product loaded: no later moment is missed for that."""
        self._pool.submit(os.getpid).result(self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
