"""What it costs that every open page knows who is calling: `make bench ARGS="--only live"`, and a part of `make bench`.

Ten thousand pages hold a stream each; some of their customers are called. Counted are the queries a second that the
database answers for all of them, the memory of the streams' process for each, its CPU, and the time from the commit of
a state to its arrival at the page. The baseline, in the same run and on the same database, are pages that ask by
themselves every two seconds: the queries that they need, and those that this machine can answer at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from backoffice import readiness
from benchmarks.rounds import quantile
from benchmarks.searching import running_cluster
from devstack import probes, servers

WATCHERS, CALLS = 10_000, 80
QUIET, POLL = 10.0, 5.0
ASKS_EVERY = 2.0
"""Seconds, of a page of the baseline."""
READY_WITHIN = 60.0


def measure(watchers: int, say: Callable[[str], None]) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-live-")))
        cluster = stack.enter_context(running_cluster(folder))
        port = _free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.url("postgres"),
            "CACHE_URL": f"unix://{servers.valkey_socket(folder)}?db=1",
            readiness.VARIABLE: str(folder / "ready"),
            "COUNTERSIGN_DATA": str(folder / "data"),
            "PUBLIC_URL": "http://live",
            "LOG_LEVEL": "WARNING",
        }
        servers.prepare_valkey(folder)
        valkey = servers.valkey_socket(folder)
        _run(stack, servers.valkey_command(folder), os.environ, lambda: probes.valkey_answers(valkey))
        sizes = [str(watchers), str(min(CALLS, watchers))]
        driver = _talked_to(stack, ["-m", "benchmarks.live_driver", str(folder), *sizes], environment)
        say(f"making {watchers} tickets")
        _ask(driver, "tickets")
        python = sys.executable
        publisher = _run(stack, [python, "manage.py", "publish_calls"], environment, (folder / "ready").exists)
        unlimited = {**environment, "DATABASE_URL": "django.db.backends.dummy:///none"}
        streams = _run(stack, [python, "-m", "benchmarks.live_streams", str(port)], unlimited, lambda: _answers(port))
        return _measured(stack, driver, psutil.Process(publisher.pid), psutil.Process(streams.pid), port, folder, say)


def _measured(
    stack: contextlib.ExitStack, driver: Any, publisher: psutil.Process, streams: psutil.Process, port: int,
    folder: Path, say: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    before = streams.memory_info().rss
    began = time.monotonic()
    watching = _talked_to(stack, ["-m", "benchmarks.live_watchers", str(port), str(folder / "cookies")], os.environ)
    watchers = int(watching.stdout.readline().split()[1])
    opened = time.monotonic() - began
    say(f"{watchers} pages are open after {opened:.1f} s; nothing happens for {QUIET:.0f} s")
    cpu = {"publisher": _cpu(publisher), "streams": _cpu(streams)}
    queries = _ask(driver, f"quiet {QUIET}")
    used = {"publisher": _cpu(publisher) - cpu["publisher"], "streams": _cpu(streams) - cpu["streams"]}
    memory = (streams.memory_info().rss - before) / watchers
    say("pressing")
    load = os.getloadavg()[0] / (psutil.cpu_count() or 1)
    commits = _ask(driver, "press")
    time.sleep(2 * ASKS_EVERY)
    heard = json.loads(watching.communicate(timeout=READY_WITHIN)[0].splitlines()[-1])
    seconds = arrivals(commits, heard)
    say("asking the database as pages would by themselves")
    answered = _ask(driver, f"poll {POLL}")
    return {
        "watchers": watchers,
        "queries a second": queries,
        "kB a watcher": round(memory / 1024, 1),
        "cores, quiet": {name: round(spent / QUIET, 3) for name, spent in used.items()},
        "work for each core": round(load, 1),
        "presses": len(commits),
        "arrived": len(seconds),
        "press to page, p50 s": round(quantile(seconds, 0.5), 3),
        "press to page, p95 s": round(quantile(seconds, 0.95), 3),
        "press to page, longest s": round(max(seconds), 3),
        "baseline: queries a second that they need": watchers / ASKS_EVERY,
        "baseline: queries a second that it answers": answered,
    }


def arrivals(commits: list[tuple[int, float, str]], heard: list[tuple[int, float, str]]) -> list[float]:
    """Seconds from each commit to the arrival of its state at its page; what never arrived is missing."""
    found = []
    for watcher, at, state in commits:
        after = [then - at for line, then, said in heard if line == watcher and said == state and then >= at - 0.05]
        if after:
            found.append(max(0.0, min(after)))
    return found


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The table, with the ratios to pages that ask by themselves."""
    needs, ours = result["baseline: queries a second that they need"], result["queries a second"]
    can = result["baseline: queries a second that it answers"]
    yield f"{result['watchers']} open pages: who of us is calling"
    asking = f"asking every {ASKS_EVERY:.0f} s: {needs:.0f}, {needs / ours:.0f} times"
    yield f"  queries a second           {ours:>10.1f}   {asking}"
    yield f"  of those that it answers   {ours / can:>10.2%}   asking: {needs / can:.0%}"
    yield f"  kB of memory a page        {result['kB a watcher']:>10.1f}"
    yield "  cores while nothing happens  " + ", ".join(f"{name} {n:.3f}" for name, n in result["cores, quiet"].items())
    p50, p95 = result["press to page, p50 s"], result["press to page, p95 s"]
    yield f"  press to page, p50 s       {p50:>10.3f}   asking: {ASKS_EVERY / 2:.3f}, {ASKS_EVERY / 2 / p50:.1f} times"
    yield f"  press to page, p95 s       {p95:>10.3f}   asking: {0.95 * ASKS_EVERY:.3f}; the goal is 2"
    yield f"  presses that arrived       {result['arrived']:>10} of {result['presses']}"
    yield f"  work for each core (load)  {result['work for each core']:>10.1f}   above 1 it was a busy machine"


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _ask(driver: subprocess.Popen[str], what: str) -> Any:
    assert driver.stdin is not None
    assert driver.stdout is not None
    driver.stdin.write(what + "\n")
    driver.stdin.flush()
    line = driver.stdout.readline()
    if not line:
        raise RuntimeError(f"the driver died while it was to {what}")
    return json.loads(line)


def _talked_to(stack: contextlib.ExitStack, arguments: list[str], environment: Mapping[str, str]) -> Any:
    process = subprocess.Popen(
        [sys.executable, *arguments], env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    stack.callback(_end, process)
    return process


def _run(
    stack: contextlib.ExitStack, command: list[str], environment: Mapping[str, str], answers: Callable[[], bool]
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)
    stack.callback(_end, process)
    deadline = time.monotonic() + READY_WITHIN
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{command} does not answer")
        time.sleep(0.05)
    return process


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(timeout=READY_WITHIN)


def _answers(port: int) -> bool:
    return probes.http_answers(port, "/live/healthz", expected=200)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
