"""Calls to the voice menu are in the contact register, before anybody is answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from backoffice.actors import ActorKind
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Forbidden
from backoffice.telephony import menu_calls, waking
from backoffice.telephony.api import GATEWAY
from backoffice.telephony.models import MenuCall
from backoffice.trust import checking, recognising
from backoffice.trust.models import Contact, ContactChannel, Direction
from backoffice.voice.contract import INCOMING, Arrived, Event
from backoffice.voice.signing import signed
from tests.factories import actor, make_customer, make_staff, now
from tests.portal.conftest import make_person

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + "c2VjcmV0" * 4
IN = f"{INCOMING}menu-1"


def number_of(customer: Customer) -> str:
    return str(ContactPoint.objects.get(customer=customer, kind=ContactKind.PHONE).value)


def arrives(caller: str, conversation: str = IN) -> Contact:
    return menu_calls.note(conversation=conversation, caller=caller, by=GATEWAY, now=now())


def test_who_arrives_has_a_row_and_a_reference_before_the_workers_hear_of_it(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msgspec

    settings.VOICE_EVENTS_SECRET = SECRET
    customer = make_customer()
    rows_then: list[int] = []
    monkeypatch.setattr(waking, "proceed_in_menu", lambda *told: rows_then.append(Contact.objects.count()))
    what = Arrived(called="0800", caller=number_of(customer))
    body = msgspec.json.encode(Event(instance="i", conversation=IN, number=1, at=datetime.now(UTC), what=what))
    for each in ("evt_1", "evt_2"):
        told = signed(body, secret=SECRET, id=each)
        assert client.post("/api/v1/webhooks/voice", body, content_type="application/json", headers=told).json()

    contact = Contact.objects.get()
    assert (contact.channel, contact.direction) == (ContactChannel.CALL, Direction.IN)
    assert (contact.customer, contact.case_id) == (customer, None)
    assert number_of(customer) not in str(list(Contact.objects.values_list()))
    assert (rows_then, MenuCall.objects.get().contact) == ([1, 1], contact)


@pytest.mark.parametrize("caller", ["", "anonymous", "0000"])
def test_a_number_that_is_withheld_or_cannot_be_read_is_not_kept(caller: str) -> None:
    contact = arrives(caller)

    assert (contact.customer, contact.address_masked, contact.address_index) == (None, "", "")
    assert contact.reference


def test_a_number_of_two_customers_is_nobodys() -> None:
    first = make_customer()
    shared = {ContactKind.MAIL: "other@example.org", ContactKind.PHONE: number_of(first)}
    make_customer(contacts=shared)

    assert arrives(number_of(first)).customer is None


def test_only_the_gateway_notes_a_call() -> None:
    with pytest.raises(Forbidden):
        menu_calls.note(conversation=IN, caller="", by=actor(make_staff()), now=now())
    assert GATEWAY.kind is ActorKind.OUTSIDE


def test_the_customer_sees_the_call_under_who_contacted_me() -> None:
    person = make_person()
    contact = arrives(number_of(person.customer))

    said = " ".join(person.client.get(reverse("portal:contacts")).content.decode().split())

    assert contact.reference in said
    assert "Telephone call to us" in said
    assert "anybody can show any number" in said


def test_the_desk_finds_the_call_by_its_reference_and_by_its_number() -> None:
    person, by = make_person(), actor(make_staff())
    contact = arrives(number_of(person.customer))

    of_reference = recognising.recognise(pasted=contact.reference, by=by)
    of_number = recognising.recognise(pasted=number_of(person.customer), by=by)

    assert "the reference of a call that somebody made to us" in " ".join(of_reference.why)
    assert [one.reference for one in of_reference.contacts] == [contact.reference]
    assert "A call came to us that showed this number" in " ".join(of_number.why)


def test_the_check_page_says_of_a_call_neither_that_it_is_a_message_nor_whose_it_is() -> None:
    customer = make_customer()
    contact = arrives(number_of(customer))
    Contact.objects.filter(pk=contact.pk).update(case_reference="K7Q-4MX-2", case_id=customer.public_id)

    by_code = checking.check(typed=contact.reference, padded=False)
    by_case = checking.check(typed="K7Q-4MX-2", last_three=number_of(customer)[-3:], padded=False)

    assert by_code.says == "This is the number of a call that somebody made to us."
    assert customer.name not in f"{by_code} {by_case}"
    assert by_case.answer is checking.Answer.CANNOT_TELL
