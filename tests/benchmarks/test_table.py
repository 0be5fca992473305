from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks import table
from benchmarks.rounds import Batch, Measured, Rounds, Spread, in_pairs, quantile, spread, turned
from benchmarks.session import Played

LOAD = frozenset({"driver", "inbox"})


def batch(seconds: float = 2.0, *, machine: float = 1.0, **cpu: float) -> Batch:
    """Ten cases; `cpu` by part, in milliseconds a case."""
    used = cpu or {"worker": 100.0}
    cores = {part: 10 * one / 1000 / seconds for part, one in used.items()}
    return Batch(cases=10, seconds=seconds, cpu=used, load=LOAD, cores={**cores, "machine": machine})


class Playing:
    """A contender that costs nothing and notes when it was asked."""

    load = LOAD

    def __init__(self, name: str, asked: list[str]) -> None:
        self.name, self._asked = name, asked

    def processes(self) -> Mapping[str, int | None]:
        return {"worker": None}

    def prepare(self, cases: int) -> None:
        self._asked.append(f"{self.name} prepares {cases}")

    def play(self) -> Played:
        self._asked.append(f"{self.name} plays")
        return Played(2.0)

    def latencies(self, at_once: int) -> list[float]:
        return [at_once / 1000]


def test_the_load_is_no_cost_of_the_product() -> None:
    assert batch(worker=100.0, postgres=20.0, inbox=7.0, driver=50.0).product_cpu == 120.0


def test_a_median_comes_with_the_range_of_the_rounds() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(median=3.0, least=1.0, greatest=10.0)


def test_ratios_are_taken_within_a_round_and_not_between_medians() -> None:
    assert in_pairs([1.0, 10.0, 4.0], [2.0, 5.0, 4.0]) == Spread(median=1.0, least=0.5, greatest=2.0)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10.0), (0.95, 19.0), (1.0, 20.0)])
def test_a_quantile_is_the_smallest_value_that_this_share_does_not_exceed(share: float, expected: float) -> None:
    assert quantile([float(number) for number in range(20, 0, -1)], share) == expected


def test_another_begins_each_round() -> None:
    assert [turned("abc", number)[0] for number in range(4)] == ["a", "b", "c", "a"]


def test_each_plays_once_a_round_and_what_it_gave_is_kept_by_round() -> None:
    asked: list[str] = []
    rounds = Rounds([Playing("ours", asked), Playing("bare", asked)], cases=4, latencies={20: 3})

    measured = rounds.run(2, lambda line: None)

    assert [line for line in asked if line.endswith("plays")] == [
        "ours plays",
        "bare plays",
        "bare plays",
        "ours plays",
    ]
    assert [one.a_second for one in measured["ours"].batches] == [2.0, 2.0]
    assert measured["bare"].latencies == {20: [[0.02], [0.02]]}


def test_latencies_are_in_milliseconds_and_taken_over_all_rounds() -> None:
    measured = {"ours": Measured([batch()], {1: [[0.010, 0.020], [0.030, 0.040]]})}

    found = table.summary(measured, {}, cores=2)["ours"]["answer to next item"]["1"]

    assert found["p50 ms"] == {"all": 20.0, "median": 20.0, "least": 10.0, "greatest": 30.0}
    assert found["p95 ms"]["all"] == 40.0


def test_what_cannot_wait_for_people_has_no_latency() -> None:
    measured = {"ours": Measured([batch()], {1: [[0.01]]}), "chain": Measured([batch()], {1: [[]]})}

    ratios = table.ratios(measured, "ours")

    assert table.summary(measured, {}, cores=2)["chain"]["answer to next item"] == {}
    assert list(ratios["chain"]) == ["product CPU a case", "cases a second"]


def test_one_in_relation_to_the_others() -> None:
    measured = {
        "ours": Measured([batch(2.0, worker=50.0)], {1: [[0.02]]}),
        "old": Measured([batch(4.0, worker=200.0)], {1: [[0.04]]}),
    }

    ratios = table.ratios(measured, "ours")

    assert {what: values["median"] for what, values in ratios["old"].items()} == {
        "product CPU a case": 0.25,
        "cases a second": 2.0,
        "p95 from answer to next item, 1 at once": 0.5,
    }


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (batch(1.0, machine=1.9, worker=80.0, temporal=60.0), "all 2 cores (worker 0.80, temporal 0.60"),
        (batch(1.0, machine=1.2, worker=95.0, temporal=20.0), "one core of worker"),
        (batch(1.0, machine=0.6, worker=30.0, temporal=20.0), "waiting: 0.60 of 2 cores in use"),
    ],
)
def test_what_limits_is_named(measured: Batch, expected: str) -> None:
    assert table.limit([measured], 2).startswith(expected)


def test_the_table_has_product_and_load_apart_and_a_gap_where_nothing_was_measured() -> None:
    measured = {
        "ours": Measured([batch(worker=100.0, web=30.0, inbox=7.0, driver=50.0)], {1: [[0.01]]}),
        "bare": Measured([batch(worker=90.0, driver=20.0)]),
    }
    found = table.summary(measured, {"ours": {"events": 36, "bytes": 900, "statements": 110}}, cores=2)

    lines = [line.split() for line in table.lines(found)]

    load = lines.index(["CPU", "of", "the", "load"])
    assert ["worker", "100.0", "90.0"] in lines[:load]
    assert ["web", "30.0", "-"] in lines[:load]
    assert ["inbox", "7.0", "-"] in lines[load:]
    assert ["driver", "50.0", "20.0"] in lines[load:]
    assert ["events", "a", "case", "36", "-"] in lines
    assert lines[2][:7] == ["CPU", "of", "the", "product,", "ms", "a", "case"]
    assert lines[2][7:] == ["130", "(130-130)", "90", "(90-90)"]
