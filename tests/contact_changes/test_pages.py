"""A contact change on the portal, at the desk and in the API: what each page says at each moment."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from backoffice.cases.models import Case
from backoffice.contact_changes.models import ContactChange
from backoffice.messages import composing
from backoffice.messages.models import Message
from tests.api.conftest import Api
from tests.contact_changes.changing import NEW_HOME, apply, ask_for_code, assess, code_in, finish, open_change, sent
from tests.factories import make_customer, make_staff, sign_in
from tests.playing import advance, ask, close
from tests.portal.conftest import Person, make_person
from workflows.base.contracts import SendNotice
from workflows.contact_change.spec import PERIODS

pytestmark = pytest.mark.django_db
OPEN = "/portal/open/contact_change/"


@pytest.fixture
def person(db: None) -> Person:
    return make_person()


def send(person: Person, **data: str) -> Any:
    return person.client.post(OPEN, {"key": str(uuid.uuid4())} | data)


def page(client: Client, case: Case) -> str:
    return client.get(reverse("portal:case", args=[case.reference])).content.decode()


def test_the_menu_offers_it_and_the_first_page_asks_which_and_what(person: Person) -> None:
    assert "I have a new address or telephone number" in person.client.get("/portal/open/").content.decode()

    form = person.client.get(OPEN).content.decode()
    assert "What is to be changed?" in form
    assert 'name="value"' in form
    assert 'name="line1"' not in form


def test_a_postal_address_is_asked_for_in_its_parts_on_the_next_page(person: Person) -> None:
    response = send(person, kind="postal")

    form = response.content.decode()
    assert response.status_code == 400
    assert "Fill in the new postal address here" in form
    assert 'name="line1"' in form
    assert 'value="NL" selected' in form
    assert 'name="value"' not in form


def test_an_opened_case_says_that_nothing_is_changed_yet(person: Person) -> None:
    response = send(person, kind="mail", value="new@example.net")

    case = Case.objects.get(process="contact_change")
    assert response.headers["Location"] == reverse("portal:case", args=[case.reference])
    assert "n•••@example.net is not in force yet." in page(person.client, case)


def test_the_page_of_the_proof_says_what_is_confirmed_in_full(person: Person) -> None:
    item = ask(open_change(person.customer), "confirm_change")

    shown = person.client.get(reverse("portal:item", args=[item.id]), follow=True).content.decode()

    assert "Your e-mail address with us becomes new@example.net." in shown


def test_the_code_is_entered_and_sent_again_in_the_portal(person: Person) -> None:
    case = open_change(person.customer)
    item = ask_for_code(case)
    again = reverse("portal:contact_change:send_again", args=[case.reference])

    shown = page(person.client, case)
    assert "We sent a code to n•••@example.net." in shown
    assert "You can ask for another one in a few minutes." in shown
    assert person.client.get(again).status_code == 405
    assert person.client.post(again).status_code == 409
    assert make_person().client.post(again).status_code == 404
    answered = {"code": code_in(sent(case)), "client_key": str(uuid.uuid4())}
    person.client.post(reverse("portal:item", args=[item.id]), answered)
    item.refresh_from_db()
    assert item.outcome == "matched"
    assert "Send me another code" not in page(person.client, case)


def test_what_the_customer_reads_is_true_at_each_moment(person: Person) -> None:
    case, read = open_change(person.customer), person.client
    advance(case, stage="announced", waiting_on="others", notices=(SendNotice("change_announced", {}),))
    assert "Whoever reads one of your old addresses can still stop the change." in page(read, case)
    apply(case)
    assert "n•••@example.net is in force." in page(read, case)
    assert "can still stop" not in page(read, case)
    finish(case)
    shown = page(read, case)
    assert "Your e-mail address was changed" in shown
    assert "The new address is in force." in shown
    assert "For 30 days we also write to" in shown

    stopped = open_change(person.customer, {"kind": "mail", "value": "third@example.net"})
    close(stopped, "withdrawn")
    assert "It was not put in force." in page(read, stopped)


@pytest.mark.parametrize("how", ["withdrawn", "expired", "rejected", "failed"])
def test_the_message_of_an_early_end_says_that_nothing_changed(person: Person, how: str) -> None:
    case = open_change(person.customer)
    advance(case, notices=(SendNotice("change_ended", {"how": how}),))

    messages = Message.objects.filter(template="contact_change.change_ended").select_related("contact__customer")
    assert {message.contact.channel for message in messages} == {"mail", "sms"}
    words = composing.mail(
        messages[0].template,
        customer=case.customer,
        case_reference=case.reference,
        check_code="4F7-K2M-9QX-3TR-6Y",
        context=messages[0].context,
    )
    assert "The new address was not put in force." in words.text


def test_the_desk_sees_what_changes_and_why_it_is_risky_and_neither_address_nor_code() -> None:
    agent = make_staff(role=None)
    agent.groups.add(Group.objects.get(name="supervisor"), Group.objects.get(name="approver"))
    client = sign_in(Client(), agent)
    customer = make_customer()
    case = open_change(customer, {"kind": "mail", "value": "new@example.net"})
    ContactChange.objects.filter(case=case).update(known_elsewhere=True)
    ask_for_code(case)
    code = code_in(sent(case))
    assess(case)
    item = ask(case, "approve_change")

    pages = [
        client.post(reverse("admin:desk_case", args=[case.reference]), {"reason": "they called us"}, follow=True),
        client.get(reverse("admin:desk_case", args=[case.reference]), follow=True),
        client.get(reverse("admin:desk_item", args=[item.id]), follow=True),
        client.get(reverse("admin:contact_changes_contactchange_change", args=[case.id]), follow=True),
    ]

    text = "\n".join(one.content.decode() for one in pages)
    assert [one.status_code for one in pages[1:]] == [200, 200, 200]
    assert "n•••@example.net" in text
    assert "the new address is another customer" in text
    assert "new@example.net" not in text
    assert code not in text
    assert code.replace("-", "") not in text


def test_the_api_opens_one_and_names_its_fields(db: None) -> None:
    api, customer = Api(make_staff()), make_customer()
    asked = {"process": "contact_change", "customer": str(customer.public_id), "key": "k1"}
    wrong = api.post("cases", asked | {"kind": "phone", "value": "12"})
    right = api.post("cases", asked | NEW_HOME)

    for query in ({}, {"customer": str(customer.public_id)}):
        listed = api.read("processes", **query).json()  # type: ignore[attr-defined]
        schema = next(one["schema"] for one in listed if one["name"] == "contact_change")
        Draft202012Validator(schema).validate(asked | NEW_HOME)
        assert schema["required"] == ["process", "key", "kind"]
    assert (wrong.status_code, right.status_code) == (400, 201)
    assert "not a telephone number" in wrong.content.decode()
    assert ContactChange.objects.get().opened_by == "staff"


def test_periods_are_those_of_the_trust_table() -> None:
    hours = {name: duration.total_seconds() / 3600 for name, duration in PERIODS.named()}
    assert (hours["code by mail"], hours["code by post"] / 24, hours["code by post abroad"] / 24) == (24, 21, 30)
    assert (hours["code by phone"] * 60, hours["time to stop it"]) == (10, 72)
