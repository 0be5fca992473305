"""A process that fills one database and searches in it: `python -m benchmarks.search_driver CUSTOMERS REPETITIONS`.

`DATABASE_URL` names the empty database, `COUNTERSIGN_DATA` a folder for keys. Prints the result as JSON: for each kind
of search its p95 in milliseconds, and the most rows that one search read, as PostgreSQL counts them.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import django

TARGETS = 20
"""Customers of whom everything is known, so that what is typed differs from search to search."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    from django.core.management import call_command

    count, repetitions = (int(argument) for argument in sys.argv[1:])
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    typed = prepared(count)
    filled = time.monotonic() - began
    print(json.dumps({"filled in s": round(filled), "searches": measured(typed, repetitions)}))


def prepared(count: int) -> Mapping[str, Sequence[str]]:
    """Fills the database, and gives what is typed for each kind of search."""
    from benchmarks.search_filling import COMMON_FAMILY, COMMON_GIVEN, fill
    from benchmarks.search_targets import target

    known = [target(number) for number in range(TARGETS)]
    fill(count, known[0].customer)
    common = [(given, family.split()[-1]) for given in COMMON_GIVEN for family in COMMON_FAMILY]
    return {
        "a common word of a name": [*COMMON_GIVEN, *COMMON_FAMILY],
        "a rare name, both words": [f"{one.customer.family_name} {one.customer.given_name}" for one in known],
        "two common words, either order": [f"{family} {given}" for given, family in common],
        "the beginnings of two words": [f"{given[:2]} {family[:3]}" for given, family in common],
        "one letter": list("abdefghjkmnprsvw"),
        "one letter, then another": ["a b", "m j", "j v", "s d"],
        "a telephone number": [one.phone for one in known],
        "its last four digits": [one.phone[-4:] for one in known],
        "its last seven digits": [one.phone[-7:] for one in known],
        "a mail address": [one.mail for one in known],
        "a national id": [one.national_id for one in known],
        "a case's reference": [one.reference for one in known],
        "a message's check code": [one.check_code for one in known],
        "a domain as people write it": [one.domain for one in known],
        "a domain as the registry does": [one.domain_in_ascii for one in known],
        "the beginning of a domain's part": ["vries", "müller-2", "straß", "jansen", "bakker-1"],
        "what is not there": ["xylophon", "020 999 9999", "nobody@example.org", "xylophon.example"],
    }


def measured(typed: Mapping[str, Sequence[str]], repetitions: int) -> dict[str, dict[str, float]]:
    from backoffice.actors import system
    from backoffice.desk.searching import find
    from benchmarks.rounds import quantile

    found = {}
    for kind, texts in typed.items():
        rows = [rows_read(text) for text in dict.fromkeys(texts)]
        seconds = []
        for number in range(repetitions):
            began = time.perf_counter()
            find(texts[number % len(texts)], reader=system())
            seconds.append(time.perf_counter() - began)
        found[kind] = {
            "p50 ms": round(1000 * statistics.median(seconds), 2),
            "p95 ms": round(1000 * quantile(seconds, 0.95), 2),
            "rows": max(rows),
        }
    return found


def rows_read(typed: str) -> int:
    """How many rows the statements of one search read, from tables and indexes."""
    from django.db import connection

    from backoffice.actors import system
    from backoffice.desk.searching import find

    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        find(typed, reader=system())
    total = 0
    for sql, params in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            plan = cursor.fetchone()[0]
        total += scanned((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return total


def scanned(plan: Mapping[str, Any]) -> int:
    """The rows that the scans of a plan read, with those that a condition then dropped."""
    below = sum(scanned(part) for part in plan.get("Plans", ()))
    if "Scan" not in plan["Node Type"] or plan["Node Type"] == "Bitmap Index Scan":
        return below
    dropped = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + round(float(plan["Actual Rows"] + dropped) * int(plan["Actual Loops"]))


if __name__ == "__main__":
    main()
