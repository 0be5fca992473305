"""Windows of time that a customer chooses from: their keys in forms, and how people say them. The calendars in which
they are free belong to the rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext

from backoffice.trust.quiet_hours import zone


@dataclass(frozen=True, order=True)
class Window:
    """A span of time (aware UTC). `key` is its value in forms."""

    starts: datetime
    ends: datetime

    @property
    def key(self) -> str:
        return f"{self.starts.astimezone(UTC):%Y%m%dT%H%M}-{self.ends.astimezone(UTC):%Y%m%dT%H%M}"

    def in_words(self, time_zone: str) -> str:
        """ "Thursday 26 November, 14:00 to 16:30", in that zone and the active language."""
        return in_words(self.starts, self.ends, time_zone)

    def day(self, time_zone: str) -> str:
        """The day on which it begins in that zone, as YYYY-MM-DD."""
        return self.starts.astimezone(zone(time_zone)).date().isoformat()

    def day_in_words(self, time_zone: str) -> str:
        """ "Thursday 26 November", in that zone and the active language."""
        return day_in_words(self.starts, time_zone)

    def hours_in_words(self, time_zone: str) -> str:
        """ "14:00 to 16:30", in that zone."""
        return hours_in_words(self.starts, self.ends, time_zone)


def of_key(key: str) -> Window | None:
    """The window with this key, whether or not it is free or ever was; None for anything else."""
    try:
        starts, ends = (datetime.strptime(part, "%Y%m%dT%H%M").replace(tzinfo=UTC) for part in key.split("-"))
    except ValueError:
        return None
    return Window(starts, ends)


def key_in_words(key: str, time_zone: str) -> str:
    """The window with this key in words, whether or not it is still free; empty for anything else."""
    window = of_key(key)
    return window.in_words(time_zone) if window else ""


def in_words(starts: datetime, ends: datetime, time_zone: str) -> str:
    """A window (aware UTC) as people say it, in that zone and the active language."""
    return f"{day_in_words(starts, time_zone)}, {hours_in_words(starts, ends, time_zone)}"


def day_in_words(starts: datetime, time_zone: str) -> str:
    """ "Thursday 26 November"."""
    return date_format(starts.astimezone(zone(time_zone)), "l j F")


def hours_in_words(starts: datetime, ends: datetime, time_zone: str) -> str:
    """ "14:00 to 16:30"."""
    first, last = starts.astimezone(zone(time_zone)), ends.astimezone(zone(time_zone))
    return gettext("%(start)s to %(end)s") % {"start": date_format(first, "H:i"), "end": date_format(last, "H:i")}
