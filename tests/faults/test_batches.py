"""Worker, web and account updater are killed in mid-batch: it is one batch, and each line has one answer."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside

pytestmark = pytest.mark.stack
MOVED = ("A", "moved", "network")
ONCE = {
    "case.opened", "autopay.inventory", "autopay.sent", "autopay.answered", "autopay.settled", "autopay.summed_up",
    "case.closed",
}  # fmt: skip


@pytest.fixture
def batching(inside: Inside) -> Iterator[Inside]:
    """The functions of `batching`, in the same process."""
    ours = inside.of("tests.faults.batching")
    yield ours
    ours.let_all_go()


def test_worker_web_and_updater_killed_in_mid_batch_lose_no_payment(
    stack: Stack, inside: Inside, batching: Inside
) -> None:
    """Three cases. The worker is killed while the answer to the batch is lost, while it is not recorded, and while the
    engine has not heard of it. The updater is killed then as well, and once more after an answer was taken and before
    it could note that; web is killed while it takes one in. All this before the worker is back."""
    before = len(batching.batches())
    cases = sent_while_worker_and_updater_are_killed(stack, inside, batching)
    answered_while_updater_and_web_are_killed(stack, inside, batching, first=before)

    for case_id in cases:
        batching.ends(case_id=case_id)
        assert_moved(inside, batching, case_id)
    assert len(batching.batches()) - before == len(cases), "the same batch was sent again, and no other"
    assert inside.reconciled() == []


def sent_while_worker_and_updater_are_killed(stack: Stack, inside: Inside, batching: Inside) -> list[str]:
    stack.kill("worker", signal.SIGSTOP)
    held = no_record, not_told = batching.opened(), batching.opened()
    for case_id in held:
        batching.hold(case_id=case_id, before="record")
    stack.kill("worker", signal.SIGCONT)
    inside.is_lock_waited_for(times=2)
    batching.lose_answer()
    no_answer = batching.opened()
    batching.is_taken(case_id=no_answer)
    stack.kill("temporal", signal.SIGSTOP)
    try:
        batching.let_go(case_id=not_told, before="record")
        batching.is_recorded(case_id=not_told)
        stack.kill("worker")
        stack.kill("updater")
    finally:
        stack.kill("temporal", signal.SIGCONT)
    batching.let_all_go()
    stack.wait_ready("updater")
    assert [batching.stands(case_id=one) for one in (no_answer, no_record, not_told)] == [
        (True, False, 0), (True, False, 0), (True, True, 0),
    ]  # fmt: skip
    return [no_answer, no_record, not_told]


def answered_while_updater_and_web_are_killed(stack: Stack, inside: Inside, batching: Inside, *, first: int) -> None:
    """The updater delivers one response after the other, in the order of the batches."""
    twice, broken_off = batching.of_batch(number=first), batching.of_batch(number=first + 1)
    for case_id in (twice, broken_off):
        batching.hold(case_id=case_id, before="answer")
    batching.two_days_pass()
    inside.is_lock_waited_for()
    stack.kill("updater", signal.SIGSTOP)
    batching.let_go(case_id=twice, before="answer")
    batching.is_answered(case_id=twice)
    stack.kill("updater")
    inside.is_lock_waited_for()
    stack.kill("web")
    assert batching.answered(case_id=broken_off) == 0
    batching.let_go(case_id=broken_off, before="answer")


def assert_moved(inside: Inside, batching: Inside, case_id: str) -> None:
    found = inside.look(case_id=case_id)
    assert (found["state"], found["outcome"], found["incidents"]) == ("closed", "done", []), found
    assert batching.payments(case_id=case_id) == {
        "lines": [MOVED], "with the new card": 3, "responses": 1, "apart": 0,
    }  # fmt: skip
    noted = inside.events(case_id=case_id)
    assert {kind: noted.get(kind) for kind in ONCE} == dict.fromkeys(ONCE, 1)
    told = inside.templates(case_id=case_id)
    assert told == {"autopay_update.update_started by mail": 1, "autopay_update.summary by mail": 1}
    arrived = inside.all_messages_arrive(case_id=case_id)
    assert arrived == dict.fromkeys(arrived, 1)
    assert inside.broken(case_id=case_id) == ""
