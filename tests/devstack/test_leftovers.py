from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from devstack import leftovers
from tests.waiting import until

SLEEPS = "import time; time.sleep(600)"
IGNORES_SIGTERM = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); {SLEEPS}"
HAS_A_CHILD = (
    f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]).pid, flush=True); {SLEEPS}"
)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def start(started: list[subprocess.Popen[bytes]], code: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
    started.append(process)
    return process


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with leftovers.only_one(tmp_path), pytest.raises(leftovers.AlreadyUp, match=str(os.getpid())):
        leftovers.only_one(tmp_path).__enter__()


def test_a_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with leftovers.only_one(tmp_path):
        pass
    with leftovers.only_one(tmp_path):
        pass


def test_a_process_of_an_earlier_run_is_ended_and_said(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    process = start(started, SLEEPS)
    leftovers.note(tmp_path, "web", process.pid, signal.SIGTERM)
    lines: list[str] = []

    leftovers.end(tmp_path, say=lines.append)

    assert not psutil.pid_exists(process.pid)
    assert "web" in lines[0]
    assert not list(tmp_path.glob("*.pid"))


def test_one_that_does_not_listen_is_killed(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    process = start(started, IGNORES_SIGTERM)
    assert process.stdout is not None
    process.stdout.readline()
    leftovers.note(tmp_path, "celery", process.pid, signal.SIGTERM)

    leftovers.end(tmp_path, say=lambda line: None, patience=0.2)

    assert not psutil.pid_exists(process.pid)


def test_a_stranger_that_got_the_number_since_is_spared(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    process = start(started, SLEEPS)
    earlier = time.time() - 3600
    (tmp_path / "web.pid").write_text(f'{{"pid": {process.pid}, "started": {earlier}, "signal": 15}}')

    leftovers.end(tmp_path, say=lambda line: None)

    assert process.poll() is None


def test_the_children_of_a_dead_one_are_found(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    process = start(started, HAS_A_CHILD)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    leftovers.note(tmp_path, "celery", process.pid, signal.SIGTERM)
    process.kill()
    process.wait()

    leftovers.end(tmp_path, say=lambda line: None)

    assert until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
