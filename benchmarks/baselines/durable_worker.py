"""Baseline (c): the same case on DBOS, which keeps its workflows in the PostgreSQL that the records are in: what
somebody would pick who wants durable workflows without a server for them. (Procrastinate, a queue of tasks on
PostgreSQL, has no workflow that waits: with it the case would be baseline (b) again, with another broker.)

It has the shape of baseline (a): one step for each of the fifteen effects, one message for each of the five answers,
the same patience. But each step, each answer and the opening also writes its share of the rows that a case of the
product left in this run (`recorded.py`), in one transaction. The calls of outside systems, messages, rights, sealed
fields' encryption and the hashing of the timeline are not done: it is cheaper than the same case with them.

`python -m benchmarks.baselines.durable_worker DATABASE CASE OUTBOX` with the case whose rows are to be written.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
import uuid

import psycopg
from dbos import DBOS, DBOSConfig
from psycopg_pool import ConnectionPool

from benchmarks.baselines.bare_worker import EFFECTS, SIGNALS
from benchmarks.baselines.recorded import Recorded

QUEUE = "bench-durable"
APPLICATION = "bench"
PARTS = 1 + EFFECTS + SIGNALS
"""The transactions of a case: its opening, its effects, its answers."""
PATIENCE = 14 * 24 * 3600.0
THREADS = 128
"""A thread for each case in hand: more than are measured at once."""


class Writing:
    """What the steps of this process write with."""

    recorded: Recorded
    pool: ConnectionPool[psycopg.Connection[tuple[object, ...]]]


@DBOS.step()
def effect(case: str, part: int) -> float:
    """Writes its share; gives the time (seconds since 1970) at which it began."""
    began = time.time()
    with Writing.pool.connection() as db:
        Writing.recorded.write(db, uuid.UUID(case), part)
    return began


@DBOS.workflow()
def durable(case: str, blocks: list[int]) -> list[float]:
    """The time of the first step after each answer."""
    firsts, parts = [], itertools.count(1)
    for position, effects in enumerate(blocks):
        if position:
            DBOS.recv(timeout_seconds=PATIENCE)
            next(parts)
        for number in range(effects):
            at = effect(case, next(parts))
            if position and number == 0:
                firsts.append(at)
    return firsts


def main(database: str, case: str, outbox: str) -> None:
    Writing.pool = ConnectionPool(database, min_size=4, max_size=16, kwargs={"autocommit": True})
    with Writing.pool.connection() as db:
        Writing.recorded = Recorded(db, case, outbox=outbox, transactions=PARTS)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": database,
        "log_level": "WARNING",
        "max_executor_threads": THREADS,
    }
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(QUEUE, polling_interval_sec=0.05)
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
