"""Claiming due messages, and marking what was sent."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.customers.models import Customer
from backoffice.messages import sending
from backoffice.messages.models import Message, MessageState
from backoffice.messages.tasks import send_due
from tests.factories import make_customer
from tests.messages.conftest import Post
from tests.messages.telling import NOON, now_of, told


def test_a_claim_is_two_statements_and_brings_all_that_sending_needs(customer: Customer, clock: object) -> None:
    told(customer)
    told(customer, channels=("sms", "letter"))

    with CaptureQueriesContext(connection) as captured:
        claimed = sending.claim(now=NOON)
        needed = {(one.contact.customer, one.contact.reference, one.destination.value) for one in claimed}
        phrases = [one.phrase for one, _reference, _address in needed if one]

    assert len(captured) == 2
    assert phrases == [customer.phrase] * 3


def test_nothing_more_is_asked_where_nothing_is_due(customer: Customer, clock: object) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert sending.claim(now=NOON) == []

    assert len(captured) == 1


def test_a_claim_takes_no_more_than_a_batch_and_the_longest_waiting_first(
    customer: Customer, clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH", 2)
    (last,), (first,), (second,) = told(customer), told(customer), told(customer)
    for message, minutes in ((last, 1), (second, 2), (first, 3)):
        Message.objects.filter(pk=message.pk).update(send_after=NOON - timedelta(minutes=minutes))

    assert sending.claim(now=NOON) == [first, second]
    assert sending.claim(now=NOON) == [last]


def test_many_messages_are_marked_by_few_statements_each_with_its_own_time(
    customer: Customer, post: Post, clock: time_machine.Traveller
) -> None:
    (letter,) = told(customer, template="post_code", context={"code": "7KQ4-MX2R"}, channels=("letter",))
    messages = [*told(customer, context={"reason": "lost"}), *told(customer), letter]
    post.at_each_mail = lambda: clock.shift(timedelta(milliseconds=100))

    with CaptureQueriesContext(connection) as captured:
        send_due()

    assert sum("SET state = 'sent'" in query["sql"] for query in captured) == 1
    times = [now_of(message).sent_at for message in messages[:2]]
    assert times == [NOON + timedelta(milliseconds=100), NOON + timedelta(milliseconds=200)]
    assert [now_of(message).context for message in messages] == [{"reason": "lost"}, {}, {}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("pause", "most"), [(0, sending.MARK_AFTER), (1, 1)])
def test_what_is_sent_is_soon_marked(customer: Customer, post: Post, clock: Any, pause: int, most: int) -> None:
    """With a fast mail server after so many messages, with a slow one after each: so many go twice when one dies."""
    unmarked: list[int] = []

    def look() -> None:
        unmarked.append(len(post.mails) - Message.objects.filter(state=MessageState.SENT).count())
        clock.shift(timedelta(seconds=pause))

    for _message in range(sending.MARK_AFTER + 5):
        told(customer)
    post.at_each_mail = look

    send_due()

    assert len(unmarked) == len(post.mails) == sending.MARK_AFTER + 5
    assert max(unmarked) == most - 1, "before the next arrives"


@pytest.mark.django_db(transaction=True)
def test_what_one_sender_is_claiming_another_passes_over(customer: Customer) -> None:
    told(customer)
    theirs: list[Any] = []

    def claim() -> None:
        theirs.append(sending.claim(now=NOON))
        connection.close()

    other = threading.Thread(target=claim)
    with transaction.atomic():
        mine = sending.claim(now=NOON)
        other.start()
        other.join(timeout=5)
        waited = other.is_alive()
    other.join()

    assert (len(mine), theirs) == (1, [[]])
    assert not waited


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_message_once(post: Post) -> None:
    with time_machine.travel(NOON, tick=True):
        customer = make_customer()
        for _message in range(12):
            told(customer)

        def send() -> None:
            send_due()
            connection.close()

        threads = [threading.Thread(target=send) for _thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(post.mails) == 12
    assert len({mail["Message-ID"] for mail in post.mails}) == 12
