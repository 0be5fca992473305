from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backoffice.customers.models import ContactKind, ContactPoint
from backoffice.trust.phone_factor import Hindrance, hindrance, usable

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
AGES = st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=60))


def number(**fields: object) -> ContactPoint:
    begun = {"since": NOW - timedelta(days=400), "verified_at": NOW - timedelta(days=400)}
    return ContactPoint(**({"kind": ContactKind.PHONE, "value": "+12025550123"} | begun | fields))


@given(AGES)
def test_a_number_is_a_factor_from_its_seventh_day_on(age: timedelta) -> None:
    assert usable(number(since=NOW - age), NOW) == (age >= timedelta(days=7))


@given(AGES, AGES)
def test_a_swapped_sim_is_no_factor_whatever_the_ages(age: timedelta, swapped: timedelta) -> None:
    assert not usable(number(since=NOW - age, sim_swapped_at=NOW - swapped), NOW)


def test_each_hindrance_is_named() -> None:
    assert hindrance(None, NOW) == Hindrance.NO_NUMBER
    assert hindrance(number(kind=ContactKind.MAIL), NOW) == Hindrance.NO_NUMBER
    assert hindrance(number(superseded_at=NOW), NOW) == Hindrance.SUPERSEDED
    assert hindrance(number(verified_at=None), NOW) == Hindrance.UNVERIFIED
    assert hindrance(number(sim_swapped_at=NOW), NOW) == Hindrance.SIM_SWAPPED
    assert hindrance(number(since=NOW), NOW) == Hindrance.TOO_YOUNG
    assert hindrance(number(), NOW) is None
