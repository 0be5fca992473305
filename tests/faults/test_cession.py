"""The worker is killed while the registry changes holders: each domain has changed hands once, and both know it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside

pytestmark = pytest.mark.stack
SECONDS = 0.8
"""Between what the registry does and its answer; less than its deadline."""
ONCE = {
    "case.opened", "domain.edits_locked", "domain.locked_at_registry", "cession.new_holder_named", "cession.weighed",
    "case.no_return", "cession.contact_made", "domain.holder_changed", "domain.edits_unlocked", "case.closed",
}  # fmt: skip


@pytest.fixture
def ceding(inside: Inside) -> Iterator[Inside]:
    """The functions of `ceding`, in the same process."""
    ours = inside.of("tests.faults.ceding")
    yield ours
    ours.let_all_go()


def test_a_worker_killed_at_each_moment_of_a_change_of_holder_changes_it_once(
    stack: Stack, inside: Inside, ceding: Inside
) -> None:
    """One kill, and four cases: the row of the command is written, and its frame not sent; the registry has acted, and
    not answered; it has answered, and that is not recorded; it is recorded, and the engine has not heard of it."""
    made = ceding.changes_made()
    cases = [ceding.opened() for _case in range(4)]
    no_frame, no_answer, no_record, not_told = cases
    for case_id in (no_frame, no_answer):
        ceding.hold(case_id=case_id, before="frame")
    for case_id in (no_answer, no_record, not_told):
        ceding.hold(case_id=case_id, before="record")
    for case_id in cases:
        ceding.sign(case_id=case_id)
    inside.is_lock_waited_for(times=4)

    ceding.slow_to_answer(seconds=SECONDS)
    ceding.let_go(case_id=no_answer, before="frame")
    ceding.is_acted_on(case_id=no_answer)
    ceding.let_go(case_id=no_frame, before="frame")
    stack.kill("temporal", signal.SIGSTOP)
    try:
        ceding.let_go(case_id=not_told, before="record")
        ceding.is_recorded(case_id=not_told)
        stack.kill("worker")
    finally:
        stack.kill("temporal", signal.SIGCONT)
    stand = {case_id: ceding.stands(case_id=case_id) for case_id in cases}
    ceding.let_all_go()

    assert stand == {
        no_frame: ("sent", False, False),
        no_answer: ("sent", True, False),
        no_record: ("done", True, False),
        not_told: ("done", True, True),
    }
    for case_id in cases:
        ceding.ends(case_id=case_id)
        assert_handed_over(inside, ceding, case_id)
    assert ceding.changes_made() - made == 2 * len(cases), "each domain was locked once, and changed hands once"
    assert inside.reconciled() == []


def assert_handed_over(inside: Inside, ceding: Inside, case_id: str) -> None:
    found = inside.look(case_id=case_id)
    assert (found["state"], found["outcome"], found["incidents"]) == ("closed", "done", []), found
    assert ceding.holders(case_id=case_id) == {
        "new there": True, "new here": True, "times of holders": 2, "locks": set(), "held by": None,
    }  # fmt: skip
    noted = inside.events(case_id=case_id)
    assert {kind: noted.get(kind) for kind in ONCE} == dict.fromkeys(ONCE, 1)
    told = inside.templates(case_id=case_id)
    assert told == dict.fromkeys(told, 1)
    assert {"domain_cession.cession_done by mail", "domain_cession.cession_done_for_new_holder by mail"} <= told.keys()
    arrived = inside.all_messages_arrive(case_id=case_id)
    assert arrived == dict.fromkeys(arrived, 1)
    assert inside.broken(case_id=case_id) == ""
