"""Baseline (a): what a user of the SDK would write without us. One no-op activity for each effect, one signal for each
answer, and the same timers, on the same Temporal server. A worker of its own:
`python -m benchmarks.baselines.bare_worker ADDRESS`."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE = "bench-bare"
EFFECTS_BETWEEN_SIGNALS = (3, 1, 3, 1, 2, 5)
"""The effects of a card reissue without risk, between its five outside stimuli (three answers, shipped, delivered):
block, tell, ask to prove | ask the survey | assess, order, tell | tell | tell, ask to activate | activate, tell, close
the old card, tell, close the case. Fifteen; a write of our own and the call that it records count as one."""
EFFECTS = sum(EFFECTS_BETWEEN_SIGNALS)
SIGNALS = len(EFFECTS_BETWEEN_SIGNALS) - 1


@activity.defn
async def no_op(number: int) -> float:
    """Does nothing; gives the time (seconds since 1970) at which it did."""
    return time.time()


@workflow.defn
class Bare:
    def __init__(self) -> None:
        self.answers = 0

    @workflow.signal
    def answered(self) -> None:
        self.answers += 1

    @workflow.run
    async def run(self, blocks: list[int]) -> list[float]:
        """The time of the first activity after each signal."""
        firsts = []
        for position, effects in enumerate(blocks):
            if position:
                expected = position
                await workflow.wait_condition(
                    lambda expected=expected: self.answers >= expected,  # type: ignore[misc]
                    timeout=timedelta(days=14),
                )
            for number in range(effects):
                at = await workflow.execute_activity(no_op, number, start_to_close_timeout=timedelta(seconds=30))
                if position and number == 0:
                    firsts.append(at)
        return firsts


async def main(address: str) -> None:
    client = await Client.connect(address)
    async with Worker(client, task_queue=QUEUE, workflows=[Bare], activities=[no_op]):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
