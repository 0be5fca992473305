"""What somebody who pays by telephone waits for: a part of `make bench`, beside the gateway's own times.

Whole orders are paid on a stack of their own, with the independent telephones of the demonstration (`voice_payers.py`).
Two times are taken.

From the moment at which the telephone ends the last key to "authorised" in our database, and on the agent's console,
which looks by itself every few seconds. The baseline is the provider, asked straight beside each order for what it is
asked for in it, to verify the code and to hold the amount, by the same code of ours: nobody can be faster, and what is
more is the gateway, the event, the process and our records. Of a real provider both grow by the same, so the difference
is what to compare with ours elsewhere.

From the order that is sent to the money that is taken. Most of it nobody can spare: what is read out and asked, what
the customer presses, how long they think, and how long the telephones take to answer. That is the baseline: the same
call if everything of ours took no time.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.checkouts import HERE
from benchmarks.rounds import in_pairs, quantile
from benchmarks.session import DriverFailed, end_well
from devstack.telephones.telephone import available

ORDERS = 8
NOT_MEASURED = "not measured"
Moments = Mapping[str, float]
_MS = 1000
_SHARES = {"median": 0.5, "p95": 0.95}


def measure(say: Callable[[str], None], *, orders: int = ORDERS) -> dict[str, Any]:
    """All as plain values; where no telephones can run, why not."""
    if reason := available():
        return {NOT_MEASURED: reason}
    say("starting a stack for payments by telephone")
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.voice_payers"],
        cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        _next(process)
        found = []
        for number in range(orders):
            say(f"paying order {number + 1} of {orders} by telephone")
            found.append(_paid(process))
    finally:
        end_well(process)
    return summary(found)


def _paid(process: subprocess.Popen[str]) -> Moments:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write("\n")
        process.stdin.flush()
    return _next(process)


def _next(process: subprocess.Popen[str]) -> Moments:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise DriverFailed("whoever pays by telephone ended")
    moments: Moments = json.loads(line)
    return moments


def summary(orders: Sequence[Moments]) -> dict[str, Any]:
    """Of the moments of each order, in seconds; those from the last key on in milliseconds."""
    authorised = [one["authorised noted"] - one["last key"] for one in orders]
    straight = [one["straight"] for one in orders]
    whole = [one["captured noted"] - one["sent"] for one in orders]
    unavoidable = [sum(by_nature(one).values()) for one in orders]
    return {
        "orders": len(orders),
        "last key to authorised, ms": _spread(authorised, _MS),
        "of it until the token is noted, ms": _spread([one["keyed noted"] - one["last key"] for one in orders], _MS),
        "of it until the bank's answer is noted, ms": _spread(
            [one["authorised noted"] - one["keyed noted"] for one in orders], _MS
        ),
        "last key to the agent's page, ms": _spread([one["shown"] - one["last key"] for one in orders], _MS),
        "the provider asked straight, ms": _spread(straight, _MS),
        "authorised to the provider": _ratio(authorised, straight),
        "order to money, s": _spread(whole),
        "by nature, s": _spread(unavoidable),
        "order to nature": _ratio(whole, unavoidable),
        "parts by nature, s": _medians([by_nature(one) for one in orders]),
        "ours, s": _spread([all_of_it - other for all_of_it, other in zip(whole, unavoidable, strict=True)]),
        "parts of ours, s": _medians([ours(one) for one in orders]),
    }


def by_nature(one: Moments) -> dict[str, float]:
    """Seconds that an order takes, however fast we are."""
    return {
        "speech": one["read"] + one["asked"],
        "thinking": one["thought"],
        "keys": one["pressed"],
        "taking the calls": one["taken"] - one["rings"] + one["agent's pick-up"],
    }


def ours(one: Moments) -> dict[str, float]:
    """Seconds that we add."""
    return {
        "to the ring": one["rings"] - one["sent"],
        "to the first word": one["reading"] - one["taken"],
        "from 1 to the question": one["asking"] - one["agreed"] - one["agent's pick-up"],
        "last key to authorised": one["authorised noted"] - one["last key"],
        "to the money": one["captured noted"] - one["authorised noted"],
    }


def _spread(values: Sequence[float], times: float = 1) -> dict[str, float]:
    return {name: round(times * quantile(values, share), 3) for name, share in _SHARES.items()}


def _ratio(these: Sequence[float], those: Sequence[float]) -> dict[str, float]:
    found = in_pairs(these, those)
    return {"median": round(found.median, 3), "least": round(found.least, 3), "greatest": round(found.greatest, 3)}


def _medians(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in parts), 3) for name in parts[0]}


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The table, with the ratios to the baselines."""
    if NOT_MEASURED in result:
        yield f"a payment by telephone: not measured. {result[NOT_MEASURED]}"
        return
    title = f"a payment by telephone: {result['orders']} orders with two telephones"
    yield f"{title:48}{'median':>10}{'p95':>10}"
    straight = result["the provider asked straight, ms"]["median"]
    yield _line(result, "last key to authorised, ms", 1) + _beside(
        f"the provider alone: {straight:.1f}", result["authorised to the provider"], 1
    )
    yield _line(result, "of it until the token is noted, ms", 1, "    ")
    yield _line(result, "of it until the bank's answer is noted, ms", 1, "    ")
    yield _line(result, "last key to the agent's page, ms", 1)
    nature = result["by nature, s"]["median"]
    yield _line(result, "order to money, s", 2) + _beside(
        f"speech, keys and hands: {nature:.2f}", result["order to nature"], 3
    )
    yield f"    by nature: {_parts(result['parts by nature, s'])}"
    yield f"    ours, {result['ours, s']['median']:.2f}: {_parts(result['parts of ours, s'])}"


def _line(result: Mapping[str, Any], name: str, digits: int, indent: str = "  ") -> str:
    found = result[name]
    return f"{indent + name:48}{found['median']:>10.{digits}f}{found['p95']:>10.{digits}f}"


def _beside(what: str, ratio: Mapping[str, float], digits: int) -> str:
    least, greatest = f"{ratio['least']:.{digits}f}", f"{ratio['greatest']:.{digits}f}"
    return f"   {what}, {ratio['median']:.{digits}f} times ({least}-{greatest})"


def _parts(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts.items())
