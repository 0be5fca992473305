"""What the templates of every face share: times, the six states, and who we are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from backoffice import never_told
from backoffice.cases.models import Case
from backoffice.cases.timeline_view import Reader
from backoffice.messages.catalogue import is_known, kind_of
from backoffice.trust.models import Contact
from backoffice.ui import states, staying, times
from backoffice.ui.states import State

register = template.Library()


@register.filter
def state_name(case: Case) -> str:
    """One of the six names for a case."""
    return states.state_of(case)


@register.filter
def state_says(case: Case) -> str:
    """The words of a case's state, for staff."""
    return states.words_for_staff(case)


@register.filter
def state_words(name: str, reader: str = Reader.STAFF.value) -> str:
    """The words of a state, to staff, or to the `customer` ("Your turn")."""
    return states.words(State(name), Reader(reader))


@register.filter
def relative(at: datetime, now: datetime | None = None) -> str:
    return times.relative(at, now)


@register.filter
def tells(contact: Contact) -> str:
    """What a message of ours says, for one that has no subject: a text message. Empty for all other contacts."""
    return kind_of(contact.purpose).about if is_known(contact.purpose) and not contact.subject else ""


@register.filter
def breaks_at_dots(text: str) -> SafeString:
    """A heading with a domain name in it: on a narrow screen the name breaks behind a dot, and not within a word."""
    return format_html_join(mark_safe(".<wbr>"), "{}", ((piece,) for piece in str(text).split(".")))


@register.filter
def one_by_one(code: str) -> str:
    """A code as a screen reader should say it, digit by digit, with a pause between its groups: "1, 2, 3; 4, 5, 6"."""
    return "; ".join(", ".join(group) for group in code.split())


@register.inclusion_tag("components/when.html")
def when(
    at: datetime | None,
    zone: str = "",
    words: str = "",
    now: datetime | None = None,
    bare: bool = False,
    full: bool = False,
) -> dict[str, object]:
    """A time for people: in the reader's time zone, with "in 20 minutes" or the like beside it. `at` is aware; None
    shows nothing. `zone` is the reader's zone if it is known ("Europe/Amsterdam", for a customer). Without it the
    current zone is shown with its name, and the browser replaces it by its own. `words` name the zone if that matters
    ("your time"). `bare` leaves out the relative time; `full` does too, and gives the year and the zone, for what is
    printed or read long after.
    """
    if at is None:
        return {"at": None}
    now = now or timezone.now()
    chosen = ZoneInfo(zone) if zone else timezone.get_current_timezone()
    return {
        "at": at,
        "machine": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "shown": times.in_full(at, chosen) if full else times.absolute(at, chosen, now),
        "words": words or ("" if zone or full else at.astimezone(chosen).tzname()),
        "reader": not zone,
        "full": full,
        "ago": "" if bare or full else times.relative(at, now),
    }


@register.filter
def labelled(lines: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The lines of evidence that have a name. Lines without one are sentences."""
    return [line for line in lines if line[0]]


@register.simple_tag(takes_context=True)
def process_panel(context: template.Context, panel: tuple[str, Mapping[str, Any]]) -> str:
    """What a process adds to a generic page: its own template with its own context."""
    name, own = panel
    return render_to_string(name, dict(own), request=context.get("request"))


@register.inclusion_tag("components/sign_in_ends.html", takes_context=True)
def sign_in_ends(context: template.Context) -> dict[str, object]:
    """Until when the reader is signed in, and the warning before it. Nothing for those who are not."""
    request = context.get("request")
    stay = staying.stay_of(request) if request is not None and hasattr(request, "session") else None
    if stay is None:
        return {"stay": None}
    return {
        "stay": stay,
        "ends": datetime.fromtimestamp(stay.ends, UTC),
        "left": max(0, int(stay.ends - time.time())),
        "before": staying.WARNED_BEFORE,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(name="never_told")
def what_is_never_told() -> str:
    """What nobody ever tells anybody, as every page, mail and call of ours says it."""
    return never_told.in_words()


@register.simple_tag
def company() -> dict[str, str]:
    """The company as customers know it: `name`, and `phone` as it is printed on everything that they have from us, with
    the `hours` in which somebody answers. `desk` is the number for our visitors. `cards` is empty where nobody can pay
    by card."""
    return {
        "name": settings.COMPANY_NAME,
        "phone": settings.COMPANY_PHONE,
        "hours": settings.COMPANY_PHONE_HOURS,
        "desk": settings.DESK_PHONE,
        "cards": settings.PAYMENTS_URL and "yes",
    }
