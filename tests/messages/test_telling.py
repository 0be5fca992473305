from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.actors import system
from backoffice.customers.contact_points import current, supersede
from backoffice.customers.models import Customer
from backoffice.messages.models import Message, MessageState
from backoffice.messages.telling import Notice, tell, tell_all, tell_old_addresses
from backoffice.trust.models import Contact
from backoffice.trust.register import of_customer
from tests.factories import actor, make_staff
from tests.messages.telling import written

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


ABOUT_NO_CASE: dict[str, Any] = {"case_id": None, "case_reference": "", "context": {}, "by": system(), "now": NOON}


def told(customer: Customer, template: str = "card_blocked", **changes: Any) -> list[Message]:
    what: dict[str, Any] = {"context": {}, "channels": ("mail",), "by": system(), "now": NOON}
    what |= {"customer": customer, "case_id": uuid4(), "case_reference": "K7Q-4MX-2", "template": template}
    return written(tell, **(what | changes))


def test_every_message_is_registered_before_it_leaves(customer: Customer) -> None:
    messages = told(customer, channels=("mail", "sms", "letter"))

    assert [message.state for message in messages] == [MessageState.WAITING] * 3
    contacts = list(of_customer(customer))
    assert {contact.channel for contact in contacts} == {"mail", "sms", "letter"}
    assert len({contact.reference for contact in contacts}) == 3
    for contact in contacts:
        assert contact.case_reference == "K7Q-4MX-2"
        assert contact.purpose == "card_blocked"
        assert contact.address_masked
        assert len(contact.reference.replace("-", "")) == 14


def test_a_contact_holds_the_address_only_masked(customer: Customer) -> None:
    told(customer)
    mail = current(customer=customer, kind="mail")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text || row_to_json(m)::text FROM trust_contact c, outgoing_message m")
        (row,) = cursor.fetchone()

    assert mail is not None
    assert mail.value not in row


def test_what_is_rolled_back_was_never_registered(customer: Customer) -> None:
    with transaction.atomic():
        told(customer)
        transaction.set_rollback(True)

    assert not Contact.objects.exists()
    assert not Message.objects.exists()


def test_a_channel_without_an_address_is_left_out(customer: Customer) -> None:
    customer.contact_points.filter(kind="phone").update(superseded_at=NOON)

    assert [message.contact.channel for message in told(customer, channels=("mail", "sms"))] == ["mail"]
    assert told(customer, channels=("sms",)) == []


def test_reminders_and_what_rings_wait_until_the_customers_morning_unless_urgent(customer: Customer) -> None:
    morning = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

    mail, text = told(customer, now=NIGHT, channels=("mail", "sms"))
    (reminder,) = told(customer, now=NIGHT, template="survey_reminder")
    urgent_text, urgent_mail = told(customer, now=NIGHT, urgent=True, channels=("sms", "mail"))
    (day,) = told(customer, now=NOON, template="survey_reminder")

    assert (mail.send_after, text.send_after, reminder.send_after) == (NIGHT, morning, morning)
    assert urgent_text.send_after == urgent_mail.send_after == NIGHT
    assert day.send_after == NOON


def test_who_of_us_contacted_the_customer_is_registered(customer: Customer) -> None:
    user = make_staff()
    (message,) = told(customer, by=actor(user))

    assert message.contact.by == user


@pytest.mark.parametrize(
    "mistake",
    [
        {"template": "no_such_template"},
        {"channels": ("fax",)},
        {"context": {"name": "Maria Jansen"}},
        {"context": {"last_four": "4111111111111111"}},
        {"context": {"until": "2026-11-26T16:00:00"}},
        {"context": {"code": "7KQ4MX2R"}, "template": "post_code"},
    ],
)
def test_a_mistake_of_the_caller_writes_nothing(customer: Customer, mistake: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        told(customer, **mistake)

    assert not Contact.objects.exists()


def test_a_code_in_a_letter_is_sealed_in_its_row(customer: Customer) -> None:
    (message,) = told(customer, template="post_code", context={"code": "7KQ4-MX2R"}, channels=("letter",))

    assert "7KQ4" not in json.dumps(Message.objects.get(pk=message.pk).context)


def test_telling_takes_one_look_and_one_write(customer: Customer) -> None:
    told(customer)
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        tell(customer=customer, template="card_blocked", channels=("mail", "sms"), **ABOUT_NO_CASE)

    statements = [q["sql"].split()[0] for q in captured if "SAVEPOINT" not in q["sql"]]
    assert statements == ["SELECT", "WITH"]


def test_all_that_one_step_tells_takes_one_look_and_one_write(customer: Customer) -> None:
    new = supersede(customer=customer, kind="mail", value="new@example.org", how="portal", by=system(), now=NOON)
    notices = [
        Notice("card_blocked", {"reason": "lost"}, ("mail", "sms"), urgent=True, to_old=True),
        Notice("case_done"),
    ]
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        tell_all(customer=customer, case_id=None, case_reference="", notices=notices, by=system(), now=NOON)

    messages = Message.objects.order_by("contact_id")
    assert [q["sql"].split()[0] for q in captured if "SAVEPOINT" not in q["sql"]] == ["SELECT", "WITH"]
    told = [(message.template, message.contact.channel, message.point == new) for message in messages]
    assert told == [
        ("card_blocked", "mail", True),
        ("card_blocked", "sms", False),
        ("card_blocked", "mail", False),
        ("case_done", "mail", True),
    ]


def test_a_mistake_in_one_notice_writes_none_of_them(customer: Customer) -> None:
    with pytest.raises(ValueError, match="no message is called"):
        tell_all(
            customer=customer,
            case_id=uuid4(),
            case_reference="K7Q-4MX-2",
            notices=[Notice("card_blocked"), Notice("no_such_template")],
            by=system(),
            now=NOON,
        )

    assert not Contact.objects.exists()


def test_a_code_never_goes_to_an_old_address(customer: Customer) -> None:
    notice = Notice("post_code", {"code": "7KQ4-MX2R"}, ("letter",), to_old=True)

    with pytest.raises(ValueError, match="by letter only"):
        tell_all(customer=customer, case_id=None, case_reference="", notices=[notice], by=system(), now=NOON)


def test_old_verified_addresses_get_the_notice_of_a_change_for_thirty_days(customer: Customer) -> None:
    def change(value: str, days_ago: int) -> None:
        at = NOON - timedelta(days=days_ago)
        supersede(customer=customer, kind="mail", value=value, how="portal", by=system(), now=at)

    first = current(customer=customer, kind="mail")
    change("second@example.org", 40)
    change("third@example.org", 20)
    change("fourth@example.org", 0)

    messages = written(
        tell_old_addresses,
        customer=customer,
        case_id=uuid4(),
        case_reference="K7Q-4MX-2",
        template="address_changed_notice",
        context={},
        by=system(),
        now=NOON,
    )

    assert first is not None
    assert {message.destination.value for message in messages} == {"second@example.org", "third@example.org"}
    assert all(message.send_after == NOON for message in messages)
