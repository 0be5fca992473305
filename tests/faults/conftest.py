"""One embedded stack for all of these tests, and a process beside it that acts and looks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from devstack.telephones.line import free_port
from tests.devstack.embedded import running_stack
from tests.faults.inside import Inside


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """A worker that comes back waits four times the registry's deadline, and five seconds, before it takes a command up
    that another one left: the deadline is short, so that the tests do not wait long. The voice gateway reaches every
    number at the telephones of the tests (`telephones.py`)."""
    trunk = f"sip:127.0.0.1:{free_port()}"
    with running_stack(
        "faults", also=["voice"], REGISTRY_DEADLINE="1", VOICE_TRUNK=trunk, VOICE_LANGUAGES="en"
    ) as running:
        yield running


@pytest.fixture(scope="package")
def inside(stack: Stack) -> Iterator[Inside]:
    with Inside(stack.environment) as beside:
        yield beside
