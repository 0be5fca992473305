"""What was measured, as a table for people and as plain values for JSON."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.rounds import Batch, Measured, Spread, in_pairs, quantile, spread

FULL = 0.9
"""From this share on, a core or all of them count as used up."""
Facts = Mapping[str, Mapping[str, Any]]
"""What is counted once and not in rounds, by contender: events, bytes, statements."""


def summary(measured: Mapping[str, Measured], facts: Facts, *, cores: int) -> dict[str, Any]:
    """All of it as plain values, by contender; times in milliseconds."""
    return {name: {**_of_one(found, cores), **facts.get(name, {})} for name, found in measured.items()}


def _of_one(found: Measured, cores: int) -> dict[str, Any]:
    batches = found.batches
    parts = list(batches[0].cpu)
    return {
        "cases a second": _plain(spread([one.a_second for one in batches])),
        "product CPU ms a case": _plain(spread([one.product_cpu for one in batches])),
        "CPU ms a case": {part: round(statistics.median(one.cpu[part] for one in batches), 1) for part in parts},
        "load": sorted(batches[0].load),
        "driver CPU ms a case": {
            what: round(statistics.median(one.driver[what] for one in batches), 1) for what in batches[0].driver
        },
        "cores in use": {
            part: round(statistics.median(one.cores[part] for one in batches), 2) for part in batches[0].cores
        },
        "limit": limit(batches, cores),
        "answer to next item": {
            str(at_once): _latencies(rounds) for at_once, rounds in found.latencies.items() if any(rounds)
        },
    }


def _latencies(rounds: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Over all rounds together, and the spread of the rounds' own."""
    together = [1000 * value for values in rounds for value in values]
    return {
        name: {
            "all": round(quantile(together, share), 1),
            **_plain(spread([1000 * quantile(values, share) for values in rounds])),
        }
        for name, share in (("p50 ms", 0.5), ("p95 ms", 0.95))
    }


def _plain(found: Spread) -> dict[str, float]:
    return {"median": round(found.median, 3), "least": round(found.least, 3), "greatest": round(found.greatest, 3)}


def limit(batches: Sequence[Batch], cores: int) -> str:
    """What kept a contender from playing more cases: the machine's cores, one process's core, or waiting."""
    used = {part: statistics.median(one.cores[part] for one in batches) for part in batches[0].cores}
    machine = used.pop("machine")
    others = max(0.0, machine - sum(used.values()))
    heaviest = sorted(used, key=lambda part: -used[part])[:2]
    named = ", ".join(f"{part} {used[part]:.2f}" for part in heaviest)
    if machine >= FULL * cores:
        return f"all {cores} cores ({named}; not of this run {others:.2f})"
    if used[heaviest[0]] >= FULL:
        return f"one core of {heaviest[0]} ({named})"
    return f"waiting: {machine:.2f} of {cores} cores in use ({named})"


def ratios(measured: Mapping[str, Measured], name: str) -> dict[str, dict[str, Any]]:
    """One contender in relation to each other, in pairs of the same round; at p95 in relation to the other's p95."""
    ours = measured[name]
    result = {}
    for other, theirs in measured.items():
        if other == name:
            continue
        result[other] = {
            "product CPU a case": _plain(_paired(ours, theirs, lambda one: one.product_cpu)),
            "cases a second": _plain(_paired(ours, theirs, lambda one: one.a_second)),
            **{
                f"p95 from answer to next item, {at_once} at once": _plain(
                    in_pairs([quantile(one, 0.95) for one in rounds], [quantile(one, 0.95) for one in of_theirs])
                )
                for at_once, rounds in ours.latencies.items()
                if all(of_theirs := theirs.latencies.get(at_once, [])) and of_theirs
            },
        }
    return result


def _paired(ours: Measured, theirs: Measured, what: Callable[[Batch], float]) -> Spread:
    return in_pairs([what(one) for one in ours.batches], [what(one) for one in theirs.batches])


def lines(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The table: a column for each contender."""
    names = list(found)
    yield _line("", names)
    yield _line("cases a second", [_spread(found[name]["cases a second"]) for name in names])
    yield _line("CPU of the product, ms a case", [_spread(found[name]["product CPU ms a case"], 0) for name in names])
    parts = list(dict.fromkeys(part for name in names for part in found[name]["CPU ms a case"]))
    load = {part for name in names for part in found[name]["load"]}
    ours = [part for part in parts if part not in load]
    for part in ours:
        yield _line(f"  {part}", [_number(found[name]["CPU ms a case"].get(part)) for name in names])
    yield "CPU of the load"
    for part in (part for part in parts if part in load):
        yield _line(f"  {part}", [_number(found[name]["CPU ms a case"].get(part)) for name in names])
    kinds = list(dict.fromkeys(kind for name in names for kind in found[name]["driver CPU ms a case"]))
    for kind in kinds:
        yield _line(f"    of it {kind}", [_number(found[name]["driver CPU ms a case"].get(kind)) for name in names])
    yield from _latency_lines(found, names)
    facts = ("events", "bytes", "statements")
    for fact in facts:
        yield _line(f"{fact} a case", [_number(found[name].get(fact), 0) for name in names])
    for name in names:
        yield f"what limits {name}: {found[name]['limit']}"


def _latency_lines(found: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> Iterator[str]:
    measured = {name: found[name]["answer to next item"] for name in names}
    for at_once in dict.fromkeys(at_once for name in names for at_once in measured[name]):
        for quantity in ("p50 ms", "p95 ms"):
            cells = [measured[name].get(at_once, {}).get(quantity, {}).get("all") for name in names]
            yield _line(f"answer to next item, {at_once} at once, {quantity}", [_number(cell) for cell in cells])


def ratio_lines(name: str, found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for other, by_what in found.items():
        for what, values in by_what.items():
            yield f"{name} to {other}, {what}: {_spread(values, 2)}"


def _line(title: str, cells: Sequence[str]) -> str:
    return f"{title:44}" + "".join(f"{cell:>24}" for cell in cells)


def _spread(values: Mapping[str, float], places: int = 2) -> str:
    return f"{values['median']:.{places}f} ({values['least']:.{places}f}-{values['greatest']:.{places}f})"


def _number(value: float | None, places: int = 1) -> str:
    return "-" if value is None else f"{value:.{places}f}"
