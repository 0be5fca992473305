"""A call is announced in the contact register before anything is dialled, and refused with the reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from backoffice.actors import system
from backoffice.customers import contact_points
from backoffice.refusals import Conflict, Forbidden
from backoffice.telephony import announcing, budget, states
from backoffice.telephony.models import Call, CallState
from backoffice.trust.models import Contact, ContactChannel, Direction
from tests.factories import change_phone, make_customer, make_staff
from tests.telephony.calling import NOON, actor, announced, go, phone, prepared

pytestmark = pytest.mark.django_db


def test_an_announced_call_stands_in_the_contact_register() -> None:
    call = announced()

    contact = Contact.objects.get()
    assert call.contact == contact
    assert (contact.channel, contact.direction, contact.purpose) == (ContactChannel.CALL, Direction.OUT, "call_back")
    assert (contact.customer, contact.case_id) == (call.customer, call.case_id)
    assert call.point is not None
    assert (contact.address_masked, contact.address_index) == (call.point.masked, call.point.value_index)
    assert (call.state, call.times) == (CallState.ANNOUNCED, {"announced": NOON.isoformat()})


def test_the_same_key_twice_is_one_call() -> None:
    call = announced(key="k")

    again = announced(call.customer, call.agent, key="k", now=NOON + timedelta(minutes=1))

    assert (again, Call.objects.count(), Contact.objects.count()) == (call, 1, 1)


def test_a_key_is_not_used_for_another_customer() -> None:
    call = announced(key="k")

    with pytest.raises(Conflict, match="used for another call"):
        announced(make_customer(), call.agent, key="k")


def test_an_agent_has_one_call_that_is_not_wrapped_up() -> None:
    call = announced()

    with pytest.raises(Conflict, match=f"{call.contact.reference} is not wrapped up"):
        announced(agent=call.agent)

    assert announcing.unwrapped(call.agent) == call  # type: ignore[arg-type]


def test_nobody_announces_a_call_in_the_name_of_another() -> None:
    with pytest.raises(Forbidden, match="in the name of another"):
        announced(by=actor(make_staff()))


def test_the_process_announces_a_call_for_an_agent() -> None:
    assert announced(by=system()).state == CallState.ANNOUNCED


def test_a_number_of_another_customer_is_not_on_file() -> None:
    with pytest.raises(Conflict, match="not on file for this customer") as refused:
        announced(point=phone(make_customer()))

    assert refused.value.field == "number"
    assert not Contact.objects.exists()


def test_a_number_that_changed_lately_is_refused() -> None:
    customer = make_customer()
    change_phone(customer=customer)

    with pytest.raises(Conflict) as refused:
        announced(customer, now=contact_points.current(customer=customer, kind="phone").since + timedelta(days=1))  # type: ignore[union-attr]

    assert refused.value.field == "number"
    assert not Call.objects.exists()


def test_nobody_is_called_in_the_quiet_hours() -> None:
    with translation.override("en"), pytest.raises(budget.Spent) as refused:
        announced(now=NOON + timedelta(hours=9))

    assert refused.value.field == "number"
    assert refused.value.wait.until == NOON + timedelta(hours=20)
    assert "08:00" in str(refused.value)
    assert not Contact.objects.exists()


def test_a_call_announced_before_the_quiet_hours_is_not_dialled_in_them() -> None:
    call = prepared(now=NOON + timedelta(hours=8, minutes=59))

    with pytest.raises(budget.Spent):
        go(call, [CallState.DIALLING], now=NOON + timedelta(hours=9))

    assert Call.objects.get().state == CallState.ANNOUNCED


def test_a_number_marked_as_swapped_after_the_announcement_is_not_dialled() -> None:
    call = prepared()
    assert call.point is not None
    contact_points.mark_sim_swapped(point=call.point, by=system(), now=NOON)

    with pytest.raises(Conflict) as refused:
        states.move(call_id=call.pk, to=CallState.DIALLING, by=system(), now=NOON)

    assert refused.value.field == "number"
