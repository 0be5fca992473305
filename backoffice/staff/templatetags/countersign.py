"""What the templates of every face share: times, the six states, and who we are.

It lies in the lowest room that has templates of its own, so that no face needs another. A case is read by the
names of its columns (`Standing`), for this room may not import it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

register = template.Library()


class State(StrEnum):
    """The six things that colours stand for."""

    US = "us"
    CUSTOMER = "customer"
    OTHERS = "others"
    DONE = "done"
    STOPPED = "stopped"
    ATTENTION = "attention"


STAFF_WORDS = {
    State.US: gettext_lazy("Waiting on us"),
    State.CUSTOMER: gettext_lazy("Waiting on the customer"),
    State.OTHERS: gettext_lazy("Waiting on somebody else"),
    State.DONE: gettext_lazy("Done"),
    State.STOPPED: gettext_lazy("Stopped"),
    State.ATTENTION: gettext_lazy("Needs attention"),
}
CUSTOMER_WORDS = {
    **STAFF_WORDS,
    State.US: gettext_lazy("Our turn"),
    State.CUSTOMER: gettext_lazy("Your turn"),
    State.ATTENTION: gettext_lazy("We are looking into this"),
}


class Standing(Protocol):
    """The columns of a case that say where it stands."""

    state: str
    outcome: str
    waiting_on: str
    open_incidents: int


@register.filter
def state_name(case: Standing) -> str:
    """One of the six names for a case: what hinders it first, then how it ended, then whose turn it is."""
    if case.open_incidents or case.outcome == "failed":
        return State.ATTENTION
    if case.state == "closed":
        return State.DONE if case.outcome == "done" else State.STOPPED
    if case.state in ("frozen", "stopping"):
        return State.STOPPED
    turns = {"us": State.US, "customer": State.CUSTOMER, "others": State.OTHERS, "nobody": State.OTHERS}
    return turns[case.waiting_on]


@register.filter
def state_words(name: str, reader: str = "staff") -> str:
    """The words of a state, to staff, or to the `customer` ("Your turn")."""
    words = CUSTOMER_WORDS if reader == "customer" else STAFF_WORDS
    return str(words[State(name)])


@register.filter
def relative(at: datetime, now: datetime | None = None) -> str:
    """How far `at` lies from `now`: "in 20 minutes", "3 days ago"; both aware, any zone.

    `countersign.js` writes the same words when it keeps an open page fresh.
    """
    away = at - (now or timezone.now())
    seconds = abs(away) // timedelta(seconds=1)
    if seconds < 60:
        return _("now")
    amount = _amount(seconds)
    return (_("in %s") if away > timedelta() else _("%s ago")) % amount


def _amount(seconds: int) -> str:
    if (minutes := seconds // 60) < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    if (hours := minutes // 60) < 24:
        return ngettext("%d hour", "%d hours", hours) % hours
    days = hours // 24
    return ngettext("%d day", "%d days", days) % days


def absolute(at: datetime, zone: tzinfo, now: datetime) -> str:
    """`at` on the clock of `zone`: "Thu 26 Nov, 17:00", with the year where it is another one."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    return date_format(local, "D j M, H:i" if local.year == today.year else "D j M Y, H:i")


@register.inclusion_tag("components/when.html")
def when(
    at: datetime | None, zone: str = "", words: str = "", now: datetime | None = None, bare: bool = False
) -> dict[str, object]:
    """A time for people: on the reader's clock, with the distance beside it.

    `at` is aware, or None for nothing at all. `zone` is the reader's zone where it is known ("Europe/Amsterdam",
    as for a customer); without it the current zone is shown with its name, and the browser puts its own clock in
    its place. `words` name the zone where that matters ("your time"). `bare` leaves out the distance.
    """
    if at is None:
        return {"at": None}
    now = now or timezone.now()
    chosen = ZoneInfo(zone) if zone else timezone.get_current_timezone()
    return {
        "at": at,
        "machine": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "shown": absolute(at, chosen, now),
        "words": words or ("" if zone else at.astimezone(chosen).tzname()),
        "reader": not zone,
        "ago": "" if bare else relative(at, now),
    }


@register.simple_tag
def company() -> dict[str, str]:
    """Who we are to customers: `name`, and `phone` as it is printed on every card."""
    return {"name": settings.COMPANY_NAME, "phone": settings.COMPANY_PHONE}
