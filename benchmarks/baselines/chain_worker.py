"""Baseline (b): a Celery chain on the same broker that writes one row a step to the same PostgreSQL. It knows no
timers, no waiting for people and no recovery of its own; each step is one task.

`celery -A benchmarks.baselines.chain_worker worker` with DATABASE_URL and CELERY_BROKER_URL set."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from celery import Celery, chain

from benchmarks.baselines.bare_worker import EFFECTS, SIGNALS

STEPS = EFFECTS + SIGNALS
app = Celery("bench-chain", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(
    task_default_queue="bench-chain",
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)
_connection: dict[int, psycopg.Connection[Any]] = {}


def connection() -> psycopg.Connection[Any]:
    pid = os.getpid()
    if pid not in _connection:
        _connection[pid] = psycopg.connect(os.environ["BENCH_DATABASE"], autocommit=True)
    return _connection[pid]


@app.task(name="bench.step")
def step(case: str, number: int) -> None:
    connection().execute("INSERT INTO bench_step (chain, number) VALUES (%s, %s)", (case, number))


def start(case: str) -> None:
    chain(*(step.si(case, number) for number in range(STEPS)))()
