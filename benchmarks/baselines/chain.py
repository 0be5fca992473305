"""Drives baseline (b), a chain of Celery tasks."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import psycopg

from benchmarks.session import DRIVER, Played, Session, helper

PAUSE = 0.01


class CeleryChain:
    name = "Celery chain"
    load = frozenset({DRIVER})

    def __init__(self, server: Session, worker: int, module: ModuleType) -> None:
        self._server, self._worker, self._chain = server, worker, module
        self._cases = 0

    def processes(self) -> Mapping[str, int | None]:
        parts = self._server.processes()
        stores = {name: parts[name] for name in ("postgres", "valkey")}
        return {"worker": self._worker, **stores, DRIVER: os.getpid()}

    def prepare(self, cases: int) -> None:
        self._cases = cases

    def play(self) -> Played:
        names = [str(uuid.uuid4()) for _ in range(self._cases)]
        began = time.perf_counter()
        for name in names:
            self._chain.start(name)
        ended = "SELECT count(*) FROM bench_step WHERE number = %s AND chain = ANY(%s)"
        while True:
            row = self._chain.connection().execute(ended, (self._chain.STEPS - 1, names)).fetchone()
            if row and row[0] == len(names):
                return Played(time.perf_counter() - began)
            time.sleep(PAUSE)

    def latencies(self, at_once: int) -> list[float]:
        """None: a chain waits for nobody."""
        return []


@contextmanager
def celery_chain(server: Session) -> Iterator[CeleryChain]:
    database = server.addresses["DATABASE_URL"].replace("postgres://", "postgresql://")
    with psycopg.connect(database, autocommit=True) as db:
        db.execute("CREATE TABLE bench_step (id bigserial PRIMARY KEY, chain text NOT NULL, number int NOT NULL)")
    environment = {"CELERY_BROKER_URL": server.addresses["CELERY_BROKER_URL"], "BENCH_DATABASE": database}
    command = [
        sys.executable, "-m", "celery", "-A", "benchmarks.baselines.chain_worker", "worker",
        "-c", "2", "-Q", "bench-chain", "-l", "INFO",
    ]  # fmt: skip
    with helper(command, environment, "ready") as worker:
        os.environ.update(environment)
        from benchmarks.baselines import chain_worker

        yield CeleryChain(server, worker.pid, chain_worker)
