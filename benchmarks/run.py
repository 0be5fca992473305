"""`make bench`: whole cases on the embedded stack, beside three baselines on the same machine in the same run, and
with `--against` beside an older checkout of the product.

Prints a table, and the same as JSON at the end. Ratios, not seconds, are what to compare between machines. What is the
product's CPU and what is load is counted apart: the parts of the stack that run it, but for the mail sink and the
issuer's simulator, are the product. The driver is load, although it calls the rules for the answers in its own process;
what it spent within them is shown. The bare SDK's product is its worker and the server. Everything runs on stacks of
its own in folders that are removed afterwards. Four more parts follow: what a case of each process costs beside a card
reissue (`by_process.py`), the search of the desk among few and many customers (`searching.py`), what it costs that
every open page knows who is calling (`live.py`), and how many calls the voice gateway relays at once (`voice.py`),
how long somebody waits for it (`voice_waits.py`), and how long for a payment by telephone (`voice_paying.py`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks import by_process, live, searching, table, voice, voice_paying, voice_waits
from benchmarks.baselines.bare import BareSdk, bare_sdk, history_on
from benchmarks.baselines.chain import celery_chain
from benchmarks.baselines.durable import durable
from benchmarks.checkouts import HERE, checkout
from benchmarks.rounds import Contender, Rounds
from benchmarks.session import Session, end_well_when_terminated, sessions

CASES, ROUNDS = 40, 5
LATENCIES = {1: 20, 20: 40}
"""How many cases are measured in each round at 1 and at 20 at once."""
WARM_UP = 5
HISTORIES = 11
"""Of so many cases, since what falls together in one task of a workflow is left to chance."""
OURS, OLD = "ours", "old"
PARTS = CASES_PART, PROCESSES_PART, SEARCH_PART, LIVE_PART, VOICE_PART = "cases", "processes", "search", "live", "voice"
BASELINES = ("bare", "dbos", "chain")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(chosen: argparse.Namespace, stack: contextlib.ExitStack) -> dict[str, Any]:
    checkouts = {OURS: HERE}
    if chosen.against:
        checkouts[OLD] = stack.enter_context(checkout(chosen.against))
    say("starting " + " and ".join(checkouts))
    products = stack.enter_context(sessions(checkouts))
    for product in products:
        product.prepare(WARM_UP)
        product.play()
    bare = stack.enter_context(bare_sdk(products[0]))
    contenders: list[Contender] = [*products]
    if "bare" in chosen.baselines:
        contenders.append(bare)
    if "dbos" in chosen.baselines:
        one = products[0]
        contenders.append(stack.enter_context(durable(one, case=one.last_done(1)[0], outbox=one.outbox)))
    if "chain" in chosen.baselines:
        contenders.append(stack.enter_context(celery_chain(products[0])))
    rounds = Rounds(contenders, cases=chosen.cases, latencies=LATENCIES)
    rounds.warm_up(WARM_UP)
    measured = rounds.run(chosen.rounds, say)
    say("counting events and statements")
    cores = psutil.cpu_count() or 1
    found = table.summary(measured, facts_of(products, bare), cores=cores)
    return {
        "cases a round": chosen.cases,
        "rounds": chosen.rounds,
        "cores": cores,
        "contenders": found,
        "ratios": table.ratios(measured, OURS),
    }


def facts_of(products: Sequence[Session], bare: BareSdk) -> dict[str, dict[str, Any]]:
    """Events and bytes of a case's history (medians), and the statements of one case by kind."""
    facts: dict[str, dict[str, Any]] = {}
    for product in products:
        histories = [history_on(product, case) for case in product.last_done(HISTORIES)]
        events, size = (statistics.median_low(those) for those in zip(*histories, strict=True))
        product.prepare(2)
        kinds = product.statements()
        facts[product.name] = {
            "events": events, "bytes": size, "statements": sum(kinds.values()), "statements by kind": kinds,
        }  # fmt: skip
    events, size = bare.history(bare.one_answered_in_turn())
    facts[bare.name] = {"events": events, "bytes": size}
    return facts


def show(result: Mapping[str, Any]) -> None:
    if CASES_PART in result:
        show_cases(result[CASES_PART])
    if PROCESSES_PART in result:
        print("\n".join(by_process.lines(result[PROCESSES_PART])))
    if SEARCH_PART in result:
        print("\n".join(searching.lines(result[SEARCH_PART])))
    if LIVE_PART in result:
        print("\n".join(live.lines(result[LIVE_PART])))
    if VOICE_PART in result:
        found = result[VOICE_PART]
        print(
            "\n".join([*voice.lines(found), *voice_waits.lines(found["waits"]), *voice_paying.lines(found["paying"])])
        )
    print(json.dumps(result))


def show_cases(result: Mapping[str, Any]) -> None:
    print(f"{result['rounds']} rounds of {result['cases a round']} cases on {result['cores']} cores; median (range)")
    print("\n".join(table.lines(result["contenders"])))
    print("\n".join(table.ratio_lines(OURS, result["ratios"])))


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=CASES, help=f"in a round (default {CASES})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default {ROUNDS}")
    parser.add_argument("--against", metavar="OLD", help="a folder with an older checkout, or a revision")
    parser.add_argument(
        "--baselines", nargs="*", choices=BASELINES, default=list(BASELINES), help="which; none with no name"
    )
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    parser.add_argument(
        "--of-each", type=int, default=by_process.CASES, metavar="CASES",
        help=f"of each process in a round (default {by_process.CASES}); of these there are {by_process.ROUNDS} rounds",
    )  # fmt: skip
    parser.add_argument(
        "--customers", type=int, default=searching.MANY, help=f"to search among (default {searching.MANY})"
    )
    parser.add_argument("--watchers", type=int, default=live.WATCHERS, help=f"open pages (default {live.WATCHERS})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON there as well")
    return parser.parse_args(arguments)


def main() -> None:
    chosen = parsed()
    end_well_when_terminated()
    result = {}
    if chosen.only in (None, CASES_PART):
        with contextlib.ExitStack() as stack:
            result[CASES_PART] = measure(chosen, stack)
    if chosen.only in (None, PROCESSES_PART):
        result[PROCESSES_PART] = by_process.measure(chosen.of_each, min(chosen.rounds, by_process.ROUNDS), say)
    if chosen.only in (None, SEARCH_PART):
        result[SEARCH_PART] = searching.measure(chosen.customers, say)
    if chosen.only in (None, LIVE_PART):
        result[LIVE_PART] = live.measure(chosen.watchers, say)
    if chosen.only in (None, VOICE_PART):
        waits, paying = voice_waits.measure(say), voice_paying.measure(say)
        result[VOICE_PART] = {**voice.measure(say), "waits": waits, "paying": paying}
    show(result)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
