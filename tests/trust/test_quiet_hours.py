from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.trust.quiet_hours import next_allowed


def local(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (local(2026, 11, 23, 8, 0), local(2026, 11, 23, 8, 0)),
        (local(2026, 11, 23, 20, 59, 59), local(2026, 11, 23, 20, 59, 59)),
        (local(2026, 11, 23, 21, 0), local(2026, 11, 24, 8, 0)),
        (local(2026, 11, 23, 7, 59, 59), local(2026, 11, 23, 8, 0)),
        (local(2026, 12, 31, 23, 30), local(2027, 1, 1, 8, 0)),
    ],
)
def test_the_quiet_hours_are_from_nine_in_the_evening_to_eight(at: datetime, allowed: datetime) -> None:
    assert next_allowed(at=at.astimezone(UTC), time_zone="Europe/Amsterdam") == allowed.astimezone(UTC)


def test_it_is_eight_by_the_wall_clock_on_the_days_on_which_clocks_change() -> None:
    spring = next_allowed(at=local(2026, 3, 28, 22, 0).astimezone(UTC), time_zone="Europe/Amsterdam")
    autumn = next_allowed(at=local(2026, 10, 24, 22, 0).astimezone(UTC), time_zone="Europe/Amsterdam")

    assert spring == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    assert autumn == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)
    assert spring - local(2026, 3, 28, 22, 0).astimezone(UTC) == timedelta(hours=9)
    assert autumn - local(2026, 10, 24, 22, 0).astimezone(UTC) == timedelta(hours=11)


def test_the_hour_that_comes_twice_is_quiet_both_times() -> None:
    for at in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert next_allowed(at=at, time_zone="Europe/Amsterdam") == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


def test_a_zone_that_nobody_knows_is_read_as_utc() -> None:
    at = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    assert next_allowed(at=at, time_zone="Nowhere/Land") == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


ZONES = [
    "Europe/Amsterdam",
    "Europe/Warsaw",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "America/Sao_Paulo",
]


@given(st.integers(0, 10**8), st.sampled_from(ZONES))
def test_it_is_never_earlier_never_quiet_and_at_most_a_night_later(seconds: int, zone: str) -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    allowed = next_allowed(at=at, time_zone=zone)

    assert at <= allowed <= at + timedelta(hours=12, minutes=1)
    assert 8 <= allowed.astimezone(ZoneInfo(zone)).hour < 21
    assert next_allowed(at=allowed, time_zone=zone) == allowed
