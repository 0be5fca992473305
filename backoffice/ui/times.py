"""Times for people: relative times, times in the reader's zone, and windows. All arguments are aware."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.customers.models import Customer
from backoffice.messages import composing


def relative(at: datetime, now: datetime | None = None) -> str:
    """How far `at` lies from `now`: "in 20 minutes", "3 days ago".

    `countersign.js` writes the same words when it keeps an open page fresh.
    """
    away = at - (now or timezone.now())
    seconds = abs(away) // timedelta(seconds=1)
    if seconds < 60:
        return _("now")
    return (_("in %s") if away > timedelta() else _("%s ago")) % _amount(seconds)


def _amount(seconds: int) -> str:
    if (minutes := seconds // 60) < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    if (hours := minutes // 60) < 24:
        return ngettext("%d hour", "%d hours", hours) % hours
    days = hours // 24
    return ngettext("%d day", "%d days", days) % days


def usually(took: timedelta) -> str:
    """ "usually about 2 days"."""
    if took < timedelta(minutes=1):
        return _("usually at once")
    return _("usually about %s") % _amount(int(took.total_seconds()))


def lasts(duration: timedelta) -> str:
    """ "5 days", "2 hours": in the largest unit of which there is a whole one."""
    seconds = int(duration.total_seconds())
    if duration.days:
        return ngettext("%(count)d day", "%(count)d days", duration.days) % {"count": duration.days}
    if hours := seconds // 3600:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    if minutes := seconds // 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}


def absolute(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`at` in the zone `zone`: "Thu 26 Nov, 17:00", with the year if it is not the current one."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    return date_format(local, "D j M, H:i" if local.year == today.year else "D j M Y, H:i")


def in_full(at: datetime, zone: tzinfo | None = None) -> str:
    """ "30 November 2026, 10:43 CET", in `zone` or the current time zone: for paper, which is read long after."""
    local = timezone.localtime(at, zone)
    return f"{date_format(local, 'j F Y, H:i')} {local.tzname()}"


def until(at: datetime | None, customer: Customer) -> str:
    """ "Thursday 26 November, 17:00 your time" on the customer's clock; empty for no time."""
    return composing.in_words(at, customer.time_zone) if at else ""


def window(start: datetime, end: datetime, customer: Customer) -> str:
    """ "Thursday 26 November, between 14:00 and 16:30 your time" on the customer's clock."""
    return composing.window_in_words(start, end, customer.time_zone)


def moment(at: datetime, now: datetime | None = None) -> str:
    """ "today 13:58" or "Sunday 22 November", on the clock of the current time zone."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    if local.date() == today.date():
        return _("today %(time)s") % {"time": date_format(local, "H:i")}
    return date_format(local, "l j F" if local.year == today.year else "l j F Y")
