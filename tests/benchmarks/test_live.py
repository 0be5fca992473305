"""What the benchmark of open pages counts and shows."""

from __future__ import annotations

from benchmarks import live
from benchmarks.run import parsed


def test_a_state_arrives_when_its_own_page_first_says_it_after_the_commit() -> None:
    commits = [(0, 10.0, "calling"), (0, 20.0, "nobody"), (1, 10.0, "calling")]
    heard = [(0, 9.0, "calling"), (0, 10.4, "calling"), (0, 12.0, "calling"), (1, 10.2, "talking"), (0, 20.1, "nobody")]

    assert [round(seconds, 1) for seconds in live.arrivals(commits, heard)] == [0.4, 0.1]


def test_what_was_measured_stands_beside_pages_that_ask_by_themselves() -> None:
    result = {
        "watchers": 10_000,
        "queries a second": 2.0,
        "kB a watcher": 9.5,
        "cores, quiet": {"publisher": 0.01, "streams": 0.2},
        "work for each core": 0.6,
        "presses": 240,
        "arrived": 240,
        "press to page, p50 s": 0.1,
        "press to page, p95 s": 0.25,
        "press to page, longest s": 0.3,
        "baseline: queries a second that they need": 5_000.0,
        "baseline: queries a second that it answers": 4_000,
    }
    shown = "\n".join(live.lines(result))

    assert "2.0   asking every 2 s: 5000, 2500 times" in shown
    assert "asking: 125%" in shown
    assert "0.250   asking: 1.900; the goal is 2" in shown


def test_it_can_be_measured_alone() -> None:
    assert (parsed(["--only", "live", "--watchers", "9"]).only, parsed([]).watchers) == ("live", live.WATCHERS)
