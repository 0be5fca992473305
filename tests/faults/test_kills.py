"""kill -9 of one part at a time, in the middle of a story: the story still ends, and nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside
from tests.faults.proving import assert_ended_well

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.stack
PARTS = ["web", "worker", "celery", "beat", "temporal", "postgres", "valkey", "issuer", "inbox"]
"""Those that have a part in this story. The others are killed where they have one: the registry in
`tests/devstack/test_registry.py`; the account updater in `test_batches.py`; the telephone provider, the publisher of
the calls and the streams in `test_calls.py`; the voice gateway and the payment provider in `test_payments.py`. The mail
receiver keeps nothing, and answers 250 only for a mail that is stored (`tests/mail_orders/test_receiving.py`)."""


def manage(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=stack.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_the_story_ends_although_a_part_is_killed_in_its_midst(stack: Stack, inside: Inside, part: str) -> None:
    case_id = inside.opened()
    inside.play(case_id=case_id, to="email_survey")
    inside.answer(case_id=case_id, kind="email_survey")

    stack.kill(part)
    inside.play(case_id=case_id)

    stack.wait_ready(part)
    assert_ended_well(inside, case_id)


@pytest.mark.parametrize("part", ["worker", "celery", "temporal", "postgres", "issuer"])
def test_a_card_is_blocked_although_a_part_is_killed_at_the_opening(stack: Stack, inside: Inside, part: str) -> None:
    case_id = inside.opened()

    stack.kill(part)
    inside.play(case_id=case_id)

    assert_ended_well(inside, case_id)


def test_afterwards_the_commands_find_nothing_wrong(stack: Stack, inside: Inside) -> None:
    verified = manage(stack, "verify_timeline")
    reconciled = manage(stack, "reconcile")

    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout.endswith("chain intact\n")
    assert reconciled.returncode == 0, reconciled.stderr
    assert reconciled.stdout.endswith(" cases compared, 0 repaired, 0 reported\n")
