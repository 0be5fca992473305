"""What a step costs when many cases are open: `python -m benchmarks.growth [--open 100000]`.

Two stacks of the same product run side by side, one with few open cases in its database and its engine, one with many.
Then the same cases are played on both, in rounds in pairs, and what they cost is compared: the CPU of the product a
case, and the time from an answer to the next item. Not part of `make bench`: to fill takes a while.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

import psutil

from benchmarks import table, waiting
from benchmarks.checkouts import HERE
from benchmarks.rounds import Rounds
from benchmarks.run import say
from benchmarks.session import Session, end_well_when_terminated, sessions

FEW, MANY = 100, 100_000
CASES, ROUNDS = 20, 5
LATENCIES = {1: 20}


def fill(session: Session, cases: int) -> None:
    """Fills the database, then the engine, with open cases that wait."""
    began = time.monotonic()
    ids = session.grow(cases)
    filled = time.monotonic()
    asyncio.run(waiting.start(session.addresses["TEMPORAL_ADDRESS"], ids))
    ended = time.monotonic()
    say(f"{session.name}: rows in {filled - began:.0f} s, workflows in {ended - filled:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=MANY, metavar="CASES", help=f"open ones (default {MANY})")
    parser.add_argument("--few", type=int, default=FEW, metavar="CASES", help=f"to compare with (default {FEW})")
    parser.add_argument("--cases", type=int, default=CASES, help=f"played in a round (default {CASES})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default {ROUNDS}")
    chosen = parser.parse_args()
    end_well_when_terminated()
    many, few = f"{chosen.open} open", f"{chosen.few} open"
    with sessions({many: HERE, few: HERE}) as both:
        for session, count in zip(both, (chosen.open, chosen.few), strict=True):
            fill(session, count)
        rounds = Rounds(both, cases=chosen.cases, latencies=LATENCIES)
        rounds.warm_up(5)
        measured = rounds.run(chosen.rounds, say)
    found = table.summary(measured, {}, cores=psutil.cpu_count() or 1)
    ratios = table.ratios(measured, many)
    print("\n".join(table.lines(found)))
    print("\n".join(table.ratio_lines(many, ratios)))
    print(json.dumps({"contenders": found, "ratios": ratios}))


if __name__ == "__main__":
    main()
