"""One embedded stack for all of these tests, with telephones, and a process beside it that acts and looks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.devstack.embedded import running_stack
from tests.faults.inside import Inside
from tests.threats.keyed_flows import Phones


@pytest.fixture(scope="package")
def phones() -> Iterator[Phones]:
    """They are there before the stack, whose voice gateway must know where they are."""
    with Phones() as there:
        yield there


@pytest.fixture(scope="package")
def stack(phones: Phones) -> Iterator[Stack]:
    plan = {"VOICE_DIAL_PLAN": json.dumps(phones.dial_plan), "VOICE_LANGUAGES": "en"}
    with running_stack("threats", also=("voice",), **plan) as running:
        yield running


@pytest.fixture(scope="package")
def inside(stack: Stack) -> Iterator[Inside]:
    with Inside(stack.environment, module="tests.threats.acting") as beside:
        yield beside
