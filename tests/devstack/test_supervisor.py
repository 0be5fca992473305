from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backoffice.stack.keeping import Keeper, Part, State
from tests.stack.seeing import until

SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SERVES
FAILS = "import sys; print('the reason'); sys.exit(3)"


class Kept:
    """Starts keepers on small programs, and stops them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lines = folder, list[str]()
        self.keepers: list[Keeper] = []
        self.changed = threading.Condition()

    def keep(self, code: str, *, needs: list[Keeper] | None = None, name: str = "part", **other: Any) -> Keeper:
        ready = self.folder / f"{name}.ready"
        part = Part(
            name=name,
            command=[sys.executable, "-c", code, str(ready)],
            answers=ready.exists,
            ready_file=ready,
            **other,
        )
        keeper = Keeper(
            part,
            run_dir=self.folder,
            log=self.folder / f"{name}.log",
            changed=self.changed,
            say=self.lines.append,
        )
        self.keepers.append(keeper)
        keeper.start(needs or [])
        return keeper


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    for keeper in kept.keepers:
        keeper.ask_to_stop()
    for keeper in kept.keepers:
        keeper.finish(time.monotonic() + 2)


def test_a_part_answers(kept: Kept) -> None:
    keeper = kept.keep(SERVES)

    assert until(lambda: keeper.state == State.ANSWERS)
    assert (kept.folder / "part.pid").exists()


def test_a_part_that_dies_is_started_again_and_that_is_said(kept: Kept) -> None:
    keeper = kept.keep(SERVES)
    until(lambda: keeper.state == State.ANSWERS)
    first = keeper.pid

    keeper.send(signal.SIGKILL)

    assert until(lambda: keeper.deaths == 1 and keeper.state == State.ANSWERS)
    assert keeper.pid != first
    assert "died (signal SIGKILL)" in kept.lines[0]
    assert "answers again" in kept.lines[1]


def test_one_that_never_answers_is_given_up_after_three_tries(kept: Kept) -> None:
    keeper = kept.keep(FAILS)

    assert until(lambda: keeper.state == State.FAILED)
    assert keeper.last_words() == "\n".join(["the reason"] * 3)


def test_a_job_that_fails_is_not_tried_again(kept: Kept) -> None:
    keeper = kept.keep(FAILS, job=True)

    assert until(lambda: keeper.state == State.FAILED)
    assert keeper.last_words() == "the reason"


def test_a_job_that_ends_well_counts_as_working(kept: Kept) -> None:
    keeper = kept.keep("pass", job=True)

    assert until(lambda: keeper.state == State.DONE)
    assert keeper.works


def test_one_that_was_taken_away_stays_away_until_it_is_brought_back(kept: Kept) -> None:
    keeper = kept.keep(SERVES)
    until(lambda: keeper.state == State.ANSWERS)

    keeper.take_away()
    keeper.send(signal.SIGKILL)
    assert until(lambda: keeper.state == State.AWAY)
    keeper.bring_back()

    assert until(lambda: keeper.state == State.ANSWERS)


def test_one_that_does_not_stop_by_itself_is_killed(kept: Kept) -> None:
    keeper = kept.keep(IGNORES_SIGTERM)
    until(lambda: keeper.state == State.ANSWERS)

    keeper.ask_to_stop()
    keeper.finish(time.monotonic() + 0.2)

    assert keeper.state == State.STOPPED
    assert "killed" in kept.lines[-1]
    assert not (kept.folder / "part.pid").exists()


def test_one_that_needs_another_is_not_started_before(kept: Kept) -> None:
    needed = kept.keep("import time; time.sleep(600)", name="needed")

    keeper = kept.keep(SERVES, needs=[needed])

    until(lambda: needed.state == State.STARTING)
    assert keeper.state == State.WAITING
    assert keeper.pid is None
