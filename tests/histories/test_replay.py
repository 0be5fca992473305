"""A deploy must not break open cases: today's processes replay every recorded history. `pytest --record-histories
tests/workflows` records them again; do this only when no open case can have the old history.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from backoffice.engine.codec import data_converter
from backoffice.engine.processes import stories
from backoffice.engine.sandbox import runner
from tests.workflows.conftest import GOLDEN_KEYS
from tests.workflows.rehearsal import HISTORIES, case_id_of

RECORDED = sorted(HISTORIES.glob("*/*.json"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_recorded_history_is_played_again_without_a_difference(path: Path, settings: Settings) -> None:
    settings.CODEC_KEYS = GOLDEN_KEYS
    history = WorkflowHistory.from_json(case_id_of(path.parent.name, path.stem), path.read_text())
    replayer = Replayer(workflows=stories(), data_converter=data_converter(), workflow_runner=runner("workflows"))

    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)

    assert result.replay_failure is None
