"""Who acts for an organisation, as an extract of its register says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from backoffice.actors import system
from backoffice.customers import reading, representatives
from backoffice.customers.models import Act, Customer, CustomerKind, May, Representative
from backoffice.customers.representatives import Entry, can_bind, enter, is_fresh
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import Role
from tests.factories import actor, make_customer, make_staff, now, sign_in

pytestmark = pytest.mark.django_db
PESEL = "44051401359"


def make_organisation(**fields: Any) -> Customer:
    return make_customer(kind=CustomerKind.ORGANISATION, **fields)


def make(organisation: Customer, **fields: Any) -> Representative:
    told: dict[str, Any] = {"name": "Ada Kowalska", "may": May.ALONE, "acts": [Act.DOMAINS], "extract_of": now().date()}
    return enter(organisation=organisation, entry=Entry(**told | fields), by=system(), now=now())


def test_a_representative_is_linked_to_their_own_record_and_their_number_is_sealed() -> None:
    organisation, ada = make_organisation(), make_customer(national_ids={"PESEL": PESEL})

    made = make(organisation, number_kind="PESEL", number="440514 01359")

    assert made.person == ada
    found = representatives.of_number(organisation=organisation, kind="PESEL", number=PESEL)
    assert found == made
    assert representatives.of_number(organisation=make_organisation(), kind="PESEL", number=PESEL) is None
    assert representatives.of_number(organisation=organisation, kind="PESEL", number="1") is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM customers_representative WHERE id = %s", [made.pk])
        assert PESEL not in cursor.fetchone()[0]


def test_a_newer_entry_of_the_same_number_ends_the_older_one() -> None:
    organisation = make_organisation()
    older = make(organisation, number_kind="PESEL", number=PESEL)

    newer = make(organisation, number_kind="PESEL", number=PESEL, may=May.JOINTLY)

    older.refresh_from_db()
    assert older.until is not None
    assert list(representatives.in_force(organisation)) == [newer]


def test_who_was_ended_is_ended_once() -> None:
    organisation = make_organisation()
    made = make(organisation)

    representatives.end(representative=made, by=system(), now=now())

    assert not representatives.in_force(organisation).exists()
    with pytest.raises(Conflict):
        representatives.end(representative=made, by=system(), now=now())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "A" * 201}, "name"),
        ({"may": "sometimes"}, "may"),
        ({"acts": []}, "acts"),
        ({"acts": ["everything"]}, "acts"),
        ({"extract_of": date(2999, 1, 1)}, "extract_of"),
        ({"number_kind": "PESEL", "number": "44051401358"}, "number"),
        ({"number_kind": "REGON", "number": "192598184"}, "number"),
        ({"number": "44051401359"}, "number"),
    ],
)
def test_each_fault_of_an_entry_stands_on_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        make(make_organisation(), **fields)

    assert list(refused.value.errors) == [field]
    assert not Representative.objects.exists()


def test_a_person_has_no_representatives() -> None:
    with pytest.raises(Invalid, match="Only an organisation"):
        make(make_customer())


def test_one_who_may_alone_or_two_who_may_only_together_bind_their_organisation() -> None:
    ours = make_organisation()
    alone = make(ours)
    one, other = make(ours, may=May.JOINTLY), make(ours, may=May.JOINTLY)
    bills = make(ours, acts=[Act.INVOICES])
    strange = make(make_organisation(), may=May.JOINTLY)

    assert can_bind([alone], Act.DOMAINS)
    assert can_bind([one, other], Act.DOMAINS)
    assert not can_bind([], Act.DOMAINS)
    assert not can_bind([one], Act.DOMAINS)
    assert not can_bind([one, one], Act.DOMAINS)
    assert not can_bind([one, bills], Act.DOMAINS)
    assert not can_bind([one, strange], Act.DOMAINS)
    assert not can_bind([bills], Act.DOMAINS)
    other.until = now()
    assert not can_bind([one, other], Act.DOMAINS)


@pytest.mark.parametrize(
    ("extract", "today", "fresh"),
    [
        (date(2026, 8, 29), date(2026, 11, 29), True),
        (date(2026, 8, 28), date(2026, 11, 29), False),
        (date(2026, 11, 30), date(2026, 11, 29), False),
        (date(2025, 11, 30), date(2026, 2, 28), True),
        (date(2025, 11, 30), date(2026, 3, 1), False),
        (date(2026, 12, 15), date(2027, 3, 15), True),
    ],
)
def test_an_extract_counts_for_three_months_to_the_day(extract: date, today: date, fresh: bool) -> None:
    assert is_fresh(extract, today) is fresh


# --- the desk ---------------------------------------------------------------------------------------------------------


def form_of(organisation: Customer) -> str:
    return f"/desk/customers/representative/of/{organisation.pk}/"


ENTRY = {"name": "Ada Kowalska", "may": "alone", "acts": ["domains"], "extract_of": "2026-11-02"}


def at_the_desk(
    client: Client, organisation: Customer, *, role: Role = Role.SUPERVISOR, seconds_ago: int = 0
) -> Client:
    user = make_staff(role=role)
    reading.open_record(customer=organisation, by=actor(user), user=user, now=now(), reason="They sent an extract")
    return sign_in(client, user, seconds_ago=seconds_ago)


def test_a_supervisor_enters_a_representative_and_ends_them(client: Client) -> None:
    organisation = make_organisation()
    at_the_desk(client, organisation)

    wrong = client.post(form_of(organisation), {**ENTRY, "number_kind": "PESEL", "number": "44051401358"})
    assert "its check digit does not fit the others" in wrong.content.decode()
    client.post(form_of(organisation), {**ENTRY, "number_kind": "PESEL", "number": PESEL})
    page = client.get(f"/desk/customers/customer/{organisation.pk}/change/").content.decode()
    assert "Ada Kowalska" in page
    assert "give away, take over or move domains" in page
    assert PESEL not in page

    made = Representative.objects.get()
    shown = client.get(f"/desk/customers/representative/{made.pk}/change/").content.decode()
    assert "PESEL •••59" in shown
    assert PESEL not in shown
    client.post(f"/desk/customers/representative/{made.pk}/end/")
    made.refresh_from_db()
    assert made.until is not None


def test_who_did_not_show_a_second_factor_lately_does_it_first(client: Client) -> None:
    organisation = make_organisation()
    at_the_desk(client, organisation, seconds_ago=3600)

    answer = client.post(form_of(organisation), ENTRY)

    assert "reauthenticate" in answer.headers["Location"]
    assert not Representative.objects.exists()


def test_support_enters_nobody(client: Client) -> None:
    organisation = make_organisation()
    at_the_desk(client, organisation, role=Role.SUPPORT)

    assert client.post(form_of(organisation), ENTRY).status_code == 403
    assert (
        "New representative" not in client.get(f"/desk/customers/customer/{organisation.pk}/change/").content.decode()
    )
    assert not Representative.objects.exists()


def test_the_form_asks_why_before_it_opens(client: Client) -> None:
    organisation = make_organisation()
    sign_in(client, make_staff(role=Role.SUPERVISOR))

    assert client.get(form_of(organisation)).status_code == 403
    assert client.get(form_of(make_customer())).status_code == 404


def test_times_of_an_entry_are_when_it_was_made() -> None:
    made = make(make_organisation(), extract_of=now().date() - timedelta(days=5))

    assert abs(made.since - now()) < timedelta(minutes=1)
    assert made.recorded_through == "process"
