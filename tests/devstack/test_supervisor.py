from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack.supervisor import Part, State, Supervisor
from tests.waiting import until

SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SERVES
FAILS = "import sys; print('the reason'); sys.exit(3)"


class Parts:
    """Starts supervisors on small programs, and stops them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lines = folder, list[str]()
        self.supervisors: list[Supervisor] = []
        self.changed = threading.Condition()

    def run(self, code: str, *, needs: list[Supervisor] | None = None, name: str = "part", **other: Any) -> Supervisor:
        ready = self.folder / f"{name}.ready"
        part = Part(
            name=name,
            command=[sys.executable, "-c", code, str(ready)],
            answers=ready.exists,
            ready_file=ready,
            **other,
        )
        supervisor = Supervisor(
            part,
            run_dir=self.folder,
            log=self.folder / f"{name}.log",
            changed=self.changed,
            say=self.lines.append,
        )
        self.supervisors.append(supervisor)
        supervisor.start(needs or [])
        return supervisor


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    parts = Parts(tmp_path)
    yield parts
    for supervisor in parts.supervisors:
        supervisor.ask_to_stop()
    for supervisor in parts.supervisors:
        supervisor.finish(time.monotonic() + 2)


def test_a_part_answers(parts: Parts) -> None:
    supervisor = parts.run(SERVES)

    assert until(lambda: supervisor.state == State.ANSWERS)
    assert (parts.folder / "part.pid").exists()


def test_a_part_that_dies_is_started_again_and_that_is_said(parts: Parts) -> None:
    supervisor = parts.run(SERVES)
    until(lambda: supervisor.state == State.ANSWERS)
    first = supervisor.pid

    supervisor.send(signal.SIGKILL)

    assert until(lambda: supervisor.deaths == 1 and supervisor.state == State.ANSWERS)
    assert supervisor.pid != first
    assert "died (signal SIGKILL)" in parts.lines[0]
    assert "answers again" in parts.lines[1]


def test_one_that_never_answers_is_given_up_after_three_tries(parts: Parts) -> None:
    supervisor = parts.run(FAILS)

    assert until(lambda: supervisor.state == State.FAILED)
    assert supervisor.last_words() == "\n".join(["the reason"] * 3)


def test_a_job_that_fails_is_not_tried_again(parts: Parts) -> None:
    supervisor = parts.run(FAILS, job=True)

    assert until(lambda: supervisor.state == State.FAILED)
    assert supervisor.last_words() == "the reason"


def test_a_job_that_ends_well_counts_as_working(parts: Parts) -> None:
    supervisor = parts.run("pass", job=True)

    assert until(lambda: supervisor.state == State.DONE)
    assert supervisor.works


def test_one_that_was_taken_away_stays_away_until_it_is_brought_back(parts: Parts) -> None:
    supervisor = parts.run(SERVES)
    until(lambda: supervisor.state == State.ANSWERS)

    supervisor.take_away()
    supervisor.send(signal.SIGKILL)
    assert until(lambda: supervisor.state == State.AWAY)
    supervisor.bring_back()

    assert until(lambda: supervisor.state == State.ANSWERS)


def test_one_that_does_not_stop_by_itself_is_killed(parts: Parts) -> None:
    supervisor = parts.run(IGNORES_SIGTERM)
    until(lambda: supervisor.state == State.ANSWERS)

    supervisor.ask_to_stop()
    supervisor.finish(time.monotonic() + 0.2)

    assert supervisor.state == State.STOPPED
    assert "killed" in parts.lines[-1]
    assert not (parts.folder / "part.pid").exists()


def test_one_that_needs_another_is_not_started_before(parts: Parts) -> None:
    needed = parts.run("import time; time.sleep(600)", name="needed")

    supervisor = parts.run(SERVES, needs=[needed])

    until(lambda: needed.state == State.STARTING)
    assert supervisor.state == State.WAITING
    assert supervisor.pid is None
