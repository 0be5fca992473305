"""The clock: business days where the customer lives, by the calendar, through year ends and changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.complaints.clock import age, clock
from backoffice.customers.business_days import business_days_after, business_days_between, is_business_day
from workflows.complaint.facts import Rule

PLACES = {
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "GB": "Europe/London",
    "US": "America/New_York",
    "JP": "Asia/Tokyo",
}
FIRST, LAST = date(2024, 11, 1), date(2031, 1, 31)
MOMENTS = st.builds(
    lambda day, minute: datetime.combine(day, time(minute // 60, minute % 60), tzinfo=UTC),
    st.dates(FIRST, LAST),
    st.integers(0, 1439),
)
COUNTRIES = st.sampled_from(sorted(PLACES))


@settings(max_examples=60, deadline=None)
@given(received=MOMENTS, country=COUNTRIES)
def test_each_day_is_a_business_day_there_and_exactly_so_many_lie_between(received: datetime, country: str) -> None:
    zone = ZoneInfo(PLACES[country])
    found = clock(rule=Rule.PAYMENTS, received_at=received, country=country, time_zone=PLACES[country])
    day = received.astimezone(zone).date()
    for end, days in ((found.summary_by, 3), (found.final_by, 15), (found.hard_stop, 35)):
        local = end.astimezone(zone)
        assert is_business_day(local.date(), country)
        assert (local.hour, local.minute) == (17, 0)
        assert business_days_between(day, local.date(), country) == days
        assert end > received
    assert found.summary_by < found.final_by < found.hard_stop


@settings(max_examples=40, deadline=None)
@given(received=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=400)), country=COUNTRIES)
def test_who_complains_later_is_never_answered_sooner(received: datetime, later: timedelta, country: str) -> None:
    first, second = (
        clock(rule=Rule.PAYMENTS, received_at=at, country=country, time_zone=PLACES[country])
        for at in (received, received + later)
    )
    assert first.final_by <= second.final_by
    assert first.hard_stop <= second.hard_stop


@settings(max_examples=60, deadline=None)
@given(received=MOMENTS, country=COUNTRIES)
def test_eight_weeks_are_56_days_on_the_customers_clock(received: datetime, country: str) -> None:
    zone = ZoneInfo(PLACES[country])
    found = clock(rule=Rule.OTHERS, received_at=received, country=country, time_zone=PLACES[country])
    assert found.final_by == found.hard_stop
    assert found.final_by.astimezone(zone).date() - received.astimezone(zone).date() == timedelta(days=56)
    assert found.summary_by < found.final_by


DAYS = [
    ("NL", date(2026, 12, 24), 3, date(2026, 12, 30)),
    ("NL", date(2026, 4, 2), 1, date(2026, 4, 7)),
    ("GB", date(2026, 12, 24), 3, date(2026, 12, 31)),
    ("PL", date(2026, 12, 23), 1, date(2026, 12, 28)),
    ("PL", date(2026, 12, 31), 1, date(2027, 1, 4)),
    ("US", date(2026, 11, 25), 1, date(2026, 11, 27)),
    ("JP", date(2026, 5, 1), 1, date(2026, 5, 7)),
    ("ZZ", date(2026, 12, 24), 1, date(2026, 12, 25)),
]


@pytest.mark.parametrize(
    ("country", "start", "days", "end"), DAYS, ids=[f"{country}-{start}" for country, start, _days, _end in DAYS]
)
def test_days_that_anybody_can_look_up(country: str, start: date, days: int, end: date) -> None:
    """ZZ is no country: only its weekends are free. In Poland Christmas Eve is a holiday since 2025, and
    on Good Friday no bank of the Netherlands settles a payment."""
    assert business_days_after(start, days, country) == end


def test_the_day_is_that_of_the_customer_and_not_ours() -> None:
    """23:30 on a Friday in New York is Saturday in Amsterdam."""
    received = datetime(2026, 3, 7, 4, 30, tzinfo=UTC)
    found = clock(rule=Rule.PAYMENTS, received_at=received, country="US", time_zone="America/New_York")
    assert found.summary_by == datetime(2026, 3, 11, 21, 0, tzinfo=UTC)


def test_age_is_counted_from_the_day_after() -> None:
    friday = datetime(2026, 11, 27, 12, tzinfo=UTC)
    where = {"country": "NL", "time_zone": "Europe/Amsterdam"}
    assert [age(friday, now=friday + timedelta(days=days), **where) for days in (0, 1, 3, 7)] == [0, 0, 1, 5]
