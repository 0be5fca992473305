"""How many calls the voice gateway relays at once: `make bench ARGS="--only voice"`, and a part of `make bench`.

The gateway's media engine runs in a process of its own on one core; on another, a process plays all telephones and
sends speech to both legs of each call every 20 ms. Calls are added until one frame in a hundred leaves over 5 ms late.
The same again with a recording of each leg, which a thread of the process writes after it has taken the tones of keys
out. Counted is the CPU of a relayed leg, too; a leg of a call that is cut listens for keys. The baseline, in the same
run, relays the same packets in the same way without looking into them: an event loop that sends on what it receives.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psutil

from benchmarks.session import end_well

STEP, MOST = 10, 200
SECONDS = 3.0
"""How long each number of calls is measured."""
LATE = 0.01
"""The share of late frames at which the capacity is reached."""


def measure(
    say: Callable[[str], None], *, step: int = STEP, most: int = MOST, seconds: float = SECONDS
) -> dict[str, Any]:
    """Of the gateway, without and with recordings, and of the baseline, one after the other."""
    found: dict[str, Any] = {"work for each core": round(os.getloadavg()[0] / (psutil.cpu_count() or 1), 1)}
    for engine in ("gateway", "recorded", "baseline"):
        say(f"relaying calls: {engine}")
        found[engine] = _capacity(engine, step, most, seconds)
    found["cut"] = _capacity("cut", step, step, seconds)
    return found


def _capacity(engine: str, step: int, most: int, seconds: float) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        relaying = _started(stack, ["-m", "benchmarks.voice_relaying", engine], core=0)
        calling = _started(stack, ["-m", "benchmarks.voice_calling"], core=1)
        best: dict[str, Any] = {}
        for calls in range(step, most + 1, step):
            ports = _ask(relaying, {"calls": calls, "telephones": _ask(calling, {"port": True})})
            _ask(calling, {"ports": ports})
            measured = _ask(relaying, {"measure": seconds})
            in_time = measured["late"] <= LATE * measured["frames"]
            if in_time or not best:
                cpu = round(1000 * measured["cpu"] / seconds / (2 * calls), 2)
                best = {"calls": calls if in_time else 0, "ms of CPU a leg and second": cpu}
            if not in_time:
                break
        return best


def _started(stack: contextlib.ExitStack, arguments: list[str], *, core: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    stack.callback(end_well, process)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(process.pid, {cores[core % len(cores)]})
    return process


def _ask(process: subprocess.Popen[str], what: Mapping[str, Any]) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(what) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The table, with the ratios to the baseline."""
    ours, bare, name = result["gateway"], result["baseline"], "ms of CPU a leg and second"
    recorded = result["recorded"]
    yield "voice gateway: calls at once on one core, two relayed legs each"
    yield f"  calls with 99 % of frames in time  {ours['calls']:>6}   sending on without looking: {bare['calls']}"
    yield f"  the same, with each leg recorded   {recorded['calls']:>6}"
    yield f"  {name}         {ours[name]:>6.2f}   {bare[name]:.2f}, {ours[name] / bare[name]:.1f} times"
    yield f"  the same, with each leg recorded   {recorded[name]:>6.2f}   {recorded[name] / bare[name]:.1f} times"
    yield f"  the same, while keys are taken     {result['cut'][name]:>6.2f}"
    yield f"  work for each core (load)          {result['work for each core']:>6.1f}   above 1 it was a busy machine"
