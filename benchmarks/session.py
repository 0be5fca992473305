"""The handle of a driver's process: the product of one checkout, as one of those that are compared."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
DRIVER = "driver"
HURRIED = "hurried"
"""What a driver is told so that it can play cases of every process."""
GRACE = 60.0
_PARENT_DEATH_SIGNAL = 1


class DriverFailed(Exception):
    """A driver's process could not do what it was asked to."""


@dataclass
class Played:
    """One batch of whole cases: wall seconds, and CPU seconds of the driver by what it did, where it says so."""

    seconds: float
    driver: dict[str, float] = field(default_factory=dict)


class Session:
    """The product of a checkout on its own stack."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name, self._process = name, process
        self._parts: dict[str, int | None] = {}
        about = self._answer()
        self.addresses: dict[str, str] = about["addresses"]
        self.load = frozenset({*about["load"], DRIVER})
        self.outbox: str = about["outbox"]

    def processes(self) -> Mapping[str, int | None]:
        return {**self._ask("parts"), DRIVER: self._process.pid}

    def choose(self, process: str) -> None:
        """From now on cases of this process are played."""
        self._ask("choose", process=process)

    def prepare(self, cases: int) -> None:
        self._ask("prepare", cases=cases)

    def play(self) -> Played:
        found = self._ask("play")
        return Played(found.pop("seconds"), found)

    def latencies(self, at_once: int) -> list[float]:
        return list(self._ask("latencies", at_once=at_once))

    def statements(self) -> dict[str, int]:
        return dict(self._ask("statements"))

    def last_done(self, count: int, process: str = "") -> list[str]:
        """The ids of the cases that were closed last, the latest first; of all processes unless one is named."""
        return list(self._ask("last_done", count=count, **({"process": process} if process else {})))

    def rows(self, case: str) -> int:
        """How many rows a case has left, in all tables."""
        return int(self._ask("rows", case=case))

    def grow(self, cases: int) -> Sequence[str]:
        return list(self._ask("grow", cases=cases))

    def _ask(self, what: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise DriverFailed(f"the driver of {self.name} ended")
        answer = json.loads(line)
        if "error" in answer:
            raise DriverFailed(f"{self.name}: {answer['error']}")
        return answer["is"]


@contextmanager
def sessions(checkouts: Mapping[str, Path], *options: str) -> Iterator[list[Session]]:
    """A running stack and its driver for each name's checkout; all start at once, and all are gone afterwards.
    `options` are the drivers' own."""
    processes = {}
    try:
        for name, checkout in checkouts.items():
            processes[name] = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.driver", str(checkout), *options],
                cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
        yield [Session(name, process) for name, process in processes.items()]
    finally:
        end_well(*processes.values())


def end_well(*processes: subprocess.Popen[str]) -> None:
    """Ends processes, each in a session of its own, that end with their input; those that do not are killed."""
    for process in processes:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    for process in processes:
        _wait(process)


def _wait(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_well_when_terminated() -> None:
    """SIGTERM, like Ctrl-C, ends what was started and removes what was made."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def _end_with_parent() -> None:
    """In the child of a process that may be killed: the system then ends the child too (Linux only)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


@contextmanager
def helper(command: Sequence[str], environment: Mapping[str, str], ready: str) -> Iterator[subprocess.Popen[str]]:
    """A process of a baseline, ended when done; waits for its line that contains `ready`."""
    process = subprocess.Popen(
        command, cwd=HERE, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True, preexec_fn=_end_with_parent,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if ready in line:
                break
        else:
            raise RuntimeError(f"{command} ended before it was ready:\n{''.join(said[-12:])}")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
