"""Which times a customer may choose from: the free windows in the calendars of visitors who may make this visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from backoffice.cases.models import Part
from backoffice.cases.windows import Window
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.models import User
from backoffice.visits.models import LONGEST_WINDOW, Slot, Visit

DAYS_AHEAD = timedelta(days=10)
LAST_CALL = timedelta(minutes=30)
"""A window may be chosen until this long before its end."""
KEPT_UNTIL = timedelta(hours=24)
"""Some windows are kept for customers whose visit we missed. This long before they begin, everybody may have them."""


def windows(visit: Visit, *, now: datetime) -> Sequence[Window]:
    """The windows of the next ten days that are free for this visit, the earliest first."""
    times = free_slots(visit, now=now).values_list("starts", "ends").distinct().order_by("starts", "ends")
    return [Window(starts, ends) for starts, ends in times]


def window_of(visit: Visit, key: str, *, now: datetime) -> Window:
    """The free window with this key. Raises `Invalid` on `window` when it is no longer free, or never existed."""
    for window in windows(visit, now=now):
        if window.key == key:
            return window
    raise Invalid({"window": [_("This time is no longer free. Choose another one.")]})


def free_slots(visit: Visit, *, now: datetime) -> QuerySet[Slot]:
    """Free entries in the calendars of certified visitors who have no part in the family of cases."""
    slots = Slot.objects.filter(
        taken_by=None,
        ends__gt=now + LAST_CALL,
        starts__lte=now + DAYS_AHEAD,
        visitor__is_active=True,
        visitor__staff_profile__certified_visitor=True,
        visitor__staff_profile__certified_until__gte=TruncDate("ends"),
    )
    if not visit.first_in_line:
        slots = slots.filter(Q(kept_for_missed=False) | Q(starts__lte=now + KEPT_UNTIL))
    return slots.exclude(visitor__in=with_another_part(visit))


def with_another_part(visit: Visit) -> QuerySet[Part, int]:
    """The ids of people who have another part in the family than the visitor's: they may not visit (four eyes)."""
    parts = Part.objects.filter(root_id=visit.case.root_id_or_own).exclude(part="visitor")
    return parts.values_list("user_id", flat=True)


def enter_slot(*, visitor: User, starts: datetime, ends: datetime, kept_for_missed: bool = False) -> Slot:
    """Puts a window (aware UTC) into a visitor's calendar; entering it again changes nothing.

    Raises `Invalid` for a window longer than two and a half hours or without length, `Conflict` where it overlaps.
    """
    if not timedelta(0) < ends - starts <= LONGEST_WINDOW:
        raise Invalid({"ends": [_("A window is at most two and a half hours long.")]})
    with transaction.atomic():
        User.objects.select_for_update().get(pk=visitor.pk)
        clash = Slot.objects.filter(visitor_id=visitor.pk, starts__lt=ends, ends__gt=starts).first()
        if clash and (clash.starts, clash.ends) == (starts, ends):
            return clash
        if clash:
            raise Conflict("overlap", _("The visitor's calendar has something else at that time."), field="starts")
        return Slot.objects.create(visitor_id=visitor.pk, starts=starts, ends=ends, kept_for_missed=kept_for_missed)
