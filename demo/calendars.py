"""Calendars for the demonstration: windows on the next days, one that is open now, and the hours in which we call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet

from backoffice.actors import Actor
from backoffice.calls.back import staffing
from backoffice.staff.models import Role, User
from backoffice.visits.models import Slot
from backoffice.visits.offering import enter_slot

DAYS = 6
HOURS_UTC = (time(8), time(12), time(15))
LENGTH = timedelta(hours=2, minutes=30)
SINCE = timedelta(minutes=10)
CALLERS = {Role.SUPPORT: 3, Role.SUPERVISOR: 1}
"""How many of a role call customers at once, from 07:00 to 18:00 UTC; one of the agents for whom we missed."""
LEFT = timedelta(minutes=60)
"""How much of the open window must be left, so that a story can be played in it."""


@transaction.atomic
def offer_demo_slots(*, visitors: Sequence[User], now: datetime) -> list[Slot]:
    """Gives each visitor a free window that is open at `now` and three a day for six days; gives those entries.

    Safe to repeat. Windows that are taken stay. A visitor who is at a visit at `now` gets no window that is open now.
    """
    entries = [_open_now(visitor, now) for visitor in visitors]
    for visitor in visitors:
        for day in range(1, DAYS + 1):
            for hour in HOURS_UTC:
                starts = datetime.combine((now + timedelta(days=day)).date(), hour, tzinfo=UTC)
                if not _between(visitor, starts, starts + LENGTH).exists():
                    entries.append(enter_slot(visitor=visitor, starts=starts, ends=starts + LENGTH))
    return [entry for entry in entries if entry is not None]


def staff_demo_hours(*, by: Actor, now: datetime) -> None:
    """Staffs the calls of today, as far as the day is left, and of the next six days. Safe to repeat: what customers
    have chosen stays promised."""
    for day in range(DAYS + 1):
        morning, evening = (
            datetime.combine((now + timedelta(days=day)).date(), hour, tzinfo=UTC) for hour in (time(7), time(18))
        )
        starts = max(morning, _next_quarter(now))
        for role, agents in CALLERS.items() if starts < evening else ():
            kept = 1 if agents > 1 else 0
            staffing.enter(staffed=staffing.Staffed(role, starts, evening, agents, kept), by=by, now=now)


def _next_quarter(now: datetime) -> datetime:
    started = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return started + staffing.QUARTER


def _open_now(visitor: User, now: datetime) -> Slot | None:
    there = Slot.objects.filter(visitor=visitor, taken_by=None, starts__lte=now, ends__gte=now + LEFT).first()
    if there is not None:
        return there
    starts = now.replace(second=0, microsecond=0) - SINCE
    _between(visitor, starts, starts + LENGTH).filter(taken_by=None).delete()
    taken = list(_between(visitor, starts, starts + LENGTH).order_by("starts"))
    starts = max([starts, *(entry.ends for entry in taken if entry.ends <= now)])
    ends = min([starts + LENGTH, *(entry.starts for entry in taken if entry.ends > now)])
    if ends < now + LEFT:
        return None
    return enter_slot(visitor=visitor, starts=starts, ends=ends)


def _between(visitor: User, starts: datetime, ends: datetime) -> QuerySet[Slot]:
    return Slot.objects.filter(visitor=visitor, starts__lt=ends, ends__gt=starts)
