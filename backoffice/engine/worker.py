"""The worker: it plays the processes, and does their activities on threads with clean database connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connections
from temporalio.client import Client
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    PollerBehaviorAutoscaling,
    Worker,
)

from backoffice.engine.activities import ACTIVITIES
from backoffice.engine.processes import stories
from backoffice.engine.sandbox import runner

log = structlog.get_logger(__name__)


class _CleanConnections(ActivityInboundInterceptor):
    """Closes dead connections on the activity's own thread, and gives its connection back to the pool after it."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        wrapped = input.fn

        def clean(*args: Any) -> Any:
            close_old_connections()
            try:
                return wrapped(*args)
            finally:
                connections.close_all()

        clean.__name__ = getattr(wrapped, "__name__", "activity")
        input.fn = clean
        return await super().execute_activity(input)


class CleanConnections(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _CleanConnections(super().intercept_activity(next))


def make_worker(client: Client, *, task_queue: str | None = None, threads: int | None = None) -> Worker:
    threads = threads or settings.TEMPORAL_ACTIVITY_THREADS
    return Worker(
        client,
        task_queue=task_queue or settings.TEMPORAL_TASK_QUEUE,
        workflows=stories(),
        workflow_runner=runner("workflows"),
        activities=ACTIVITIES,
        activity_executor=ThreadPoolExecutor(max_workers=threads * 2, thread_name_prefix="activity"),
        max_concurrent_activities=threads,
        max_concurrent_local_activities=threads,
        interceptors=[CleanConnections()],
        graceful_shutdown_timeout=timedelta(seconds=8),
        max_cached_workflows=2000,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )
