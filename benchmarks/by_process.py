"""What a case of each process costs, beside a card reissue that was played in the same round on the same stack.

Some cases wait, for seconds, for a registry or for the end of the time in which they can be stopped. What the stack
uses in that time with nothing to do is measured before, printed by itself, and taken off the CPU of the cases.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.accounting import Ledger
from benchmarks.baselines.bare import history_on
from benchmarks.checkouts import HERE
from benchmarks.processes import CARD_REISSUE, PLAYED
from benchmarks.rounds import Batch, Measured, Rounds, Spread, in_pairs, spread
from benchmarks.session import DRIVER, HURRIED, Played, Session, sessions

CASES, ROUNDS = 10, 3
WARM_UP = 2
IDLE = 20.0
"""Seconds: two runs of what happens every ten."""
HISTORIES = 5
Idle = Mapping[str, float]
"""Cores that each part uses while nothing is to be done."""
_PARTS = ("worker", "temporal", "postgres", "celery", "web")
"""Those with a column of their own; all others of the product are together."""


class CasesOf:
    """The cases of one process, as one of those that are compared. All are played on the same stack."""

    def __init__(self, process: str, session: Session) -> None:
        self.name, self._session, self.load = process, session, session.load

    def processes(self) -> Mapping[str, int | None]:
        return self._session.processes()

    def prepare(self, cases: int) -> None:
        self._session.choose(self.name)
        self._session.prepare(cases)

    def play(self) -> Played:
        return self._session.play()

    def latencies(self, at_once: int) -> list[float]:
        raise NotImplementedError

    def facts(self) -> dict[str, int]:
        """Medians of the last cases: events and bytes of their histories, and the rows that they have left."""
        cases = self._session.last_done(HISTORIES, self.name)
        events, size = zip(*(history_on(self._session, case) for case in cases), strict=True)
        rows = [self._session.rows(case) for case in cases]
        return {name: statistics.median_low(those) for name, those in zip(FACTS, (events, size, rows), strict=True)}


FACTS = ("events", "bytes", "rows")


def measure(cases: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    say("starting a stack for the cases of every process")
    with sessions({"every process": HERE}, HURRIED) as (session,):
        contenders = [CasesOf(process, session) for process in PLAYED]
        played = Rounds(contenders, cases=cases, latencies={})
        played.warm_up(WARM_UP)
        idle = _idle(session)
        measured = played.run(rounds, say)
        facts = {one.name: one.facts() for one in contenders}
    return {"cases a round": cases, "rounds": rounds, **summary(measured, facts, idle)}


def _idle(session: Session) -> Idle:
    ledger = Ledger(session.processes, alone=frozenset({DRIVER}))
    before, began = ledger.look(), time.monotonic()
    time.sleep(IDLE)
    after, seconds = ledger.look(), time.monotonic() - began
    return {part: (used - before[part]) / seconds for part, used in after.items()}


def net(batch: Batch, idle: Idle) -> dict[str, float]:
    """Milliseconds of CPU a case, by part of the product, without what it would have used with nothing to do."""
    waited = 1000 * batch.span / batch.cases
    return {part: used - idle.get(part, 0.0) * waited for part, used in batch.cpu.items() if part not in batch.load}


def summary(measured: Mapping[str, Measured], facts: Mapping[str, Mapping[str, int]], idle: Idle) -> dict[str, Any]:
    """All of it as plain values; times in milliseconds."""
    load = next(iter(measured.values())).batches[0].load
    totals = {name: [sum(net(one, idle).values()) for one in found.batches] for name, found in measured.items()}
    return {
        "idle cores": {part: round(cores, 4) for part, cores in idle.items() if part not in load},
        "processes": {
            name: {
                "product CPU ms a case": _plain(spread(totals[name])),
                "to card reissue": {
                    "product CPU": _plain(in_pairs(totals[name], totals[CARD_REISSUE])),
                    **{fact: round(facts[name][fact] / facts[CARD_REISSUE][fact], 2) for fact in FACTS},
                },
                "CPU ms a case": _medians([net(one, idle) for one in found.batches]),
                "driver CPU ms a case": _medians([one.driver for one in found.batches]),
                "seconds": round(statistics.median(one.seconds for one in found.batches), 1),
                **facts[name],
            }
            for name, found in measured.items()
        },
    }


def _medians(batches: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {part: round(statistics.median(one[part] for one in batches), 1) for part in batches[0]}


def _plain(found: Spread) -> dict[str, float]:
    return {"median": round(found.median, 2), "least": round(found.least, 2), "greatest": round(found.greatest, 2)}


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The table: a line for each process."""
    yield f"{found['rounds']} rounds of {found['cases a round']} cases of each process; median (range)"
    titles = ("CPU ms a case", *_PARTS, "other", "rules", "events", "rows")
    yield _line("", titles)
    for name, one in found["processes"].items():
        by_part = dict(one["CPU ms a case"])
        parts = [by_part.pop(part, 0.0) for part in _PARTS]
        cells = [*parts, sum(by_part.values()), one["driver CPU ms a case"].get("rules", 0.0)]
        whole = (one["product CPU ms a case"]["median"], *cells, one["events"], one["rows"])
        yield _line(name, [f"{cell:.0f}" for cell in whole])
    yield "in relation to a card reissue"
    yield _line("", ("CPU", "events", "rows", "bytes"))
    for name, one in found["processes"].items():
        ratios = one["to card reissue"]
        yield _line(
            name, [_spread(ratios["product CPU"]), *(f"{ratios[fact]:.2f}" for fact in ("events", "rows", "bytes"))]
        )
    cores = found["idle cores"]
    yield f"with nothing to do the product uses {sum(cores.values()):.3f} cores; that is taken off"


def _spread(values: Mapping[str, float]) -> str:
    return f"{values['median']:.2f} ({values['least']:.2f}-{values['greatest']:.2f})"


def _line(title: str, cells: Sequence[str]) -> str:
    return f"{title:22}" + "".join(f"{cell:>18}" if "(" in cell else f"{cell:>14}" for cell in cells)
