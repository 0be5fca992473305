"""Opening a contact change: what is asked, what is kept, and what is refused on which field."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from backoffice.actors import system
from backoffice.cases.models import Case, Command, Event
from backoffice.cases.opening import open_by_form
from backoffice.contact_changes import opening
from backoffice.contact_changes.models import ContactChange
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, Customer
from backoffice.refusals import Conflict, Forbidden, Invalid, Refused
from backoffice.staff.models import Role
from tests.contact_changes.changing import NEW_HOME, NEW_MAIL, in_force, open_change
from tests.factories import actor, make_customer, make_staff, new_phone_number, now
from tests.playing import close, customer_actor, outside_actor

pytestmark = pytest.mark.django_db


def refusal(customer: Customer, **data: Any) -> tuple[str, str]:
    """The field and the sentence with which it is refused."""
    with pytest.raises(Refused) as refused:
        open_change(customer, data)
    if isinstance(refused.value, Invalid):
        ((field, sentences),) = refused.value.errors.items()
        return field, " ".join(sentences)
    return refused.value.field, refused.value.sentence


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"kind": "mail", "value": " New@EXAMPLE.net "}, "New@example.net"),
        ({"kind": "phone", "value": "+1 206 555 0199"}, new_phone_number()),
        (NEW_HOME, "Damrak 1\n1012 LG Amsterdam"),
    ],
)
def test_the_new_address_is_cleaned_as_any_other_and_kept_sealed(
    maria: Customer, data: dict[str, str], value: str
) -> None:
    case = open_change(maria, data)

    change = ContactChange.objects.get(case=case)
    assert (change.value, change.what.value, change.live) == (value, data["kind"], True)
    assert change.replaces == in_force(maria, data["kind"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM contact_changes_contactchange")
        assert value[:6] not in cursor.fetchone()[0]


def test_no_event_command_or_subject_holds_the_address(maria: Customer) -> None:
    case = open_change(maria)

    told = [*Event.objects.filter(case=case).values_list("data"), *Command.objects.filter(case=case).values_list()]
    assert "new@example" not in str(told)
    assert case.subject == "e-mail: n•••@example.net"
    assert Command.objects.get(case=case).payload["facts"] == {"what": "mail"}


def test_a_letter_abroad_is_told_to_the_process(maria: Customer) -> None:
    abroad = {"kind": "postal", "country": "PL", "line1": "Prosta 51", "code": "00-838", "town": "Warszawa"}
    case = open_change(maria, abroad)

    assert Command.objects.get(case=case).payload["facts"] == {"what": "postal", "abroad": True}


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({}, "kind", "Choose what"),
        ({"kind": "fax", "value": "1"}, "kind", "Select a valid choice"),
        ({"kind": "mail"}, "value", "Write the new"),
        ({"kind": "mail", "value": "new@"}, "value", "not an e-mail address"),
        ({"kind": "phone", "value": "12"}, "value", "not a telephone number"),
        ({"kind": "postal"}, "country", "Fill in the new postal address"),
        (NEW_HOME | {"code": "10"}, "code", ""),
    ],
)
def test_what_is_wrong_stands_on_its_field(maria: Customer, data: dict[str, str], field: str, words: str) -> None:
    found, sentence = refusal(maria, **(data or {"value": "x@example.org"}))

    assert found == field
    assert words in sentence


def test_what_we_have_already_would_change_nothing(maria: Customer) -> None:
    mail, home = in_force(maria, "mail"), in_force(maria, "postal")
    assert home.address is not None
    parts = {name: text for name, text in home.address.parts.items() if text}

    assert refusal(maria, kind="mail", value=mail.value.upper())[0] == "value"
    assert refusal(maria, kind="postal", **parts)[0] == "line1"


def test_an_address_that_was_never_proven_may_be_proven_now() -> None:
    anna = make_customer(verified_how="")

    assert open_change(anna, {"kind": "mail", "value": in_force(anna, "mail").value})


def test_a_number_whose_sim_was_swapped_may_be_given_again_and_stays_the_same(maria: Customer) -> None:
    phone = in_force(maria, "phone")
    contact_points.mark_sim_swapped(point=phone, by=system(), now=now())

    change = ContactChange.of(open_change(maria, {"kind": "phone", "value": phone.value}))

    assert (change.is_same, change.was_swapped, change.replaces) == (True, True, phone)


@pytest.mark.parametrize("data", [NEW_MAIL, {"kind": "phone", "value": new_phone_number()}, NEW_HOME])
def test_the_first_address_of_a_kind_is_a_change_that_replaces_nothing(data: dict[str, str]) -> None:
    anna = make_customer(contacts={})

    change = ContactChange.of(open_change(anna, data))

    assert (change.replaces, change.is_same, change.replaced) == (None, False, "")


def test_a_customer_without_a_sign_in_shows_who_they_are_at_a_branch() -> None:
    anna = make_customer(sign_in=False)
    agent = actor(make_staff())

    case = open_change(anna, by=agent)

    assert Command.objects.get(case=case).payload["facts"] == {"what": "mail", "at_branch": True}
    assert "at a branch" in opening.ChangeForm(customer=anna, by=agent).intro
    assert "We send a code" in opening.ChangeForm(customer=make_customer(), by=agent).intro


def test_one_change_of_a_kind_at_a_time_until_the_first_is_closed(maria: Customer) -> None:
    first = open_change(maria)
    field, sentence = refusal(maria, kind="mail", value="other@example.net")
    other_kind = open_change(maria, {"kind": "phone", "value": new_phone_number()})

    assert (field, "under way" in sentence) == ("kind", True)
    assert other_kind
    close(first, "withdrawn")
    assert open_change(maria, {"kind": "mail", "value": "other@example.net"})


def test_when_everything_is_being_changed_the_menu_says_so(maria: Customer) -> None:
    open_change(maria)
    open_change(maria, {"kind": "phone", "value": new_phone_number()})
    assert opening.why_not(maria) == ""
    open_change(maria, NEW_HOME)

    assert "already" in opening.why_not(maria)


def test_an_address_of_somebody_else_is_taken_says_nothing_and_is_noted(maria: Customer) -> None:
    other = in_force(make_customer(), ContactKind.MAIL)

    case = open_change(maria, {"kind": "mail", "value": other.value})

    assert ContactChange.objects.get(case=case).known_elsewhere
    assert not ContactChange.objects.get(case=open_change(maria, NEW_HOME)).known_elsewhere


def test_support_and_supervisors_open_one_for_a_customer_and_nobody_else(maria: Customer) -> None:
    for role in (Role.SUPPORT, Role.SUPERVISOR):
        case = open_change(make_customer(), by=actor(make_staff(role=role)))
        assert ContactChange.objects.get(case=case).opened_by == "staff"
    for by in (actor(make_staff(role=Role.APPROVER)), outside_actor()):
        with pytest.raises(Forbidden):
            open_change(maria, by=by)


def test_the_same_key_twice_is_one_case(maria: Customer) -> None:
    asked: dict[str, Any] = {"process": "contact_change", "customer": maria, "by": customer_actor(maria), "key": "k"}
    case, new = open_by_form(**asked, data=NEW_MAIL)
    again, once_more = open_by_form(**asked, data=NEW_MAIL)

    assert (again, new, once_more) == (case, True, False)
    with pytest.raises(Conflict):
        open_by_form(**asked, data={"kind": "mail", "value": "another@example.net"})
    assert Case.objects.filter(customer=maria).count() == 1
