"""A workflow whose activity fails with personal data in the error's text."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError


@activity.defn
async def leak(name: str) -> None:
    raise ApplicationError(f"{name} Quist is unknown", type="Unknown", non_retryable=True)


@workflow.defn
class Leaking:
    @workflow.run
    async def run(self, name: str) -> None:
        await workflow.execute_activity(leak, name, start_to_close_timeout=timedelta(seconds=10))
