"""Whoever plays a payment by telephone is killed at each moment of it: it is paid once or not at all, and nobody is
rung twice whom the line still reaches (threat 19)."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from devstack.stack import Stack
from tests.faults.inside import Inside
from tests.faults.paying import VERDICT
from tests.faults.people import (
    CARD,
    CODE,
    Order,
    People,
    assert_books_balance,
    assert_given_back,
    assert_paid_once,
)
from tests.faults.telephones import Telephones

pytestmark = pytest.mark.stack
FOUND_OUT_WITHIN = 10.0
"""Seconds until a process knows that the gateway is gone."""
NOT_RECORDED = frozenset({"captured", "refunded"})
"""Where a refund stands that the process has asked for and not recorded: the provider's own report of it may have come
already, and then our books have it."""


@pytest.fixture(scope="module")
def telephones(stack: Stack) -> Iterator[Telephones]:
    with Telephones(int(stack.environment["VOICE_TRUNK"].rpartition(":")[2])) as all_of_them:
        yield all_of_them


@pytest.fixture
def paying(stack: Stack, inside: Inside) -> Iterator[Inside]:
    """The functions of `paying`, in the same process."""
    ours = inside.of("tests.faults.paying")
    yield ours
    ours.let_all_go()
    for part in ("payments", "voice", "worker"):
        stack.kill(part, signal.SIGCONT)
    ours.no_faults()


@pytest.fixture
def people(paying: Inside, telephones: Telephones) -> People:
    return People(paying, telephones)


def test_a_worker_killed_at_each_moment_of_a_payment_takes_the_money_once(
    stack: Stack, inside: Inside, paying: Inside, people: People
) -> None:
    """Eleven cases and one kill. Of the order the engine has not heard; the gateway was asked and has not answered; it
    has rung, and that is not recorded; the customer has heard what they pay, and keys in. The bank has acted, and not
    answered; it has answered, and that is not recorded; it is recorded; the money is taken, and that is not recorded;
    it is recorded and said, and no receipt is written. And what was not delivered is refunded, and that is not
    recorded."""
    gives_back = people.order()
    people.come_to_pay(gives_back)
    people.key(gives_back)
    no_answer, no_record, not_taken, taken, told = at_the_bank = [people.order() for _case in range(5)]
    keying, hearing = people.order(), people.order()
    people.come_to_pay(*at_the_bank, keying)
    paying.is_at(case_id=gives_back.case_id, stage="paid")

    for case, call in (
        (no_answer, "authorise_payment"), (no_record, "authorise_payment"), (not_taken, "capture_payment"),
        (taken, "capture_payment"), (told, "say_verdict"), (gives_back, "refund_payment"),
    ):  # fmt: skip
        paying.hold(case_id=case.case_id, before=call)
    people.answer(hearing)
    people.hear(hearing)
    people.key(keying, keys=CODE[0])
    people.key(no_answer, no_record)
    paying.faults(act_then_time_out={"on": "authorise", "seconds": 30})
    the_bank_acts(stack, paying, no_answer)
    the_bank_acts(stack, paying, no_record)
    people.key(not_taken, taken, told)
    paying.report(case_id=gives_back.case_id, fulfilled=False)
    stack.kill("worker", signal.SIGSTOP)
    ringing, not_dialled = people.order(), people.order()
    paying.hold(case_id=ringing.case_id, before="ring_customer")
    paying.hold(case_id=not_dialled.case_id, before="case")
    stack.kill("worker", signal.SIGCONT)
    for case in (not_taken, taken):
        paying.has(case_id=case.case_id, event="authorised")
    stack.kill("payments", signal.SIGSTOP)
    paying.let_go(case_id=taken.case_id, before="capture_payment")
    paying.is_begun(case_id=taken.case_id, call="capture_payment")
    paying.hold(case_id=taken.case_id, before="case")
    stack.kill("payments", signal.SIGCONT)
    paying.is_there(case_id=taken.case_id, status="succeeded")
    people.telephones.hears(told.number, VERDICT)
    paying.is_given_back(case_id=gives_back.case_id)
    people.telephones.rings(ringing.number)
    paying.is_keying(case_id=keying.case_id, item="security_code")
    stack.kill("voice", signal.SIGSTOP)
    paying.let_go(case_id=not_dialled.case_id, before="case")
    paying.is_prepared(case_id=not_dialled.case_id)
    stack.take_away("worker")
    stack.kill("voice", signal.SIGCONT)

    try:
        not_begun = people.order()
        stands = [paying.stands(case_id=case.case_id) for case in at_the_bank]
        assert paying.stands(case_id=gives_back.case_id)[0] in NOT_RECORDED
        assert stands == [
            ("authorising", ["requires_capture"], 0), ("authorising", ["requires_capture"], 0),
            ("authorised", ["requires_capture"], 0), ("authorised", ["succeeded"], 0),
            ("captured", ["succeeded"], 1),
        ]  # fmt: skip
        paying.let_all_go()
        people.answer(ringing)
        people.insist(hearing)
        people.key(keying, keys=CODE[1:])
        paying.has(case_id=keying.case_id, event="keyed")
    finally:
        stack.bring_back("worker")
    people.are_asked(hearing)
    people.key(hearing)
    people.agree(ringing)
    people.are_asked(ringing)
    people.key(ringing)
    for case in (not_begun, not_dialled):
        people.come_to_pay(case)
        people.key(case)

    paid = *at_the_bank, keying, hearing, ringing, not_dialled, not_begun
    people.are_served(*paid)
    assert_paid_once(inside, people, *paid)
    assert_given_back(inside, people, gives_back)
    assert_books_balance(inside, people)


def test_a_gateway_killed_in_mid_call_is_found_out_and_the_customer_pays_once(
    stack: Stack, inside: Inside, paying: Inside, people: People
) -> None:
    """Six cases and one kill: the telephone rings; it is read out; half a card is keyed in, while an agent is cut off;
    the provider is asked for a token; it has given one, and nobody was told; the bank is asked. The last one is paid;
    the others are rung once more, and asked for all of it again."""
    ringing, hearing, no_token, not_told, at_the_bank = [people.order() for _case in range(5)]
    keying = people.order(card=CARD, on_file=False, accompanied=True)
    people.come_to_pay(no_token, not_told, at_the_bank)
    people.answer(hearing, keying)
    people.agree(keying)
    people.telephones.answers(keying.agent)
    people.are_asked(keying, item="card_number")
    people.hear(hearing)
    people.telephones.rings(ringing.number)
    paying.hold(case_id=at_the_bank.case_id, before="authorise_payment")
    people.key(at_the_bank)
    people.key(keying, keys=CARD[:8])
    the_bank_acts(stack, paying, at_the_bank)
    paying.is_keying(case_id=keying.case_id, item="card_number")
    paying.faults(slow={"on": "card", "seconds": 30})
    people.key(no_token)
    paying.is_keying(case_id=no_token.case_id, item="security_code", stage="entered")
    paying.fault_is_used_up(case_id=no_token.case_id, name="slow")
    tokens = paying.tokens()
    stack.take_away("web")
    people.key(not_told)
    paying.has_tokens(case_id=not_told.case_id, number=tokens + 1)

    killed_at = time.time()
    stack.kill("voice")
    paying.let_all_go()
    stack.bring_back("web")

    again = ringing, hearing, no_token, not_told
    for case in (*again, keying):
        paying.has(case_id=case.case_id, event="line_lost")
        assert paying.seconds_until_lost(case_id=case.case_id, since=killed_at) < FOUND_OUT_WITHIN
        assert paying.stands(case_id=case.case_id) == ("nothing", [], 0)
    people.are_served(at_the_bank)
    people.answer(*again, keying, rung=2)
    people.agree(keying, rung=2)
    people.agree(ringing)
    people.agree(hearing, no_token, not_told, rung=2)
    people.telephones.answers(keying.agent, times=2)
    people.are_asked(*again)
    people.key(*again)
    people.key_whole_card(keying)
    people.are_served(*again, keying)
    assert_paid_once(inside, people, at_the_bank)
    assert_paid_once(inside, people, *again, keying, rung=2)
    assert_books_balance(inside, people)
    assert files_with(stack, CARD) == ""


def test_a_provider_killed_at_each_request_has_taken_the_money_once(
    stack: Stack, inside: Inside, paying: Inside, people: People
) -> None:
    """Five cases and one kill: it is asked for the money and has done nothing, or has acted and not answered; the same
    when the money is taken; and it has refunded and not answered. Then it stands still for a moment. All that it
    reports comes twice, and late."""
    paying.faults(twice={"times": 100}, late={"times": 100, "seconds": 1.0})
    gives_back = people.order()
    people.come_to_pay(gives_back)
    people.key(gives_back)
    not_held, held, not_taken, taken, stopped = paid = [people.order() for _case in range(5)]
    people.come_to_pay(*paid)
    paying.is_at(case_id=gives_back.case_id, stage="paid")
    for case in (not_taken, taken, stopped):
        paying.hold(case_id=case.case_id, before="capture_payment")
    people.key(not_taken, taken, stopped)
    for case in (not_taken, taken, stopped):
        paying.has(case_id=case.case_id, event="authorised")

    paying.faults(act_then_time_out={"on": "refund", "seconds": 30})
    paying.report(case_id=gives_back.case_id, fulfilled=False)
    paying.is_given_back(case_id=gives_back.case_id)
    paying.faults(act_then_time_out={"on": "capture", "seconds": 30})
    paying.let_go(case_id=taken.case_id, before="capture_payment")
    paying.is_there(case_id=taken.case_id, status="succeeded")
    paying.faults(act_then_time_out={"on": "authorise", "seconds": 30})
    people.key(held)
    paying.is_there(case_id=held.case_id, status="requires_capture")
    paying.faults(slow={"on": "authorise", "seconds": 30})
    people.key(not_held)
    paying.fault_is_used_up(case_id=not_held.case_id, name="slow")
    stands = [paying.stands(case_id=case.case_id) for case in (not_held, held, taken)]
    assert paying.stands(case_id=gives_back.case_id)[0] in NOT_RECORDED
    stack.kill("payments", signal.SIGSTOP)
    paying.let_go(case_id=not_taken.case_id, before="capture_payment")
    paying.is_begun(case_id=not_taken.case_id, call="capture_payment")
    stack.kill("payments")
    stack.wait_ready("payments")
    stack.kill("payments", signal.SIGSTOP)
    paying.let_go(case_id=stopped.case_id, before="capture_payment")
    paying.is_begun(case_id=stopped.case_id, call="capture_payment")
    stack.kill("payments", signal.SIGCONT)

    assert stands == [
        ("authorising", [], 0), ("authorising", ["requires_capture"], 0),
        ("authorised", ["succeeded"], 0),
    ]  # fmt: skip
    people.are_served(*paid)
    assert_paid_once(inside, people, *paid)
    assert_given_back(inside, people, gives_back)
    assert_books_balance(inside, people)


def test_whichever_other_part_is_killed_in_mid_call_it_is_paid_once(
    stack: Stack, inside: Inside, paying: Inside, people: People
) -> None:
    """Two payments, one of them a step behind the other, and a kill after each step."""
    first = people.order()
    stack.kill("celery")
    stack.kill("beat")
    people.answer(first)
    second = people.order()
    stack.kill("web")
    people.answer(second)
    people.agree(first)
    stack.kill("valkey")
    people.are_asked(first)
    people.agree(second)
    stack.kill("temporal")
    people.key(first)
    people.are_asked(second)
    people.key(second)
    paying.is_paid(case_id=first.case_id)
    stack.kill("postgres")
    stack.wait_ready("postgres")
    paying.reconnects()
    people.are_served(first, second)

    assert_paid_once(inside, people, first, second)
    assert_books_balance(inside, people)


def the_bank_acts(stack: Stack, paying: Inside, order: Order) -> None:
    """In a case that is held before the bank is asked: afterwards the bank has acted, and nobody can write that down.
    That it is asked is written before."""
    paying.has(case_id=order.case_id, event="keyed")
    stack.kill("payments", signal.SIGSTOP)
    paying.let_go(case_id=order.case_id, before="authorise_payment")
    paying.is_begun(case_id=order.case_id, call="authorise_payment")
    paying.hold(case_id=order.case_id, before="case")
    stack.kill("payments", signal.SIGCONT)
    paying.is_there(case_id=order.case_id, status="requires_capture")


def files_with(stack: Stack, text: str) -> str:
    """The files of the whole stack in which this text is, line by line: database, logs, histories, recordings."""
    found = subprocess.run(
        ["grep", "--recursive", "--files-with-matches", "--fixed-strings", "--text", text, str(stack.data_dir)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert found.returncode in (0, 1), found.stderr
    return found.stdout
