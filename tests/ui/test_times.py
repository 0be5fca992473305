"""Times for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.customers.models import Customer
from backoffice.ui import times

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CUSTOMER = Customer(time_zone="Europe/Amsterdam")


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=-20), "20 minutes ago"),
        (timedelta(hours=23, minutes=59), "in 23 hours"),
        (timedelta(days=-1), "1 day ago"),
        (timedelta(days=4, hours=5), "in 4 days"),
    ],
)
def test_distances_are_rounded_towards_now(away: timedelta, words: str) -> None:
    assert times.relative(NOW + away, NOW) == words


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(hours=-2), "today 10:00"),
        (timedelta(days=-2), "Friday 20 November"),
        (timedelta(days=-400), "Saturday 18 October 2025"),
    ],
)
def test_a_moment_is_named_as_far_as_it_must_be(away: timedelta, words: str) -> None:
    assert times.moment(NOW + away, NOW) == words


def test_a_time_to_act_until_is_on_the_customer_s_clock() -> None:
    assert times.until(datetime(2026, 11, 26, 16, 0, tzinfo=UTC), CUSTOMER) == "Thursday 26 November, 17:00 your time"
    assert times.until(None, CUSTOMER) == ""


def test_a_window_names_its_day_once() -> None:
    start = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)

    said = times.window(start, start + timedelta(hours=2), CUSTOMER)

    assert said == "Thursday 26 November, between 14:00 and 16:00 your time"
