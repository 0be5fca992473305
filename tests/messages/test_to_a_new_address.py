"""A message whose code proves a new address goes to that address, which is on no record yet, and to no other."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.contact_changes import proving
from backoffice.customers.models import ContactPoint, Customer
from backoffice.messages import telling
from backoffice.messages.models import Message, MessageState
from backoffice.messages.sending import send_all_due
from tests.contact_changes.changing import NEW_HOME, NEW_MAIL, ask_for_code, open_change, sent
from tests.factories import new_phone_number, now
from tests.messages.conftest import Post
from tests.playing import customer_actor

pytestmark = pytest.mark.django_db
PHONE = {"kind": "phone", "value": new_phone_number()}


def test_the_address_and_the_code_are_sealed_and_gone_once_it_is_sent(customer: Customer, post: Post) -> None:
    """By a real mail server and a real gateway."""
    for data in (NEW_MAIL, PHONE, NEW_HOME):
        case = open_change(customer, data)
        ask_for_code(case)
        assert data.get("value", "Damrak") not in str(sent(case).context)
    send_all_due()

    messages = Message.objects.filter(template=proving.LETTER)
    assert {message.state for message in messages} == {MessageState.SENT}
    assert not any({"code", "to"} & message.context.keys() for message in messages)
    assert post.mails[-1]["To"] == "new@example.net"
    to = [one["to"] for one in post.posts]
    assert new_phone_number() in to
    assert f"{customer.name}\nDamrak 1\n1012 LG Amsterdam" in to
    with pytest.raises(ValueError, match="not kept"):
        assert messages[0].destination
    assert not ContactPoint.objects.filter(value_index=messages[0].contact.address_index).exists()


def test_nothing_else_may_go_to_an_address_that_is_not_on_file(customer: Customer) -> None:
    case = open_change(customer)
    told: dict[str, Any] = {"customer": customer, "case_id": case.id, "case_reference": case.reference}
    new = ContactPoint(customer=customer, kind="mail", value="x@example.net", value_index="x", masked="x")
    for notice in (
        telling.Notice("case_frozen", to_new=new),
        telling.Notice(proving.LETTER, {"code": "7KQ4-MX2R"}),
        telling.Notice("case_frozen", {"code": "7KQ4-MX2R"}),
    ):
        with pytest.raises(ValueError):
            telling.tell_all(**told, notices=(notice,), by=customer_actor(customer), now=now())
