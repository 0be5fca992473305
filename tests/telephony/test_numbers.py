"""Threat 1: only a number on file, verified, a week old and not swapped is called; another way is always offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.actors import system
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.telephony import numbers
from tests.factories import change_phone, make_customer
from tests.telephony.rows import number_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
DAYS = st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=60))


@pytest.fixture
def customer() -> Customer:
    return make_customer()


def change_to(customer: Customer, *, value: str = "+12065550177", **fields: object) -> ContactPoint:
    """Another number in place of theirs, as the fields say."""
    ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE).update(superseded_at=NOW)
    return ContactPoint.objects.create(
        customer=customer, kind=ContactKind.PHONE, value=value, value_index="x", masked="•••77", **fields
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(age=DAYS, verified=st.none() | DAYS, swapped=st.none() | DAYS)
def test_a_number_is_called_from_its_seventh_day_on_if_verified_and_never_swapped(
    customer: Customer, age: timedelta, verified: timedelta | None, swapped: timedelta | None
) -> None:
    point = change_to(
        customer,
        since=NOW - age,
        verified_at=None if verified is None else NOW - verified,
        sim_swapped_at=None if swapped is None else NOW - swapped,
    )

    good = verified is not None and swapped is None and age >= timedelta(days=7)
    assert (numbers.why_not(point, now=NOW) == "") == good
    assert list(numbers.callable_numbers(customer=customer, now=NOW)) == ([point] if good else [])
    if not good:
        assert "Write to the customer by mail, in the portal or by letter instead." in numbers.why_not(point, now=NOW)


def test_each_refusal_says_what_is_wrong(customer: Customer) -> None:
    now = datetime.now(UTC)
    old = number_of(customer)
    assert numbers.why_not(old, now=now) == ""

    change_phone(customer=customer, days_ago=3)
    young = number_of(customer)
    assert "replaced by another" in numbers.why_not(old, now=now)
    assert "changed less than seven days ago and may be called from" in numbers.why_not(young, now=now)
    assert numbers.why_not(young, now=now + timedelta(days=5)) == ""

    contact_points.mark_sim_swapped(point=young, by=system(), now=now)
    assert "swapped or ported" in numbers.why_not(young, now=now + timedelta(days=400))
    mail = contact_points.current(customer=customer, kind=ContactKind.MAIL)
    for point in (None, mail, ContactPoint(customer=customer, kind=ContactKind.PHONE, since=now, verified_at=now)):
        assert "no telephone number on file" in numbers.why_not(point, now=now)


def test_a_mark_counts_for_who_still_holds_the_number_as_it_was(customer: Customer) -> None:
    held = number_of(customer)
    contact_points.mark_sim_swapped(point=number_of(customer), by=system(), now=NOW)

    assert "swapped or ported" in numbers.why_not(held, now=NOW)


def test_the_day_on_which_a_young_number_is_old_enough_is_by_the_customers_clock() -> None:
    customer = make_customer(time_zone="America/New_York")
    point = change_to(customer, since=NOW - timedelta(days=6), verified_at=NOW)

    assert "from Thursday 26 November, 06:00" in numbers.why_not(point, now=NOW)


@pytest.mark.parametrize("number", ["+31900123456", "+881612345678", "+447012345678", "+448712345678"])
def test_a_number_that_earns_somebody_money_is_not_called_although_it_is_on_file(
    customer: Customer, number: str
) -> None:
    point = change_to(customer, value=number, since=NOW - timedelta(days=400), verified_at=NOW)

    assert "costs extra" in numbers.why_not(point, now=NOW)
    assert "Write to the customer by mail, in the portal or by letter instead." in numbers.why_not(point, now=NOW)
    assert list(numbers.callable_numbers(customer=customer, now=NOW)) == []
