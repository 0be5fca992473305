"""One stack per data folder, and nothing left of an earlier one: a lock, and a note of every process that was started.
A note holds the process id and the start time of the process, so a process id that another program has got since is
never touched. Every part leads its own session; a process id stays taken while its session has members.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

_SAME_START = 2.0
"""How many seconds two readings of one process's start time may differ, if the clock was set in between."""


class AlreadyUp(Exception):
    """Another stack serves this data folder; the text says which process."""


@contextlib.contextmanager
def only_one(run_dir: Path) -> Iterator[None]:
    """Holds the data folder; the lock goes with the process that holds it, however it ends. Raises AlreadyUp."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise AlreadyUp(
                f"{run_dir.parent} is already served by process {holder}: stop that one first, "
                "or set COUNTERSIGN_DATA to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def note(run_dir: Path, name: str, pid: int, stop_signal: int) -> None:
    """Writes down a process that was just started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(pid).create_time()
        draft = run_dir / f"{name}.pid.new"
        draft.write_text(json.dumps({"pid": pid, "started": started, "signal": stop_signal}))
        draft.replace(run_dir / f"{name}.pid")


def forget(run_dir: Path, name: str) -> None:
    (run_dir / f"{name}.pid").unlink(missing_ok=True)


def end(run_dir: Path, *, say: Callable[[str], None], patience: float = 10.0) -> None:
    """Ends what an earlier stack of this folder left: politely, and after `patience` seconds by force."""
    found: dict[psutil.Process, int] = {}
    for path in sorted(run_dir.glob("*.pid")):
        noted = json.loads(path.read_text())
        for process in _session(noted["pid"], noted["started"]):
            say(f"A part of an earlier run is left: {path.stem}, process {process.pid}. Ending it.")
            found[process] = noted["signal"]
    for process, stop_signal in found.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(stop_signal)
    _gone, alive = psutil.wait_procs(found, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)
    for path in run_dir.glob("*.pid"):
        path.unlink()


def _session(leader: int, started: float) -> list[psutil.Process]:
    """The living members of the session that the noted process led; empty when another program has the process id by
    now."""
    try:
        if abs(psutil.Process(leader).create_time() - started) > _SAME_START:
            return []
    except psutil.NoSuchProcess:
        pass
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members
