"""A part is killed after it has acted and before it could say so."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside
from tests.faults.proving import assert_ended_well

pytestmark = pytest.mark.stack


@pytest.fixture
def holder(stack: Stack) -> Iterator[Inside]:
    """Another process, which holds locks meanwhile."""
    with Inside(stack.environment) as beside:
        yield beside
        beside.let_go()


def test_a_worker_killed_after_the_issuer_acted_and_before_it_answered_orders_one_card(
    stack: Stack, inside: Inside
) -> None:
    case_id = inside.opened()
    inside.play(case_id=case_id, to="email_survey")
    inside.faults(act_then_time_out={"on": "create", "seconds": 30})
    inside.answer(case_id=case_id, kind="email_survey")
    inside.wait_for_new_card(case_id=case_id)

    stack.kill("worker")
    inside.play(case_id=case_id)

    assert_ended_well(inside, case_id)


def test_a_worker_killed_while_the_issuer_is_slow_blocks_the_card_once(stack: Stack, inside: Inside) -> None:
    inside.faults(slow={"on": "update", "seconds": 6})
    case_id = inside.opened()
    inside.fault_has_struck(name="slow")

    stack.kill("worker")
    inside.play(case_id=case_id)

    assert_ended_well(inside, case_id)


def test_a_worker_killed_in_the_midst_of_a_transition_does_it_once(
    stack: Stack, inside: Inside, holder: Inside
) -> None:
    case_id = inside.opened()
    inside.play(case_id=case_id, to="email_survey")
    inside.answer(case_id=case_id, kind="email_survey")
    holder.hold(sql="SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE", case_id=case_id)

    stack.kill("worker")
    holder.let_go()
    inside.play(case_id=case_id)

    assert_ended_well(inside, case_id)


def test_a_relay_killed_between_its_call_and_its_mark_delivers_again_and_it_counts_once(
    stack: Stack, inside: Inside, holder: Inside
) -> None:
    case_id = inside.opened()
    inside.play(case_id=case_id, to="prove_identity")
    stack.kill("temporal", signal.SIGSTOP)
    try:
        inside.answer(case_id=case_id, kind="prove_identity")
        inside.is_leased(case_id=case_id)
        holder.hold(
            sql="SELECT 1 FROM cases_command WHERE case_id = %s AND state = 'waiting' FOR UPDATE", case_id=case_id
        )
    finally:
        stack.kill("temporal", signal.SIGCONT)
    inside.wait_for_signal(case_id=case_id)
    inside.is_lock_waited_for()

    stack.kill("worker")
    assert inside.cut_off_waiters() >= 1
    holder.let_go()
    inside.play(case_id=case_id)

    delivered = inside.signals(case_id=case_id)
    assert delivered.count(delivered[0]) == 2
    assert_ended_well(inside, case_id)
