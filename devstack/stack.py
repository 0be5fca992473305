"""The embedded stack as an object, for `manage.py up`, the demonstration, the benchmarks and the tests."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from . import leftovers, plan
from .supervisor import State, Supervisor


class NotUp(Exception):
    """A part did not come up or back; the text says which, and ends with the end of its log."""


@dataclass(frozen=True)
class Row:
    """A line of the table of what runs where."""

    name: str
    address: str
    pid: int | None
    state: State
    log: Path


class Stack:
    """The parts of one data folder. Use as a context manager, or call `start` and, whatever happens, `stop`.

    `environment` is what the parts inherit (default: ours); `without` names parts that are not to be run, `also` those
    of `plan.ON_DEMAND` that are to be run; `telephones` are names of test phones and the numbers of each; `say` gets a
    line for everything that a person would want to know.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        environment: Mapping[str, str] | None = None,
        demo: bool = False,
        without: Iterable[str] = (),
        also: Iterable[str] = (),
        telephones: Mapping[str, Iterable[str]] | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.addresses: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        self._given = dict(os.environ if environment is None else environment)
        self._demo, self._without, self._also, self._say = demo, frozenset(without), frozenset(also), say
        self._telephones = telephones or {}
        self._changed = threading.Condition()
        self._supervisors: dict[str, Supervisor] = {}
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, timeout: float = 180.0) -> None:
        """Starts every part and waits until each answers. Raises AlreadyUp, PortTaken, Unavailable or NotUp; then
        nothing is left running."""
        run_dir, logs = self.data_dir / "run", self.data_dir / "logs"
        self._held.enter_context(leftovers.only_one(run_dir))
        try:
            leftovers.end(run_dir, say=self._say)
            logs.mkdir(exist_ok=True)
            (self.data_dir / "static").mkdir(exist_ok=True)
            made = plan.make(
                self.data_dir, environment=self._given, demo=self._demo, without=self._without,
                also=self._also, telephones=self._telephones,
            )  # fmt: skip
            self.addresses, self.environment = made.addresses, made.environment
            for part in made.parts:
                log = logs / f"{part.name}.log"
                self._supervisors[part.name] = Supervisor(
                    part, run_dir=run_dir, log=log, changed=self._changed, say=self._say
                )
            for supervisor in self._supervisors.values():
                supervisor.start([self._supervisors[name] for name in supervisor.part.needs])
            deadline = time.monotonic() + timeout
            for name in self._supervisors:
                self.wait_ready(name, timeout=deadline - time.monotonic())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops all parts, the last started first, and returns when no process is left. May be called again."""
        tiers = itertools.groupby(
            sorted(self._supervisors.values(), key=lambda one: -one.part.tier), key=lambda one: one.part.tier
        )
        for _tier, members in tiers:
            supervisors = list(members)
            began = time.monotonic()
            for supervisor in supervisors:
                supervisor.ask_to_stop()
            for supervisor in supervisors:
                supervisor.finish(began + supervisor.part.grace)
        self._supervisors.clear()
        self._held.close()

    def wait_ready(self, name: str, timeout: float = 60.0) -> None:
        """Waits until the part answers; raises NotUp when it was given up, or takes too long."""
        supervisor = self._supervisors[name]
        with self._changed:
            self._changed.wait_for(
                lambda: any(one.state == State.FAILED for one in self._supervisors.values()) or supervisor.works,
                timeout,
            )
            failed = next((one for one in self._supervisors.values() if one.state == State.FAILED), None)
            blamed = failed or (None if supervisor.works else supervisor)
        if blamed is not None:
            why = "ended before it answered" if failed else f"did not answer within {timeout:.0f} s"
            raise NotUp(f"{blamed.part.name} {why}. The end of {blamed.log}:\n{blamed.last_words()}")

    def kill(self, name: str, number: int = signal.SIGKILL, *, timeout: float = 30.0) -> None:
        """Sends a signal to a part. After SIGKILL it returns once the death was noticed; meanwhile the part is started
        again."""
        supervisor = self._supervisors[name]
        deaths = supervisor.deaths
        supervisor.send(number)
        if number == signal.SIGKILL:
            self._wait_for(lambda: supervisor.deaths > deaths, f"{name} outlived SIGKILL", timeout)

    def take_away(self, name: str, number: int = signal.SIGKILL, *, timeout: float = 30.0) -> None:
        """Ends a part and keeps it away until `bring_back`; returns when it is gone."""
        supervisor = self._supervisors[name]
        supervisor.take_away()
        supervisor.send(number)
        self._wait_for(lambda: supervisor.state == State.AWAY, f"{name} did not end", timeout)

    def bring_back(self, name: str, *, timeout: float = 60.0) -> None:
        """Starts a part again that was taken away, and waits until it answers."""
        self._supervisors[name].bring_back()
        self.wait_ready(name, timeout)

    def pid(self, name: str) -> int | None:
        """The first process of a part; None while it does not run."""
        return self._supervisors[name].pid

    def rows(self) -> list[Row]:
        """What runs where, in the order of start."""
        return [
            Row(name, supervisor.part.address, supervisor.pid, supervisor.state, supervisor.log)
            for name, supervisor in self._supervisors.items()
            if not supervisor.part.job
        ]

    def _wait_for(self, condition: Callable[[], bool], complaint: str, timeout: float) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise NotUp(f"{complaint} within {timeout:.0f} s.")
