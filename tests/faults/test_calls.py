"""Whoever dials, and whoever plays the case, is killed in mid-call: nobody is called twice, and each case goes on.
Meanwhile the publisher of the calls stands still, and later it is killed, and the streams are: no page says for longer
than a moment what is not so."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside
from tests.faults.looking import BELIEVED_FOR, MARGIN, Page

pytestmark = pytest.mark.stack
SPOKEN = ["announced", "dialling", "ringing", "answered", "company_proven", "ended"]
FOUND = ["announced", "dialling", "answered", "company_proven", "ended"]
NOT_MADE = ["announced", "dialling", "not_answered"]
ONCE = {"case.opened", "call_back.booked", "call_back.prepared", "call_back.wrapped_up", "case.closed"}


@pytest.fixture
def calling(stack: Stack, inside: Inside) -> Iterator[Inside]:
    """The functions of `calling`, in the same process."""
    ours = inside.of("tests.faults.calling")
    yield ours
    ours.let_all_go()
    for part in ("publisher", "telephony"):
        stack.kill(part, signal.SIGCONT)


def test_whoever_is_killed_in_mid_call_no_call_is_dialled_twice(stack: Stack, inside: Inside, calling: Inside) -> None:
    """Four cases. The first talks, and the worker is killed: the call ends and is wrapped up before the worker is back.
    Of the others celery is killed: the provider has made the call, and not answered; it has answered, and that is not
    recorded; it was written that the provider is asked, and the request never arrived."""
    talking, no_answer, no_record, no_request = cases = [calling.opened() for _case in range(4)]
    for case_id in cases:
        calling.prepare(case_id=case_id)
    talk(calling, talking)
    page, other = (Page(stack, calling.ticket(case_id=one)) for one in (talking, no_answer))
    assert page.comes_to_say("talking", until=time.monotonic() + MARGIN)

    stack.kill("publisher", signal.SIGSTOP)
    stopped_at = time.monotonic()
    kill_who_dials(stack, inside, calling, no_answer, no_record, no_request)
    stack.kill("worker")
    calling.press(case_id=talking, to="ended")
    calling.wrap_up(case_id=talking, outcome="declined")
    calling.a_minute_passes(case_id=no_request)
    for case_id in (no_answer, no_record):
        calling.reaches(case_id=case_id, state="answered")
        calling.press(case_id=case_id, to="company_proven")
    calling.reaches(case_id=no_request, state="not_answered")

    assert page.comes_to_say("cannot_check", until=stopped_at + BELIEVED_FOR + MARGIN)
    stack.kill("publisher", signal.SIGCONT)
    calling.stays_on(case_id=no_answer)
    assert page.comes_to_say("nobody", until=time.monotonic() + MARGIN)
    assert other.comes_to_say("talking", until=time.monotonic() + MARGIN)
    stack.kill("publisher")
    stack.kill("streams")
    calling.phone(case_id=no_answer, step="hang_up")
    for part in ("publisher", "streams"):
        stack.wait_ready(part)
    assert other.comes_to_say("nobody", until=time.monotonic() + MARGIN)

    finish(calling, no_answer, no_record, no_request)
    for case_id, states in zip(cases, (SPOKEN, FOUND, FOUND, NOT_MADE), strict=True):
        assert_called_once(inside, calling, case_id, states)
    assert inside.reconciled() == []


def talk(calling: Inside, case_id: str) -> None:
    calling.dial(case_id=case_id)
    calling.reaches(case_id=case_id, state="ringing")
    calling.phone(case_id=case_id, step="answer")
    calling.reaches(case_id=case_id, state="answered")
    calling.press(case_id=case_id, to="company_proven")


def kill_who_dials(
    stack: Stack, inside: Inside, calling: Inside, no_answer: str, no_record: str, no_request: str
) -> None:
    """Celery makes two calls at once, so it is killed twice; the provider is killed with a request that it has not
    read. It reports nothing of the other two calls, also not that they are answered: we must look for them."""
    calling.faults(lost_answer={}, drop={"times": 8})
    calling.dial(case_id=no_answer)
    calling.is_made(case_id=no_answer)
    calling.hold(case_id=no_answer, before="record")
    calling.faults(slow={"seconds": 1})
    calling.dial(case_id=no_record)
    calling.is_requested(case_id=no_record)
    calling.hold(case_id=no_record, before="record")
    calling.is_made(case_id=no_record)
    inside.is_lock_waited_for()
    for case_id in (no_answer, no_record):
        calling.is_at_provider(case_id=case_id, status="ringing")
        calling.phone(case_id=case_id, step="answer")
    calling.fault_is_used_up(name="drop")
    stands = [calling.stands(case_id=case_id) for case_id in (no_answer, no_record)]
    stack.kill("telephony", signal.SIGSTOP)
    stack.kill("celery")
    calling.let_all_go()
    calling.dial(case_id=no_request)
    calling.is_requested(case_id=no_request)
    stack.kill("celery")
    stack.kill("telephony")
    stack.wait_ready("telephony")
    assert [*stands, calling.stands(case_id=no_request)] == [(True, False, 1), (True, False, 1), (True, False, 0)]


def finish(calling: Inside, no_answer: str, no_record: str, no_request: str) -> None:
    """One customer has hung up, and at the other our agent does; nobody tries again what was not made."""
    calling.press(case_id=no_record, to="ended")
    for case_id in (no_answer, no_record):
        calling.reaches(case_id=case_id, state="ended")
        calling.wrap_up(case_id=case_id, outcome="declined")
    calling.wrap_up(case_id=no_request, outcome="not_reached")
    calling.nobody_can_call(case_id=no_request)


def assert_called_once(inside: Inside, calling: Inside, case_id: str, states: list[str]) -> None:
    calling.ends(case_id=case_id)
    found, made = inside.look(case_id=case_id), states != NOT_MADE
    outcome = "rejected" if made else "expired"
    assert (found["state"], found["outcome"], found["incidents"]) == ("closed", outcome, []), found
    assert calling.reached(case_id=case_id) == [states]
    calling.is_closed(case_id=case_id)
    assert calling.at_provider(case_id=case_id) == (["completed"] if made else [])
    noted = inside.events(case_id=case_id)
    once = ONCE | {f"call_back.{state}" for state in states[1:]}
    assert {kind: noted.get(kind) for kind in once} == dict.fromkeys(once, 1)
    told = inside.templates(case_id=case_id)
    assert told == dict.fromkeys(told, 1)
    arrived = inside.all_messages_arrive(case_id=case_id)
    assert arrived == dict.fromkeys(arrived, 1)
    assert inside.broken(case_id=case_id) == ""
