"""`skipping`: a fresh server that skips time, for one test, with a worker that plays all processes."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytest_django import Settings
from temporalio.testing import WorkflowEnvironment

from backoffice.engine.codec import data_converter
from backoffice.engine.processes import stories
from tests.workflows.rehearsal import Rehearsal, with_search_attributes
from tests.workflows.trial import Trial
from workflows.base.process import Process

TEST_SERVER = Path(sys.executable).parent / "temporal-test-server"
GOLDEN_KEYS = "golden:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
"""Of the tests only, and fixed, so that saved histories can be opened."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def golden_keys(settings: Settings) -> None:
    settings.CODEC_KEYS = GOLDEN_KEYS


@pytest.fixture
async def idle(anyio_backend: str, golden_keys: None, request: pytest.FixtureRequest) -> AsyncIterator[Rehearsal]:
    """A fresh server that skips time, without a worker: a deploy ends one and starts another."""
    branch = re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        yield Rehearsal(await with_search_attributes(env), branch=branch)


@pytest.fixture
async def skipping(idle: Rehearsal, request: pytest.FixtureRequest) -> AsyncIterator[Rehearsal]:
    async with idle.worker():
        yield idle
        await idle.keep_histories(record=request.config.getoption("--record-histories"))


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases continue as new wherever they wait."""
    monkeypatch.setattr(Process, "entries_a_run", 1)


@pytest.fixture
async def trying(anyio_backend: str, golden_keys: None) -> AsyncIterator[Rehearsal]:
    """The same for the trial process, and without keeping histories."""
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        rehearsal = Rehearsal(await with_search_attributes(env), branch="trial", processes=[Trial, *stories()])
        async with rehearsal.worker():
            yield rehearsal
