"""Rounds in pairs: in each, every contender plays the same number of cases, one after the other on the same machine.
What is compared is what was measured in the same round; the first to play changes with each round."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import psutil

from benchmarks.accounting import Ledger
from benchmarks.session import DRIVER, Played

T = TypeVar("T")
AT_ONCE = (1, 20)
QUIET = 0.25
"""Cores. Below it, over half a second, a contender has done what its cases left behind (the mail, for instance)."""
_LOOK, _LONGEST = 0.5, 10.0


class Contender(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def load(self) -> frozenset[str]:
        """Those of its parts that are not the product but what drives it and what stands for the world outside."""

    def processes(self) -> Mapping[str, int | None]: ...
    def prepare(self, cases: int) -> None: ...
    def play(self) -> Played: ...
    def latencies(self, at_once: int) -> list[float]: ...


@dataclass(frozen=True)
class Batch:
    """Whole cases of one contender in one round."""

    cases: int
    seconds: float
    cpu: Mapping[str, float]
    """Milliseconds of CPU a case, by part."""
    load: frozenset[str]
    cores: Mapping[str, float]
    """Cores in use while the cases were played, by part; `machine` is everything that ran, ours or not."""
    driver: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of the driver's CPU a case, by what it did, where it says so."""
    span: float = 0.0
    """Seconds in which `cpu` was used: until everything was quiet again."""

    @property
    def a_second(self) -> float:
        return self.cases / self.seconds

    @property
    def product_cpu(self) -> float:
        """Milliseconds a case."""
        return sum(used for part, used in self.cpu.items() if part not in self.load)


@dataclass
class Measured:
    batches: list[Batch] = field(default_factory=list)
    latencies: dict[int, list[list[float]]] = field(default_factory=dict)
    """Seconds, by how many were at once, for each round."""


class Rounds:
    def __init__(self, contenders: Sequence[Contender], *, cases: int, latencies: Mapping[int, int]) -> None:
        """`latencies` gives how many cases are measured at how many at once in each round."""
        self.contenders, self.cases, self.latencies = list(contenders), cases, latencies
        self._ledgers = {one.name: Ledger(one.processes, alone=frozenset({DRIVER})) for one in contenders}
        self.measured = {one.name: Measured() for one in contenders}

    def warm_up(self, cases: int) -> None:
        for one in self.contenders:
            one.prepare(cases)
            one.play()

    def run(self, rounds: int, say: Callable[[str], None]) -> dict[str, Measured]:
        for number in range(rounds):
            say(f"round {number + 1} of {rounds}")
            for one in turned(self.contenders, number):
                self.measured[one.name].batches.append(self._play(one))
            for at_once, count in self.latencies.items():
                for one in turned(self.contenders, number):
                    one.prepare(count)
                    found = one.latencies(at_once)
                    self.measured[one.name].latencies.setdefault(at_once, []).append(found)
                    self._settle(one)
        return self.measured

    def _play(self, one: Contender) -> Batch:
        ledger = self._ledgers[one.name]
        one.prepare(self.cases)
        self._settle(one)
        began, before, machine = time.monotonic(), ledger.look(), _busy()
        played = one.play()
        at_end, machine = ledger.look(), _busy() - machine
        self._settle(one)
        span, after = time.monotonic() - began, ledger.look()
        cores = {part: (at_end[part] - before.get(part, 0.0)) / played.seconds for part in at_end}
        return Batch(
            cases=self.cases,
            seconds=played.seconds,
            cpu={part: 1000 * (after[part] - before.get(part, 0.0)) / self.cases for part in after},
            load=one.load,
            cores={**cores, "machine": machine / played.seconds},
            driver={what: 1000 * used / self.cases for what, used in played.driver.items()},
            span=span,
        )

    def _settle(self, one: Contender) -> None:
        """Waits until the contender is quiet: what follows would otherwise pay for what it has left to do."""
        began = time.monotonic()
        before = sum(self._ledgers[one.name].look().values())
        while time.monotonic() - began < _LONGEST:
            time.sleep(_LOOK)
            now = sum(self._ledgers[one.name].look().values())
            if now - before < QUIET * _LOOK:
                return
            before = now


def turned(those: Sequence[T], by: int) -> list[T]:
    by %= len(those)
    return [*those[by:], *those[:by]]


def _busy() -> float:
    """CPU seconds that the whole machine has worked since it was started."""
    times = psutil.cpu_times()
    return float(sum(times[:3]) + sum(getattr(times, name, 0.0) for name in ("irq", "softirq")))


@dataclass(frozen=True)
class Spread:
    """A median over the rounds, and the least and greatest."""

    median: float
    least: float
    greatest: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def in_pairs(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """The ratios of what was measured in the same round."""
    return spread([one / other for one, other in zip(ours, theirs, strict=True)])


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]
