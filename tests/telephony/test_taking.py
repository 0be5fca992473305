"""Calls that come in: a number finds whom it may be, and proves nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from backoffice.customers.models import ContactKind, Customer
from backoffice.refusals import Conflict, Forbidden, Invalid
from backoffice.staff.models import User
from backoffice.telephony import states, taking
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Contact, Direction
from tests.factories import make_customer, make_staff
from tests.telephony.calling import NOON, RINGS, actor, in_state, own, phone

pytestmark = pytest.mark.django_db


def take(number: str = "", agent: User | None = None, **told: Any) -> Call:
    agent = agent or make_staff()
    asked: dict[str, Any] = {"number": number, "agent": agent, "by": actor(agent), "now": NOON, "key": uuid.uuid4().hex}
    return taking.take_in(**(asked | told))


def sharing(customer: Customer) -> Customer:
    """Somebody with the same number, as in one household."""
    contacts = {ContactKind.MAIL: "piet@example.org", ContactKind.PHONE: phone(customer).value}
    return make_customer(given_name="Piet", contacts=contacts)


def test_a_call_that_comes_in_finds_whose_number_it_shows() -> None:
    maria = make_customer()

    call = take(phone(maria).value)

    contact = Contact.objects.get()
    assert (call.customer, call.point, call.state) == (maria, phone(maria), CallState.ANSWERED)
    assert (contact.direction, contact.address_masked, contact.customer) == (Direction.IN, phone(maria).masked, maria)


def test_a_number_proves_nothing() -> None:
    call = take(phone(make_customer()).value)

    assert CallState.COMPANY_PROVEN.value not in call.times
    assert CallState.CUSTOMER_PROVEN.value not in call.times


def test_a_number_that_two_share_is_nobodys_until_the_caller_says() -> None:
    maria = make_customer()
    piet = sharing(maria)
    number = phone(maria).value
    call = take(number)
    assert call.customer is None
    assert set(taking.may_be(number=number)) == {maria, piet}

    case = uuid.uuid4()
    call = taking.say_about(
        call_id=call.pk, customer=piet, case_id=case, case_reference="K7Q-4MX-2", by=own(call), now=NOON
    )

    assert (call.customer, call.point, call.case_id, call.matter) == (piet, phone(piet), case, case.hex)
    assert Contact.objects.get().customer == piet


def test_a_number_that_is_not_on_file_and_a_withheld_one_are_taken_too() -> None:
    unknown, withheld = take("020 555 0199"), take("")

    assert unknown.customer is None
    assert unknown.contact.address_masked.startswith("+31")
    assert (withheld.customer, withheld.contact.address_masked) == (None, "")


def test_what_is_no_number_is_refused_on_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        take("12 monkeys")

    assert "number" in refused.value.errors
    assert not Contact.objects.exists()


def test_the_customer_whom_the_agent_found_by_the_case_counts_more_than_the_number() -> None:
    maria, ewa = make_customer(), make_customer()

    call = take(phone(maria).value, customer=ewa, case_id=uuid.uuid4(), case_reference="K7Q-4MX-2")

    assert (call.customer, call.point) == (ewa, None)


def test_the_same_key_is_one_call_and_an_agent_has_one_at_a_time() -> None:
    call = take("", key="k")

    assert take("", call.agent, key="k") == call
    with pytest.raises(Conflict, match="not wrapped up"):
        take("", call.agent)
    with pytest.raises(Conflict, match="used for another call"):
        take("", make_staff(), key="k")
    with pytest.raises(Forbidden):
        take("", by=actor(make_staff()))


def test_somebody_who_rings_back_is_known_by_number_or_name_for_a_day() -> None:
    rang = in_state(*RINGS, CallState.NOT_ANSWERED)
    assert rang.customer is not None
    by_number = take(phone(rang.customer).value)
    by_name = take("", customer=rang.customer)
    stranger = take("020 555 0199")

    assert taking.whom_we_rang(call=by_number, now=NOON + timedelta(hours=23)) == rang
    assert taking.whom_we_rang(call=by_name, now=NOON + timedelta(hours=23)) == rang
    assert taking.whom_we_rang(call=by_number, now=NOON + timedelta(hours=25)) is None
    assert taking.whom_we_rang(call=stranger, now=NOON) is None
    assert taking.whom_we_rang(call=rang, now=NOON) is None


def test_what_a_call_is_about_is_said_only_of_one_that_came_in_and_goes_on() -> None:
    ours, over = in_state(*RINGS), take("")
    states.move(call_id=over.pk, to=CallState.ENDED, by=own(over), now=NOON)

    for call in (ours, over):
        with pytest.raises(Conflict, match="came in and is going on"):
            taking.say_about(
                call_id=call.pk, customer=make_customer(), case_id=None, case_reference="", by=own(call), now=NOON
            )


def test_in_a_call_that_came_in_the_customer_proves_themselves_without_waiting_for_us() -> None:
    call = take("")

    assert states.next_states(call) == {CallState.CUSTOMER_PROVEN, CallState.ENDED}
    moved = states.move(call_id=call.pk, to=CallState.CUSTOMER_PROVEN, by=own(call), now=NOON)
    assert moved.state == CallState.CUSTOMER_PROVEN
