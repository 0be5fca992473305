"""Whoever gets a message that announces a change can stop the case without signing in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from backoffice.actors import system
from backoffice.cases import freezing, parties, stopping_by_notice
from backoffice.cases.models import Case, Command, Event
from backoffice.cases.stopping_by_notice import Stoppable
from backoffice.customers import contact_points
from backoffice.customers.models import Customer
from backoffice.messages import composing
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Invalid
from backoffice.trust.models import Contact
from tests.catalogue import installed
from tests.factories import make_customer, new_phone_number
from tests.playing import advance, incidents_of
from tests.sample.conftest import open_handover
from tests.sample.process import PROCESS
from tests.sample.spec import ANNOUNCED_NOTICE
from workflows.base.contracts import SendNotice

pytestmark = pytest.mark.django_db
NOTICE = dataclasses.replace(ANNOUNCED_NOTICE, stops=True, urgent=False)
CODE = "locker_handover.handover_announced"


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    """Instead of the sample as it is."""
    notices = tuple(NOTICE if one is ANNOUNCED_NOTICE else one for one in PROCESS.spec.notices)
    cache.clear()
    with installed(dataclasses.replace(PROCESS, spec=dataclasses.replace(PROCESS.spec, notices=notices))):
        yield


@pytest.fixture
def holder() -> Customer:
    """Somebody changed their number yesterday."""
    customer = make_customer()
    contact_points.supersede(
        customer=customer,
        kind="phone",
        value=new_phone_number(),
        how="branch",
        by=system(),
        now=datetime.now(UTC) - timedelta(days=1),
    )
    return customer


@pytest.fixture
def case(holder: Customer) -> Case:
    case = open_handover(holder)
    advance(case, stage="announced", notices=(SendNotice(NOTICE.name, {}),))
    return case


def codes(case: Case) -> dict[str, str]:
    """The code of each message that announces the change, by the masked address that it went to."""
    return {one.address_masked: one.reference for one in Contact.objects.filter(case_id=case.id, purpose=CODE)}


def old_number(holder: Customer) -> str:
    return str(holder.contact_points.exclude(superseded_at=None).get().value)


def new_number(holder: Customer) -> str:
    return str(holder.contact_points.get(kind="phone", superseded_at=None).value)


def call(rule: Any, code: str, digits: str, *, network: str = "198.51.100.7") -> Stoppable:
    told: Stoppable = rule(
        code=code, last_three=digits, network=network, by=stopping_by_notice.anybody(), now=datetime.now(UTC)
    )
    return told


def stop(code: str, digits: str, **more: str) -> Stoppable:
    return call(stopping_by_notice.stop, code, digits, **more)


def is_going_on(case: Case) -> bool:
    case.refresh_from_db()
    return case.state == "open" and not Command.objects.filter(case=case, signal="withdraw").exists()


def test_it_goes_to_the_old_number_too_and_says_how_to_stop_it(case: Case, holder: Customer) -> None:
    old = Message.objects.get(contact__case_id=case.id, point__superseded_at__isnull=False)

    words = composing.sms(
        old.template,
        customer=holder,
        case_reference=case.reference,
        check_code=old.contact.reference,
        context=old.context,
    )

    assert old.contact.channel == "sms"
    assert f"Is this from us? {old.contact.reference} at " in words.text
    assert "Not wanted? Stop it with that code at 127.0.0.1:8000/stop" in words.text
    assert len(codes(case)) == 2


@pytest.mark.parametrize("number", [old_number, new_number])
def test_the_code_of_either_message_with_either_number_stops_it(case: Case, holder: Customer, number: Any) -> None:
    for code in codes(case).values():
        assert not call(stopping_by_notice.look, code, number(holder)[-3:]).is_stopped
    assert is_going_on(case)

    found = stop(codes(case).popitem()[1], number(holder)[-3:])

    case.refresh_from_db()
    assert found.is_stopped
    assert case.state == "stopping"
    assert incidents_of(case) == [("alarm", "stopped_by_notice")]
    noted = Event.objects.get(case=case, kind="case.stopped_by_notice")
    assert (noted.actor_kind, noted.channel, noted.proof) == ("customer", "mail_link", "notice_code")


def test_the_holder_is_told_at_every_address(case: Case, holder: Customer) -> None:
    stop(codes(case).popitem()[1], old_number(holder)[-3:])

    told = Message.objects.filter(template="case_stopped_by_notice")
    assert sorted(one.contact.channel for one in told) == ["mail", "sms", "sms"]


def test_to_stop_it_again_changes_nothing(case: Case, holder: Customer) -> None:
    for _again in range(2):
        assert stop(codes(case).popitem()[1], old_number(holder)[-3:]).is_stopped

    assert Event.objects.filter(case=case, kind="case.stopped_by_notice").count() == 1
    assert Message.objects.filter(template="case_stopped_by_notice").count() == 3


@pytest.mark.parametrize("digits", ["", "12", "000", "no digits"])
def test_other_digits_stop_nothing(case: Case, digits: str) -> None:
    with pytest.raises(Invalid) as refused:
        stop(codes(case).popitem()[1], digits)

    assert "No message that announces a change" in str(refused.value.errors["code"][0])
    assert is_going_on(case)


def test_the_same_is_said_of_an_unknown_code_and_of_another_message(case: Case, holder: Customer) -> None:
    advance(case, notices=(SendNotice("handover_done"),))
    other = Contact.objects.get(case_id=case.id, purpose="locker_handover.handover_done", channel="mail")
    for code in ("4F7-K2M-9QX-3TR-6Y", "nonsense", other.reference, case.reference):
        with pytest.raises(Invalid) as refused:
            stop(code, old_number(holder)[-3:])
        assert "No message that announces a change" in str(refused.value.errors["code"][0])
    assert is_going_on(case)


def test_a_number_that_was_given_up_long_ago_stops_nothing(case: Case, holder: Customer) -> None:
    digits = old_number(holder)[-3:]
    Case.objects.filter(id=case.id).update(opened_at=datetime.now(UTC) + timedelta(days=30))

    with pytest.raises(Invalid):
        stop(codes(case).popitem()[1], digits)


def test_without_any_number_the_code_alone_stops_it() -> None:
    customer = make_customer(contacts={"mail": "no.phone@example.org"})
    case = open_handover(customer)
    advance(case, notices=(SendNotice(NOTICE.name, {}),))

    assert stop(codes(case).popitem()[1], "").is_stopped


def test_nobody_tries_all_digits(case: Case, holder: Customer) -> None:
    code = codes(case).popitem()[1]
    for number in range(stopping_by_notice.PER_CODE.times):
        with pytest.raises(Invalid):
            stop(code, f"00{number}", network=f"198.51.100.{number}")

    with pytest.raises(Conflict, match="Too many tries"):
        stop(code, old_number(holder)[-3:], network="203.0.113.5")
    assert is_going_on(case)


def test_it_is_too_late_once_it_is_done(case: Case, holder: Customer) -> None:
    advance(case, no_return=True)

    with pytest.raises(Conflict, match="It is too late to stop this"):
        stop(codes(case).popitem()[1], old_number(holder)[-3:])


def test_a_paused_case_stays_paused_and_is_looked_into(case: Case, holder: Customer) -> None:
    freezing.freeze(case_id=case.id, by=system(), reason="odd")

    found = stop(codes(case).popitem()[1], old_number(holder)[-3:])

    case.refresh_from_db()
    assert not found.is_stopped
    assert case.state == "frozen"
    assert ("alarm", "stopped_by_notice") in incidents_of(case)


def test_a_message_to_the_other_party_stops_it_only_with_the_holders_digits(case: Case) -> None:
    party = parties.of_case(case)["new_holder"].customer

    assert not Contact.objects.filter(customer=party, purpose=CODE).exists()


class TestThePage:
    def test_it_asks_twice_and_opening_it_changes_nothing(self, case: Case, holder: Customer, client: Client) -> None:
        typed = {"code": codes(case).popitem()[1], "last_three": old_number(holder)[-3:]}

        client.get(reverse("stop"), typed)
        first = client.post(reverse("stop"), typed).content.decode()
        assert "This is what you stop" in first
        assert "Your locker for somebody else" in first
        assert is_going_on(case)

        second = client.post(reverse("stop"), {**typed, "confirmed": "yes"}).content.decode()
        assert "It is stopped: nothing is changed." in second
        assert not is_going_on(case)

    def test_it_names_nobody(self, case: Case, holder: Customer, client: Client) -> None:
        typed = {"code": codes(case).popitem()[1], "last_three": old_number(holder)[-3:]}

        page = client.post(reverse("stop"), typed).content.decode()

        assert holder.family_name not in page
        assert old_number(holder) not in page

    def test_a_wrong_code_is_told_on_its_field_and_what_was_typed_stays(self, client: Client) -> None:
        response: Any = client.post(reverse("stop"), {"code": "4F7-K2M", "last_three": "123"})

        assert response.status_code == 400
        assert "code" in response.context["form"].errors
        assert 'value="4F7-K2M"' in response.content.decode()
