"""What the benchmark of the voice gateway measures and shows."""

from __future__ import annotations

from benchmarks import voice, voice_waits
from benchmarks.run import parsed

NAME = "ms of CPU a leg and second"


def test_the_gateway_stands_beside_a_relay_that_does_not_look() -> None:
    result = {
        "gateway": {"calls": 60, NAME: 2.0},
        "recorded": {"calls": 40, NAME: 3.0},
        "baseline": {"calls": 120, NAME: 1.0},
        "cut": {"calls": 10, NAME: 4.0},
        "work for each core": 0.5,
    }

    shown = "\n".join(voice.lines(result))

    assert "60   sending on without looking: 120" in shown
    assert "2.0 times" in shown
    assert "with each leg recorded       40" in shown
    assert "3.00   3.0 times" in shown


def test_what_people_wait_for_is_shown_in_milliseconds() -> None:
    shown = list(voice_waits.lines({voice_waits.NEW: 48.44, voice_waits.KEPT: 34.6, voice_waits.TOKEN: 23.6}))

    assert [line.split()[-2:] for line in shown[1:]] == [["48.4", "ms"], ["34.6", "ms"], ["23.6", "ms"]]


def test_calls_are_really_relayed_by_both() -> None:
    result = voice.measure(lambda _line: None, step=1, most=1, seconds=0.2)

    for engine in ("gateway", "recorded", "baseline", "cut"):
        assert result[engine][NAME] > 0


def test_it_can_be_measured_alone() -> None:
    assert parsed(["--only", "voice"]).only == "voice"
