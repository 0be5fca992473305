"""One embedded stack for these tests, and a process beside it that acts and looks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.stack.forget import forget
from backoffice.stack.stack import Stack
from tests.faults.inside import Inside
from tests.stack.seeing import outside_environment


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="countersign-threats-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with Stack(folder / "data", environment=outside_environment()) as running:
            yield running
    finally:
        forget(folder / "data")
        shutil.rmtree(folder)


@pytest.fixture(scope="package")
def inside(stack: Stack) -> Iterator[Inside]:
    with Inside(stack.environment, module="tests.threats.acting") as beside:
        yield beside
