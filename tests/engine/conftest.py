"""A Temporal server for the whole run, a task queue of its own for each test, and the relay and worker of the product.

Rows are really committed here, because activities run on threads and see only committed rows.
"""

from __future__ import annotations

import contextlib
import sysconfig
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from backoffice.cases.catalogue import BoundCall, BoundEffect, Process, Record
from backoffice.cases.models import Case
from backoffice.engine import client as engine
from backoffice.engine import search_attributes, worker
from tests.catalogue import installed
from tests.engine.bell import BELL, CALL, FAIL, Bell, Rung
from workflows.base.spec import Nothing

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"
Working = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="session")
def temporal_server() -> Iterator[WorkflowEnvironment]:
    quick_timers = ["--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"']
    server = engine.run(
        WorkflowEnvironment.start_local(dev_server_existing_path=str(TEMPORAL), dev_server_extra_args=quick_timers),
        timeout=60,
    )
    engine.run(search_attributes.register(server.client))
    yield server
    engine.run(server.shutdown(), timeout=30)


@pytest.fixture
def bells() -> Iterator[None]:
    """The process of these tests is known, for as long as the test runs."""
    with installed(make_bell()):
        yield


def make_bell(*, fail: Any = None, call: Any = None) -> Process:
    """The bell for the catalogue; `fail` and `call` do its effect and its call of an outside system."""
    return Process(
        spec=BELL,
        story=Bell,
        prepare=lambda *, case, content, by, now: Nothing(),
        items=(),
        effects=(BoundEffect(FAIL, fail or (lambda *, case, args, now: Nothing())),),
        calls=(BoundCall(CALL, call or _rings),),
    )


def _rings(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Rung]:
    return lambda case, now: Rung()


@pytest.fixture
def temporal(temporal_server: WorkflowEnvironment, settings: Settings, bells: None) -> Client:
    """Our client of the server, with our codec; the settings lead to it and to a task queue of this test."""
    settings.TEMPORAL_ADDRESS = temporal_server.client.service_client.config.target_host
    settings.TEMPORAL_TASK_QUEUE = f"test-{uuid.uuid4().hex[:8]}"
    return engine.run(engine.client())


async def started(temporal: Client) -> Worker:
    """The product's worker, made and entered on the engine's loop, as `temporal_worker` does."""
    return await worker.make_worker(temporal).__aenter__()


@pytest.fixture
def working(temporal: Client, monkeypatch: pytest.MonkeyPatch) -> Working:
    """`with working(Bell):` the product's own worker plays these processes."""

    @contextlib.contextmanager
    def run(*played: type) -> Iterator[None]:
        monkeypatch.setattr(worker, "stories", lambda: list(played) or [Bell])
        made = engine.run(started(temporal), timeout=60)
        try:
            yield
        finally:
            engine.run(made.__aexit__(None, None, None), timeout=60)

    return run
