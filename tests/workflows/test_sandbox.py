"""Production excludes the processes from the sandbox, because that is cheaper. Here they run in the whole sandbox."""

from __future__ import annotations

import pkgutil

import pytest
from temporalio.testing import WorkflowEnvironment

import workflows
from backoffice.engine.codec import data_converter
from backoffice.engine.sandbox import runner
from tests.workflows import reissue, visiting
from tests.workflows.conftest import TEST_SERVER
from tests.workflows.rehearsal import Rehearsal, with_search_attributes

pytestmark = pytest.mark.anyio
DATA = ("spec", "facts", "contracts", "vocabulary")
"""Modules of declarations and structs: msgspec needs the true types of the fields."""


async def test_every_process_plays_in_the_whole_sandbox(anyio_backend: str, golden_keys: None) -> None:
    names = [module.name for module in pkgutil.walk_packages(workflows.__path__, "workflows.")]
    data = [name for name in names if name.rpartition(".")[2] in DATA]
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(), test_server_existing_path=str(TEST_SERVER)
    ) as env:
        played = Rehearsal(await with_search_attributes(env), branch="in the sandbox")
        async with played.worker(sandbox=runner(*data)):
            case = await reissue.open_reissue(played, reason="lost")
            await reissue.order(case)
            await reissue.deliver(case)
            assert await reissue.activate(case) == "done"
            visit = await visiting.open_visit(played)
            await visiting.reach(visit, "review_visit")
            await visit.answer("review_visit", "passed", by="supervisor-1")
            assert await visit.ends() == "done"

    assert {story.spec.name for story in played.processes} == {case.spec.name, visit.spec.name}
