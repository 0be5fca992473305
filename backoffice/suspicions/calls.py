"""Was it one of our calls? What the register's calls say of a call that a customer reports.

The rule, and why it is this one:

| what is reported | our calls to this customer | answer |
|---|---|---|
| somebody is on the line now | one is on, its console has been heard, its digits were not refused | ours |
| the same | one is on, and its console is silent; or one ended a minute ago | cannot tell |
| the same | none, or one in which the customer found the digits wrong three times | not ours |
| a call that is over | none was dialled within three days | not ours |
| the same, with its time | none of ours was on then, give or take five minutes | not ours |
| the same, with its time | one of ours was on then | cannot tell |
| the same, without a time | one was dialled within three days | cannot tell |
| the same, with its time or without | one of us dialled by hand then, and noted it within an hour | cannot tell |

Only a call that is on can be *ours*: there the page names who of us should be at the other end, and the customer
compares while they talk. Of a call that is over a time proves nothing, because a fraudster can call right after us; so
where the times meet the customer is shown our calls and says whether it was one of them, and a person decides. *Not
ours* is never said of a real call of ours, as long as the time is right to half an hour: it would cost the trust in the
next one. Whatever cannot be told is paused as if it were not ours (`pausing.py`), so nobody waits unprotected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.suspicions.models import Match
from backoffice.telephony import proving
from backoffice.telephony.models import Call
from backoffice.trust.models import Contact, Direction
from backoffice.trust.quiet_hours import zone

LATELY = timedelta(days=3)
"""A call of ours in these days may be the one that the customer means."""
NEAR = timedelta(minutes=5)
"""So far a call of ours reaches beyond its own time: clocks differ, and it rings before it is answered."""
ABOUT = timedelta(minutes=30)
"""“About two o'clock” is right to so much."""
DIALLED_BY_HAND = "suspicious_contact.called_by_hand"
"""The purpose, in the register, of a call that has no states: a supervisor dialled it (`making_safe.py`)."""
NOTED_WITHIN = timedelta(hours=1)
"""Who dialled by hand notes it so long after the call at the latest."""
JUST_ENDED = timedelta(minutes=1)
"""Whoever says that somebody is on the line may press a moment after we have hung up."""
MOST_SHOWN = 5


class When(TextChoices):
    """When a call came, as people say it."""

    LAST_HOUR = "hour", _("Within the last hour")
    TODAY = "today", _("Earlier today")
    YESTERDAY = "yesterday", _("Yesterday")
    BEFORE = "before", _("Before that")


@dataclass(frozen=True)
class Came:
    """Between which times (UTC) a call came."""

    since: datetime
    until: datetime


def came(when: str, about: time | None, *, customer: Customer, now: datetime) -> Came | None:
    """The times that somebody means, by the customer's own clock; None where they do not say. `about` counts today and
    yesterday. Raises `ValueError` for a time that is still to come."""
    if not when:
        return None
    here = zone(customer.time_zone)
    today = now.astimezone(here).date()
    begins, yesterday = _clock(today, time(), here)[0], _clock(today - timedelta(days=1), time(), here)[0]
    match When(when):
        case When.LAST_HOUR:
            return Came(now - timedelta(hours=1), now)
        case When.BEFORE:
            return Came(now - LATELY, yesterday)
        case When.TODAY:
            day, whole = today, Came(begins, now)
        case When.YESTERDAY:
            day, whole = today - timedelta(days=1), Came(yesterday, begins)
    if about is None:
        return whole
    earliest, latest = _clock(day, about, here)
    if earliest - ABOUT > now:
        raise ValueError("this time is still to come")
    return Came(earliest - ABOUT, min(latest + ABOUT, now))


def lately(customer: Customer, *, now: datetime) -> Sequence[Call]:
    """Our calls that were dialled in the last days: those that a customer may mean. The newest first."""
    ours = Call.objects.filter(customer=customer, direction=Direction.OUT, dialled_at__gte=now - LATELY)
    return list(ours.select_related("contact", "agent").order_by("-dialled_at"))


def going_on(customer: Customer, *, now: datetime) -> tuple[Match, Contact | None]:
    """Whether it is one of us who is on the line with the customer now, and the contact that it is."""
    ours = lately(customer, now=now)
    believed = [call for call in ours if not (call.ended_at is None and proving.is_spent(call))]
    on = [call for call in believed if call.ended_at is None]
    if heard := [call for call in on if call.is_heard(now)]:
        talking = next((call for call in heard if call.answered_at is not None), heard[0])
        return Match.OURS, talking.contact
    just_ended = any(call.ended_at is not None and now - call.ended_at <= JUST_ENDED for call in believed)
    return (Match.CANNOT_TELL if on or just_ended else Match.NOT_OURS), None


def past(customer: Customer, reported: Came | None, *, now: datetime) -> Match:
    """Whether a call that is over can have been one of ours."""
    ours, by_hand = lately(customer, now=now), _by_hand(customer, now)
    if reported is not None:
        ours = [call for call in ours if _was_on(call, reported, now)]
        by_hand = [at for at in by_hand if at - NOTED_WITHIN <= reported.until and reported.since <= at + NEAR]
    return Match.CANNOT_TELL if ours or by_hand else Match.NOT_OURS


def _by_hand(customer: Customer, now: datetime) -> Sequence[datetime]:
    """When one of us noted in the register that they had called; such a call has no states."""
    noted = Contact.objects.filter(customer=customer, purpose=DIALLED_BY_HAND, at__gte=now - LATELY)
    return list(noted.values_list("at", flat=True))


def _was_on(call: Call, reported: Came, now: datetime) -> bool:
    assert call.dialled_at is not None
    ended = call.ended_at or now
    return call.dialled_at - NEAR <= reported.until and reported.since <= ended + NEAR


def _clock(day: date, at: time, here: tzinfo) -> tuple[datetime, datetime]:
    """The first and the last moment (UTC) at which the clocks there show this: two, in the night that has an hour
    twice."""
    shown = [datetime.combine(day, at.replace(fold=fold), here).astimezone(UTC) for fold in (0, 1)]
    return min(shown), max(shown)
