"""Business days, by the public holidays of a country. A day on which something comes in is not counted (Regulation
(EEC, Euratom) 1182/71, article 3; FCA DISP 1.5.1)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays


def business_days_after(start: date, days: int, country: str) -> date:
    """The date that many business days after `start`, by the public holidays and the weekend of the country
    (ISO 3166-1). In a country whose holidays are not known, only Saturday and Sunday are free."""
    day = start
    while days:
        day += timedelta(days=1)
        if is_business_day(day, country):
            days -= 1
    return day


def business_days_between(start: date, end: date, country: str) -> int:
    """How many business days lie after `start` up to and with `end`; 0 where `end` is not after it."""
    return sum(is_business_day(start + timedelta(days=n), country) for n in range(1, (end - start).days + 1))


def is_business_day(day: date, country: str) -> bool:
    free = _holidays(country)
    return day.weekday() not in free.weekend and day not in free


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return holidays.HolidayBase()
