"""Supervises one part: starts it, waits for its answer, starts it again when it dies, and stops it.

Each part has a thread of its own. A child ends with the thread that started it (see `launch.py`), so that thread lives
until its part is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from . import launch, leftovers

_TRIES = 3
"""A part that dies this often before it ever answered is given up."""
_FIRST_DELAY, _LONGEST_DELAY, _SETTLED = 0.2, 10.0, 20.0
_LOG_LIMIT = 10_000_000


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    ANSWERS = "answers"
    DONE = "done"
    AWAY = "taken away"
    DOWN = "down"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Part:
    """What is run and how it is known to work. Parts of a lower tier start earlier and stop later."""

    name: str
    command: list[str]
    answers: Callable[[], bool]
    address: str = ""
    tier: int = 0
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    user: str = "-"
    job: bool = False
    """It runs once to its end, and counts as answering when it ended successfully."""
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM
    """The signal that the system sends it when our process dies."""
    grace: float = 10.0
    """How many seconds after the stop signal it is killed."""
    ready_file: Path | None = None


class Supervisor:
    """One part and the thread that runs it. `changed` is the condition that all supervisors of a stack share."""

    def __init__(
        self, part: Part, *, run_dir: Path, log: Path, changed: threading.Condition, say: Callable[[str], None]
    ) -> None:
        self.part, self.log = part, log
        self.state = State.WAITING
        self.deaths = 0
        self._run_dir, self._changed, self._say = run_dir, changed, say
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted, self._away = True, False
        self._needs: list[Supervisor] = []
        self._thread = threading.Thread(target=self._supervise, name=f"supervisor of {part.name}", daemon=True)

    def start(self, needs: list[Supervisor]) -> None:
        """Starts the thread; the part is run as soon as each of `needs` answers."""
        self._needs = needs
        self._thread.start()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process else None

    @property
    def works(self) -> bool:
        return self.state in (State.ANSWERS, State.DONE)

    def send(self, number: int) -> None:
        """Sends a signal to the part's first process, if it runs."""
        with self._changed:
            if self._process is not None:
                os.kill(self._process.pid, number)

    def take_away(self) -> None:
        """Makes the part stay dead once it dies, until `bring_back`."""
        with self._changed:
            self._away = True

    def bring_back(self) -> None:
        with self._changed:
            self._away = False
            self._changed.notify_all()

    def ask_to_stop(self) -> None:
        """Sends the stop signal, and does not start the part again."""
        with self._changed:
            self._wanted = False
            self._changed.notify_all()
        self.send(signal.SIGCONT)
        self.send(self.part.stop_signal)

    def finish(self, deadline: float) -> None:
        """Waits until the monotonic time `deadline` for the part to end by itself, then kills it with all it began."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            self._say(f"{self.part.name} does not stop by itself: killed.")
            self._kill_session()
            self._thread.join()

    def last_words(self, lines: int = 12) -> str:
        """The end of the part's log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8_000))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _supervise(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._wanted or all(needed.works for needed in self._needs))
        delay, failures = _FIRST_DELAY, 0
        while self._wanted:
            began = time.monotonic()
            status, answered = self._live_once()
            if not self._wanted:
                break
            if self.part.job and status == 0:
                self._become(State.DONE)
                return
            failures = 0 if answered else failures + 1
            if (failures >= _TRIES and not self._ever_worked) or self.part.job:
                self._become(State.FAILED)
                return
            if time.monotonic() - began > _SETTLED:
                delay = _FIRST_DELAY
            self._pause(status, delay)
            delay = min(2 * delay, _LONGEST_DELAY)
        self._become(State.STOPPED)

    _ever_worked = False

    def _live_once(self) -> tuple[int, bool]:
        """One life of the part: its exit status, and whether it ever answered."""
        process = self._spawn()
        answered = self._await_answer(process)
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self._kill_session()
        with self._changed:
            self._process = None
            status = process.wait()
        leftovers.forget(self._run_dir, self.part.name)
        return status, answered

    def _pause(self, status: int, delay: float) -> None:
        with self._changed:
            self.deaths += 1
            if self._away:
                self._become(State.AWAY)
                self._changed.wait_for(lambda: not (self._away and self._wanted))
                return
            self._become(State.DOWN)
            self._say(f"{self.part.name} died ({_cause(status)}); it is started again in {delay:.1f} s.")
            self._changed.wait_for(lambda: not self._wanted, timeout=delay)

    def _spawn(self) -> subprocess.Popen[bytes]:
        part = self.part
        if part.ready_file is not None:
            part.ready_file.unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        tie = [str(os.getpid()), str(int(part.orphan_signal)), part.user]
        with self.log.open("ab") as log, self._changed:
            self._process = process = subprocess.Popen(
                [sys.executable, "-I", "-S", launch.__file__, *tie, "--", *part.command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=part.folder, env=dict(part.environment),
                start_new_session=True,
            )  # fmt: skip
            leftovers.note(self._run_dir, part.name, process.pid, part.stop_signal)
            self._become(State.STARTING)
        if not self._wanted:
            self.send(part.stop_signal)
        return process

    def _await_answer(self, process: subprocess.Popen[bytes]) -> bool:
        flags = os.WEXITED | os.WNOWAIT | os.WNOHANG
        while os.waitid(os.P_PID, process.pid, flags) is None:
            if not self.part.job and self.part.answers():
                if self._ever_worked:
                    self._say(f"{self.part.name} answers again, process {process.pid}.")
                self._ever_worked = True
                self._become(State.ANSWERS)
                return True
            with self._changed:
                self._changed.wait_for(lambda: not self._wanted, timeout=0.05)
            if not self._wanted:
                return False
        return False

    def _kill_session(self) -> None:
        """Kills everything that the part started and left. Its process id is not reused before we have waited for
        it."""
        with self._changed:
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _become(self, state: State) -> None:
        with self._changed:
            self.state = state
            self._changed.notify_all()


def _cause(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit {status}"
