"""Drives baseline (c), DBOS. As in baseline (a) its five answers are sent at once after the opening."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from dbos import DBOSClient, EnqueueOptions

from benchmarks.baselines.bare_worker import EFFECTS_BETWEEN_SIGNALS
from benchmarks.baselines.durable_worker import APPLICATION, PARTS, QUEUE
from benchmarks.baselines.recorded import SCHEMA, Recorded
from benchmarks.session import DRIVER, Played, Session, helper

PAUSE = 0.02
POLL = 0.05
DEADLINE = 600.0


class Durable:
    name = "DBOS"
    load = frozenset({DRIVER})

    def __init__(self, server: Session, worker: int, database: str, recorded: Recorded) -> None:
        self._server, self._worker, self._recorded = server, worker, recorded
        self._db = psycopg.connect(database, autocommit=True)
        self._client = DBOSClient(system_database_url=database, application_name=APPLICATION)
        self._cases = 0

    def processes(self) -> Mapping[str, int | None]:
        return {"worker": self._worker, "postgres": self._server.processes()["postgres"], DRIVER: os.getpid()}

    def prepare(self, cases: int) -> None:
        self._cases = cases

    def play(self) -> Played:
        began = time.perf_counter()
        handles = [self._open(EFFECTS_BETWEEN_SIGNALS) for _ in range(self._cases)]
        for case, _ in handles:
            part = EFFECTS_BETWEEN_SIGNALS[0] + 1
            for effects in EFFECTS_BETWEEN_SIGNALS[1:]:
                self._answer(case, part)
                part += effects + 1
        for _, handle in handles:
            handle.get_result(polling_interval_sec=POLL)
        return Played(time.perf_counter() - began)

    def latencies(self, at_once: int) -> list[float]:
        """Seconds from the answer to the start of the step after it."""
        waiting = [self._open((1, 1)) for _ in range(self._cases)]
        self._until_waiting([case for case, _ in waiting])

        def one(opened: tuple[str, Any]) -> float:
            began = time.time()
            self._client.send(opened[0], "answered")
            firsts: list[float] = opened[1].get_result(polling_interval_sec=POLL)
            return firsts[0] - began

        with ThreadPoolExecutor(at_once) as threads:
            return list(threads.map(one, waiting))

    def _open(self, blocks: Sequence[int]) -> tuple[str, Any]:
        case = str(uuid.uuid4())
        self._recorded.write(self._db, uuid.UUID(case), 0)
        options: EnqueueOptions = {"workflow_name": "durable", "queue_name": QUEUE, "workflow_id": case}
        return case, self._client.enqueue(options, case, list(blocks))

    def _answer(self, case: str, part: int) -> None:
        self._recorded.write(self._db, uuid.UUID(case), part)
        self._client.send(case, "answered")

    def _until_waiting(self, cases: list[str]) -> None:
        asked = f"SELECT count(*) FROM {SCHEMA}.cases_case WHERE id = ANY(%s::uuid[]) AND applied = 1"
        began = time.monotonic()
        while time.monotonic() - began < DEADLINE:
            row = self._db.execute(asked, [cases]).fetchone()
            if row and row[0] == len(cases):
                return
            time.sleep(PAUSE)
        raise TimeoutError(f"not all of {len(cases)} workflows began to wait")


@contextmanager
def durable(server: Session, *, case: str, outbox: str) -> Iterator[Durable]:
    """`case` is a whole case of the product: its rows are what is written."""
    database = server.addresses["DATABASE_URL"].replace("postgres://", "postgresql://")
    with psycopg.connect(database, autocommit=True) as db:
        recorded = Recorded(db, case, outbox=outbox, transactions=PARTS)
        recorded.make_tables(db)
    command = [sys.executable, "-m", "benchmarks.baselines.durable_worker", database, case, outbox]
    with helper(command, {}, "ready") as worker:
        yield Durable(server, worker.pid, database, recorded)
