"""What a search costs when there are many customers: `make bench ARGS="--only search"`, and a part of `make bench`.

Two databases of one PostgreSQL are filled, one with few customers and one with many, and the search of the desk's
header runs in both, each kind many times. What is compared is the time at p95, and the rows that PostgreSQL read.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from devstack import postgres

FEW, MANY = 1_000, 1_000_000
REPETITIONS = 200
READY_WITHIN = 60.0
Searches = Mapping[str, Mapping[str, float]]


def measure(many: int, say: Callable[[str], None]) -> dict[str, Any]:
    """The searches of both sizes, by the number of customers."""
    result = {}
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder, running_cluster(Path(folder)) as cluster:
        for count in (FEW, many):
            say(f"searching among {count} customers")
            result[str(count)] = _driven(cluster, Path(folder), count)
            say(f"filled in {result[str(count)]['filled in s']} s")
    return result


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The table: for each kind of search p95 and rows in both sizes, and how many times as long it takes."""
    (few, ours), (many, theirs) = result.items()
    yield f"{'search, p95 ms and rows read':36}{few + ' customers':>20}{many + ' customers':>22}{'ratio of p95':>14}"
    for kind, found in ours["searches"].items():
        other = theirs["searches"][kind]
        ratio = other["p95 ms"] / found["p95 ms"]
        yield f"{kind:36}{_cell(found):>20}{_cell(other):>22}{ratio:>14.2f}"


def _cell(found: Mapping[str, float]) -> str:
    return f"{found['p95 ms']:.1f}  {found['rows']:.0f}"


def _driven(cluster: postgres.Cluster, folder: Path, count: int) -> dict[str, Any]:
    name = f"customers_{count}"
    command = [str(postgres.programs() / "psql"), cluster.url("postgres").replace("postgres://", "postgresql://", 1)]
    made = subprocess.run([*command, "-qc", f"CREATE DATABASE {name}"], cwd="/", check=False, **postgres.as_own_user())
    if made.returncode:
        raise RuntimeError("the database was not made")
    environment = {**os.environ, "DATABASE_URL": cluster.url(name), "COUNTERSIGN_DATA": str(folder / "data")}
    driver = [sys.executable, "-m", "benchmarks.search_driver", str(count), str(REPETITIONS)]
    ran = subprocess.run(driver, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@contextlib.contextmanager
def running_cluster(folder: Path) -> Iterator[postgres.Cluster]:
    """A PostgreSQL of its own, which need not survive a loss of power."""
    folder.chmod(0o755)
    cluster = postgres.cluster(folder)
    postgres.prepare(cluster)
    log = folder / "postgres.log"
    with log.open("wb") as output:
        command = postgres.serve_command(cluster, durable=False)
        server = subprocess.Popen(command, cwd="/", stdout=output, stderr=output, **postgres.as_own_user())
    try:
        deadline = time.monotonic() + READY_WITHIN
        while not postgres.is_ready(cluster):
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError(log.read_text())
            time.sleep(0.05)
        yield cluster
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=READY_WITHIN)
