"""When we may disturb somebody: from 08:00 to 21:00 by their own clock (US Reg F, taken as our own limit)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

OPENS = time(8)
CLOSES = time(21)
log = structlog.get_logger(__name__)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. An unknown name is logged and read as UTC: a bad record must not stop a process."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("unknown time zone", zone=name)
        return ZoneInfo("UTC")


def next_allowed(*, at: datetime, time_zone: str) -> datetime:
    """`at` itself (aware) where it lies outside the quiet hours of `time_zone`, else the next 08:00 there, in UTC.

    The day is counted on the wall clock there, so it is 08:00 also on days when clocks change.
    """
    where = zone(time_zone)
    local = at.astimezone(where)
    if OPENS <= local.time() < CLOSES:
        return at
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, tzinfo=where).astimezone(UTC)
