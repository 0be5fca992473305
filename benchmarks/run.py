"""`make bench`: whole cases on the embedded stack, beside two baselines on the same machine in the same run.

Prints a table, and the same as JSON at the end. Ratios, not seconds, are what to compare between machines. Everything
runs on a stack of its own in a folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from devstack.stack import Stack

CASES, ROUNDS = 40, 5
LATENCY_ROUNDS = {1: 20, 20: 60}
"""How many cases are measured at 1 and at 20 at once."""


@contextmanager
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    folder.chmod(0o755)
    running = Stack(folder, environment={**os.environ, "LOG_LEVEL": "WARNING"})
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def helper(command: Sequence[str], environment: dict[str, str], ready: str) -> Iterator[None]:
    """A process of a baseline, ended when done; waits for its line `ready`."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if ready in line:
                break
        else:
            raise RuntimeError(f"{command} ended before it was ready")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def commit_time_stamps(running: Stack) -> None:
    """Has PostgreSQL note when each transaction was committed; it starts again for that."""
    import psycopg
    from django.db import connection

    with psycopg.connect(
        running.addresses["DATABASE_URL"].replace("postgres://", "postgresql://"), autocommit=True
    ) as db:
        db.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        db.execute("CREATE TABLE bench_step (id bigserial PRIMARY KEY, chain text NOT NULL, number int NOT NULL)")
    connection.close()
    running.kill("postgres")
    running.wait_ready("postgres")


class Bare:
    """Drives baseline (a)."""

    def __init__(self, address: str) -> None:
        import asyncio

        self.address = address
        self.loop = asyncio.new_event_loop()
        self.client = self.loop.run_until_complete(self._connect())

    async def _connect(self) -> Any:
        from temporalio.client import Client

        return await Client.connect(self.address)

    def throughput(self, cases: int) -> float:
        began = time.perf_counter()
        self.loop.run_until_complete(self._play(cases))
        return cases / (time.perf_counter() - began)

    async def _play(self, cases: int) -> None:
        import asyncio

        from benchmarks.bare import EFFECTS_BETWEEN_SIGNALS, QUEUE, SIGNALS, Bare

        async def one() -> None:
            handle = await self.client.start_workflow(
                Bare.run, list(EFFECTS_BETWEEN_SIGNALS), id=f"bare-{uuid.uuid4()}", task_queue=QUEUE
            )
            for _ in range(SIGNALS):
                await handle.signal(Bare.answered)
            await handle.result()

        await asyncio.gather(*(one() for _ in range(cases)))

    def signal_to_activity(self, count: int, *, at_once: int) -> list[float]:
        return self.loop.run_until_complete(self._latency(count, at_once))

    async def _latency(self, count: int, at_once: int) -> list[float]:
        import asyncio

        from benchmarks.bare import QUEUE, Bare

        gate = asyncio.Semaphore(at_once)

        async def one() -> float:
            async with gate:
                handle = await self.client.start_workflow(
                    Bare.run, [1, 1], id=f"latency-{uuid.uuid4()}", task_queue=QUEUE
                )
                while (await handle.describe()).history_length < 9:
                    await asyncio.sleep(0.02)
                began = time.time()
                await handle.signal(Bare.answered)
                firsts: list[float] = await handle.result()
                return firsts[0] - began

        return list(await asyncio.gather(*(one() for _ in range(count))))

    def history(self, workflow_id: str) -> tuple[int, int]:
        """Events and bytes of a workflow's history."""
        return self.loop.run_until_complete(self._history(workflow_id))

    async def _history(self, workflow_id: str) -> tuple[int, int]:
        history = await self.client.get_workflow_handle(workflow_id).fetch_history()
        return len(history.events), sum(event.ByteSize() for event in history.events)

    def one(self) -> str:
        from benchmarks.bare import EFFECTS_BETWEEN_SIGNALS, QUEUE, SIGNALS
        from benchmarks.bare import Bare as Workflow

        async def play() -> str:
            handle = await self.client.start_workflow(
                Workflow.run, list(EFFECTS_BETWEEN_SIGNALS), id=f"bare-{uuid.uuid4()}", task_queue=QUEUE
            )
            for number in range(SIGNALS):
                while (await handle.query("__temporal_workflow_metadata")) is None:
                    pass
                while (await handle.describe()).history_length < 6 * (number + 1):
                    time.sleep(0.02)
                time.sleep(0.3)
                await handle.signal(Workflow.answered)
            await handle.result()
            return str(handle.id)

        return self.loop.run_until_complete(play())


def chain_throughput(cases: int) -> float:
    from benchmarks import chain

    names = [str(uuid.uuid4()) for _ in range(cases)]
    began = time.perf_counter()
    for name in names:
        chain.start(name)
    last = chain.STEPS - 1
    while True:
        row = (
            chain.connection()
            .execute("SELECT count(*) FROM bench_step WHERE number = %s AND chain = ANY(%s)", (last, names))
            .fetchone()
        )
        if row and row[0] == cases:
            return cases / (time.perf_counter() - began)
        time.sleep(0.01)


