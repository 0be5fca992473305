from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from pytest_django import Settings

from backoffice.customers.models import Customer
from backoffice.messages import sending
from backoffice.messages.delivering import deliver
from backoffice.messages.mail_server import mail_server
from backoffice.messages.models import Message, MessageState
from backoffice.messages.tasks import send_due
from tests.factories import make_customer
from tests.messages.conftest import Post, free_port
from tests.messages.telling import NOON, now_of, told


def test_a_mail_goes_out_once_with_its_reference(customer: Customer, post: Post, clock: object) -> None:
    (message,) = told(customer)

    send_due()
    send_due()

    (mail,) = post.mails
    reference = message.contact.reference
    assert mail["Message-ID"] == f"<{reference}@meridian.example>"
    assert mail["X-Countersign-Reference"] == reference
    assert mail["To"] == message.destination.value
    assert mail["Subject"] == "We blocked a card [K7Q-4MX-2]"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert reference in body.get_content()
        assert customer.phrase in body.get_content()
        assert customer.family_name not in body.get_content()
    assert now_of(message).state == MessageState.SENT
    assert now_of(message).sent_at == NOON


def test_a_text_message_and_a_letter_go_to_their_gateway(customer: Customer, post: Post, clock: object) -> None:
    sms, letter = told(customer, channels=("sms", "letter"))

    send_due()

    by_reference = {sent["reference"]: sent for sent in post.posts}
    assert by_reference[sms.contact.reference]["to"] == sms.destination.value
    assert by_reference[sms.contact.reference]["text"].startswith(customer.phrase)
    assert by_reference[letter.contact.reference]["kind"] == "letter"
    assert by_reference[letter.contact.reference]["to"] == f"{customer.name}\n{letter.destination.value}"


def test_a_code_is_gone_from_its_row_once_its_letter_has_left(customer: Customer, post: Post, clock: object) -> None:
    (letter,) = told(customer, template="post_code", context={"code": "7KQ4-MX2R"}, channels=("letter",))

    send_due()

    assert "7KQ4-MX2R" in post.posts[0]["text"]
    assert "code" not in now_of(letter).context


def test_a_code_is_gone_from_its_row_once_its_letter_has_failed(customer: Customer, post: Post, clock: object) -> None:
    context = {"code": "7KQ4-MX2R"}
    (letter,) = told(customer, template="post_code", context=context, channels=("letter",))
    post.status = 422

    send_due()

    assert (now_of(letter).state, now_of(letter).context) == (MessageState.FAILED, {})


def test_a_code_is_kept_while_its_letter_waits(customer: Customer, post: Post, clock: object) -> None:
    context = {"code": "7KQ4-MX2R"}
    (letter,) = told(customer, template="post_code", context=context, channels=("letter",))
    post.status = 503

    send_due()

    assert "code" in now_of(letter).context


def test_a_reminder_waits_for_the_morning(customer: Customer, post: Post, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 11, 23, 22, 0, tzinfo=UTC))
    told(customer, template="survey_reminder", now=datetime(2026, 11, 23, 22, 0, tzinfo=UTC))

    send_due()
    assert post.mails == []

    clock.move_to(datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    send_due()
    assert len(post.mails) == 1


def test_who_dies_between_sending_and_marking_sends_the_same_mail_again(
    customer: Customer, post: Post, clock: time_machine.Traveller
) -> None:
    (message,) = told(customer)
    (claimed,) = sending.claim(now=NOON)
    deliver(claimed)

    send_due()
    assert len(post.mails) == 1, "the lease still holds"
    clock.shift(sending.LEASE + timedelta(seconds=1))
    send_due()
    send_due()

    assert len(post.mails) == 2, "at least once"
    assert len({mail["Message-ID"] for mail in post.mails}) == 1, "and its readers see it is the same"
    assert now_of(message).state == MessageState.SENT


def test_who_dies_in_the_middle_of_many_sends_again_what_was_not_marked(
    customer: Customer, post: Post, clock: time_machine.Traveller
) -> None:
    for _message in range(5):
        told(customer)
    claimed = sending.claim(now=NOON)
    for message in claimed[:3]:
        deliver(message)

    clock.shift(sending.LEASE + timedelta(seconds=1))
    send_due()

    assert len(post.mails) == 8, "the three that were sent go again, and the two that were not"
    assert len({mail["Message-ID"] for mail in post.mails}) == 5
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}


def test_what_another_sender_has_ended_meanwhile_is_not_marked(customer: Customer, post: Post, clock: object) -> None:
    told(customer)
    (claimed,) = sending.claim(now=NOON)
    Message.objects.update(state=MessageState.FAILED, error="SMTP 550")
    sent = sending.Sent()
    sent.add(claimed)

    sent.mark()

    assert (now_of(claimed).state, now_of(claimed).sent_at) == (MessageState.FAILED, None)


