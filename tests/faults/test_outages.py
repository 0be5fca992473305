"""A part is away for longer: answers are still taken, and everything is done when it is back."""

from __future__ import annotations

import urllib.request

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside
from tests.faults.proving import assert_ended_well

pytestmark = pytest.mark.stack


def page(stack: Stack, path: str) -> int:
    with urllib.request.urlopen(stack.addresses["PUBLIC_URL"] + path, timeout=30) as answer:
        return int(answer.status)


@pytest.mark.parametrize("part", ["temporal", "valkey", "issuer", "inbox"])
def test_answers_are_taken_while_a_part_is_away_and_followed_when_it_is_back(
    stack: Stack, inside: Inside, part: str
) -> None:
    case_id = inside.opened()
    inside.play(case_id=case_id, to="email_survey")

    stack.take_away(part)
    try:
        answered = inside.answer(case_id=case_id, kind="email_survey")
        livez, check = page(stack, "/livez"), page(stack, "/check/")
    finally:
        stack.bring_back(part)

    assert (answered, livez, check) == ("answered", 200, 200)
    inside.play(case_id=case_id)
    assert_ended_well(inside, case_id)


def test_an_answer_whose_wake_up_is_lost_is_found_by_the_sweep(stack: Stack, inside: Inside) -> None:
    case_id = inside.opened()
    inside.play(case_id=case_id, to="prove_identity")
    stack.take_away("worker")
    try:
        inside.answer(case_id=case_id, kind="prove_identity")
        assert inside.look(case_id=case_id)["commands"][-1] == "waiting"
    finally:
        stack.bring_back("worker")

    inside.wait_for(case_id=case_id, kind="email_survey")
    inside.play(case_id=case_id)
    assert_ended_well(inside, case_id)