def statements_per_case(running: Stack) -> int:
    """SQL statements of one whole case: faces, relay and worker, all in this process, without the sending of mail."""
    import asyncio
    import threading

    from django.conf import settings
    from django.db.backends.signals import connection_created

    from backoffice.engine import client
    from backoffice.engine.relay import relay_all
    from backoffice.engine.worker import make_worker
    from benchmarks import ours

    running.take_away("celery")
    settings.TEMPORAL_TASK_QUEUE = "bench-counting"
    counting = ours.Counting()

    def count(connection: Any, **_: object) -> None:
        if counting not in connection.execute_wrappers:
            connection.execute_wrappers.append(counting)

    done = threading.Event()

    async def work() -> None:
        async with make_worker(await client.connect()):
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    cards = ours.make_cards(1)
    from django.db import connection

    connection.close()
    connection_created.connect(count)
    thread.start()

    def deliver() -> None:
        while not done.is_set():
            before = counting.mine()
            if relay_all() == 0:
                counting.forget(counting.mine() - before)
            done.wait(0.05)

    try:
        relaying = threading.Thread(target=deliver)
        relaying.start()
        looked = ours.POLLS.total()
        ours.play(cards)
        return counting.total() - (ours.POLLS.total() - looked)
    finally:
        done.set()
        thread.join()
        relaying.join()
        connection_created.disconnect(count)
        settings.TEMPORAL_TASK_QUEUE = "countersign"
        running.bring_back("celery")


def cpu_seconds(running: Stack) -> dict[str, float]:
    """CPU time that each part, with its children, and this driver have used."""
    used = {}
    for row in running.rows():
        family = [psutil.Process(row.pid), *psutil.Process(row.pid).children(recursive=True)] if row.pid else []
        used[row.name] = sum(sum(process.cpu_times()[:2]) for process in family)
    used["driver"] = time.process_time()
    return used


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """p50 and p95, in milliseconds."""
    ordered = sorted(values)
    return statistics.median(ordered) * 1000, ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000


def measure(cases: int, rounds: int) -> dict[str, Any]:
    with stack() as running:
        environment = running.environment
        os.environ.update({name: value for name, value in environment.items() if isinstance(value, str)})
        import django

        django.setup()
        commit_time_stamps(running)
        os.environ["BENCH_DATABASE"] = running.addresses["DATABASE_URL"].replace("postgres://", "postgresql://")
        bare_worker = [sys.executable, "-m", "benchmarks.bare", running.addresses["TEMPORAL_ADDRESS"]]
        chain_worker = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "benchmarks.chain",
            "worker",
            "-c",
            "2",
            "-Q",
            "bench-chain",
            "-l",
            "INFO",
        ]
        with helper(bare_worker, dict(os.environ), "ready"), helper(chain_worker, dict(os.environ), "ready"):
            return _measure(running, cases, rounds)


def _measure(running: Stack, cases: int, rounds: int) -> dict[str, Any]:
    from backoffice.cases.models import Case
    from benchmarks import ours

    bare = Bare(running.addresses["TEMPORAL_ADDRESS"])
    ours.play(ours.make_cards(4))
    bare.throughput(4)
    chain_throughput(4)
    found: dict[str, list[float]] = {"ours": [], "bare": [], "chain": []}
    spent: list[dict[str, float]] = []
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        cards = ours.make_cards(cases)
        before = cpu_seconds(running)
        found["ours"].append(cases / ours.play(cards))
        after = cpu_seconds(running)
        spent.append({part: 1000 * (after[part] - before[part]) / cases for part in after})
        found["bare"].append(bare.throughput(cases))
        found["chain"].append(chain_throughput(cases))
    result: dict[str, Any] = {
        "cases a round": cases,
        "rounds": rounds,
        "cases a second": {name: round(statistics.median(values), 2) for name, values in found.items()},
    }
    result["CPU ms of a case"] = {part: round(statistics.median(one[part] for one in spent), 1) for part in spent[0]}
    medians = result["cases a second"]
    result["ratio to bare SDK"] = round(medians["ours"] / medians["bare"], 2)
    result["ratio to Celery chain"] = round(medians["ours"] / medians["chain"], 2)
    for at_once, count in LATENCY_ROUNDS.items():
        mine = quantiles(ours.answer_to_next(ours.make_cards(count), at_once=at_once))
        theirs = quantiles(bare.signal_to_activity(count, at_once=at_once))
        result[f"answer to next item, {at_once} at once"] = {
            "p50 ms": round(mine[0], 1),
            "p95 ms": round(mine[1], 1),
            "bare p50 ms": round(theirs[0], 1),
            "bare p95 ms": round(theirs[1], 1),
            "p95 ratio": round(mine[1] / theirs[1], 2),
        }
    case = Case.objects.filter(outcome="done").latest("closed_at")
    events, size = bare.history(str(case.id))
    result["history of a case"] = {"events": events, "bytes": size}
    bare_events, bare_size = bare.history(bare.one())
    result["history of a bare case"] = {"events": bare_events, "bytes": bare_size}
    result["SQL statements of a case"] = statements_per_case(running)
    return result


def table(result: dict[str, Any]) -> Iterator[str]:
    for name, value in result.items():
        if isinstance(value, dict):
            yield f"{name:36} " + "   ".join(f"{key} {number}" for key, number in value.items())
        else:
            yield f"{name:36} {value}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=CASES)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = arguments.parse_args()
    result = measure(chosen.cases, chosen.rounds)
    print("\n".join(table(result)))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
