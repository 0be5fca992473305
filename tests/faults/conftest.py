"""One embedded stack for all of these tests, and a process beside it that acts and looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.devstack.embedded import running_stack
from tests.faults.inside import Inside


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with running_stack("faults") as running:
        yield running


@pytest.fixture(scope="package")
def inside(stack: Stack) -> Iterator[Inside]:
    with Inside(stack.environment) as beside:
        yield beside
