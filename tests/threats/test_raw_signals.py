"""Threat 7, by the back door: an attacker who reaches Temporal without our key can answer nothing and change
nothing."""

from __future__ import annotations

import uuid

import pytest

from tests.faults.inside import Inside

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def waiting(inside: Inside) -> str:
    """A case that waits for its approval."""
    case_id: str = inside.risky_case()
    inside.to_approval(case_id=case_id)
    return case_id


def unmoved(inside: Inside, case_id: str) -> None:
    found = inside.look(case_id=case_id)
    assert (found["state"], found["stage"], found["items"]["approve_reissue"]) == ("open", "approval", "open")
    assert found["incidents"] == []


@pytest.mark.parametrize("signal", ["answered", "withdraw", "freeze", "happened"])
def test_a_plain_signal_is_ignored(inside: Inside, waiting: str, signal: str) -> None:
    content = {
        "case": waiting, "command": str(uuid.uuid4()), "step": "approve_reissue", "outcome": "approved",
        "kind": "card_delivered", "reason": "forged",
    }  # fmt: skip
    before = inside.look(case_id=waiting)["applied"]

    inside.forge(case_id=waiting, signal=signal, content=content)

    unmoved(inside, waiting)
    assert inside.look(case_id=waiting)["applied"] == before


def test_sealed_signals_of_another_case_are_ignored_and_the_true_answer_still_counts(
    inside: Inside, waiting: str
) -> None:
    other = inside.risky_case()
    inside.to_approval(case_id=other)
    decision = {"outcome": "approved", "reason": "all is right"}
    assert inside.answer(case_id=other, kind="approve_reissue", data=decision) == ""
    inside.play(case_id=other)

    for signal in ("answered", "withdraw", "happened"):
        assert inside.copy(from_case=other, to_case=waiting, signal=signal) >= 5

    unmoved(inside, waiting)
    for signal in ("answered", "withdraw", "freeze"):
        inside.copy(from_case=waiting, to_case=waiting, signal=signal)
    unmoved(inside, waiting)
    assert inside.answer(case_id=waiting, kind="approve_reissue", data=decision) == ""
    inside.play(case_id=waiting)
    assert inside.look(case_id=waiting)["outcome"] == "done"


def test_a_process_that_was_not_started_by_us_ends_at_once(inside: Inside) -> None:
    assert inside.forged_start(case_id=str(uuid.uuid4())) == "Forged"