def test_an_error_of_ours_leaves_no_sent_message_unmarked(customer: Customer, post: Post, clock: object) -> None:
    first, second = *told(customer), *told(customer)
    Message.objects.filter(pk=second.pk).update(template="no_such_template")

    with pytest.raises(ValueError, match="no_such_template"):
        send_due()

    assert (now_of(first).state, now_of(second).state) == (MessageState.SENT, MessageState.WAITING)


def test_what_another_sender_has_sent_meanwhile_is_not_tried_again(
    customer: Customer, post: Post, settings: Settings, clock: time_machine.Traveller
) -> None:
    (message,) = told(customer)
    settings.EMAIL_PORT = free_port()
    (claimed,) = sending.claim(now=NOON)
    Message.objects.update(state=MessageState.SENT, sent_at=NOON, leased_until=None)

    with mail_server() as connection_to_it:
        sending._send_batch([claimed], connection_to_it)

    assert (now_of(message).state, now_of(message).error) == (MessageState.SENT, "")


def test_mails_of_several_passes_go_by_one_connection(customer: Customer, post: Post, clock: object) -> None:
    for _pass in range(3):
        told(customer)
        send_due()

    assert len(post.mails) == 3
    assert len(post.connections) == 1


def test_when_the_server_ends_the_connection_the_mail_goes_by_another(
    customer: Customer, post: Post, clock: object
) -> None:
    told(customer)
    send_due()
    (second,) = told(customer)
    post.closing = True

    send_due()

    assert now_of(second).state == MessageState.SENT
    assert len(post.connections) == 2


def test_while_mail_is_down_messages_wait_and_then_they_go(
    customer: Customer, post: Post, settings: Settings, clock: time_machine.Traveller
) -> None:
    messages = [*told(customer), *told(customer), *told(customer, channels=("sms",))]
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    send_due()

    assert len(post.posts) == 1, "text messages go although mail is down"
    waiting = now_of(messages[0])
    assert (waiting.state, waiting.error) == (MessageState.WAITING, "ConnectionRefusedError")
    for _try in range(20):
        clock.shift(timedelta(hours=3))
        send_due()
    assert now_of(messages[0]).state == MessageState.WAITING

    settings.EMAIL_PORT = port
    clock.shift(sending.LONGEST_PAUSE)
    send_due()
    assert len(post.mails) == 2


def test_after_three_days_a_message_fails_where_staff_see_it(
    customer: Customer, post: Post, settings: Settings, clock: time_machine.Traveller
) -> None:
    (message,) = told(customer)
    settings.EMAIL_PORT = free_port()
    clock.shift(sending.GIVE_UP_AFTER + timedelta(seconds=1))

    send_due()

    assert now_of(message).state == MessageState.FAILED
    assert now_of(message).error == "ConnectionRefusedError"


def test_a_recipient_that_is_refused_for_good_fails_at_once_and_the_others_go(
    customer: Customer, post: Post, clock: time_machine.Traveller
) -> None:
    (message,) = told(customer)
    post.refuse = "550 no such mailbox for maria@example.org"
    send_due()
    post.refuse = ""
    told(customer)
    send_due()

    failed = now_of(message)
    assert (failed.state, failed.error) == (MessageState.FAILED, "SMTP 550")
    assert len(post.mails) == 1


def test_a_recipient_that_is_refused_for_now_is_tried_again(
    customer: Customer, post: Post, clock: time_machine.Traveller
) -> None:
    (message,) = told(customer)
    post.refuse = "450 try later"
    send_due()
    assert now_of(message).state == MessageState.WAITING

    post.refuse = ""
    clock.shift(sending.LONGEST_PAUSE)
    send_due()
    assert now_of(message).state == MessageState.SENT


@pytest.mark.parametrize(("status", "state"), [(503, "waiting"), (429, "waiting"), (422, "failed")])
def test_the_gateways_answer_decides(customer: Customer, post: Post, clock: object, status: int, state: str) -> None:
    (message,) = told(customer, channels=("sms",))
    post.status = status

    send_due()

    assert now_of(message).state == state


@pytest.mark.django_db
def test_a_mail_goes_to_the_domain_that_the_customer_wrote(post: Post, clock: object) -> None:
    """`straße.example` is no other spelling of `strasse.example`, whichever version stored the address."""
    customer = make_customer(contacts={"mail": "j.gross@straße.example"})
    told(customer)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL countersign.resealing = 'on'")
    customer.contact_points.filter(kind="mail").update(value="j.gross@straße.example")
    told(customer)

    send_due()

    assert [mail["To"] for mail in post.mails] == ["j.gross@xn--strae-oqa.example"] * 2
