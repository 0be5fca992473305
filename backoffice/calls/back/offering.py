"""Which times a customer may choose from: quarters of an hour in which somebody of us is free to call, within 08:00 to
21:00 by the customer's own clock, and not before the contact budget lets us. Two never get the last place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _t

from backoffice.calls.back.models import CallBack, StaffedQuarter
from backoffice.calls.back.records import matter_of
from backoffice.cases.windows import Window, of_key
from backoffice.customers.models import Customer
from backoffice.refusals import Invalid
from backoffice.telephony import budget
from backoffice.trust.quiet_hours import next_allowed
from workflows.call_back.spec import PERIODS

DAYS_AHEAD = timedelta(days=7)
KEPT_UNTIL = timedelta(hours=2)
"""Some places are kept for customers whom we did not call as promised. This long before, everybody may have them."""
A_MOMENT = timedelta(seconds=1)


def earliest(call_back: CallBack, *, now: datetime, asked: bool) -> datetime:
    """From when we may call (UTC). `asked`: the customer chooses it themselves, so that no silence is kept."""
    found = earliest_for(call_back.case.customer, matter=matter_of(call_back), now=now, asked=asked)
    return max(found, call_back.not_before) if call_back.not_before and not asked else found


def earliest_for(customer: Customer, *, matter: str, now: datetime, asked: bool) -> datetime:
    wait = budget.wait(customer=customer, matter=matter, now=now, asked_by_customer=asked)
    soonest = now + PERIODS.preparation
    return max(soonest, wait.until) if wait is not None else soonest


def windows(
    *, role: str, time_zone: str, since: datetime, now: datetime, first_in_line: bool = False
) -> Sequence[Window]:
    """The free windows of the next seven days from `since` (aware) on, the earliest first."""
    free = _free(role, now=now, first_in_line=first_in_line).filter(starts__gte=since, starts__lte=now + DAYS_AHEAD)
    found = (
        Window(starts, starts + PERIODS.window) for starts in free.order_by("starts").values_list("starts", flat=True)
    )
    return [window for window in found if is_awake(window, time_zone)]


def windows_for(call_back: CallBack, *, now: datetime, asked: bool) -> Sequence[Window]:
    return windows(
        role=call_back.role,
        time_zone=call_back.case.customer.time_zone,
        since=earliest(call_back, now=now, asked=asked),
        now=now,
        first_in_line=call_back.first_in_line,
    )


def is_awake(window: Window, time_zone: str) -> bool:
    """Whether all of the window lies within the hours in which we may call there."""
    return all(next_allowed(at=at, time_zone=time_zone) == at for at in (window.starts, window.ends - A_MOMENT))


def by_day(found: Sequence[Window], time_zone: str) -> list[tuple[str, Any]]:
    """As the choices of a field, in groups: the days, and the hours of each."""
    days = groupby(found, key=lambda window: window.day_in_words(time_zone))
    return [(day, [(one.key, one.hours_in_words(time_zone)) for one in of_day]) for day, of_day in days]


def earliest_in_words(found: Sequence[Window], time_zone: str, *, to_customer: bool) -> str:
    """Under the field in which a time is chosen: why none begins at once, and what a customer in a hurry can do."""
    if not found:
        return _t("No time is free in the next days. Look again tomorrow.")
    told = {"minutes": PERIODS.preparation // timedelta(minutes=1), "when": found[0].in_words(time_zone)}
    said = _t("We need %(minutes)d minutes to prepare. The earliest time is %(when)s.") % told
    if not to_customer:
        return said
    hurry = _t("All times are by your clock. Do you want to talk at once? Call us on %(phone)s.")
    return f"{said} " + hurry % {"phone": settings.COMPANY_PHONE}


def of_choice(key: str, offered: Sequence[Window]) -> Window:
    """The window with this key. Raises `Invalid` on `window` when it is not offered (any more)."""
    chosen = of_key(key)
    if chosen is None or chosen not in offered:
        raise Invalid({"window": [_t("This time is no longer free. Choose another one.")]})
    return chosen


def take(role: str, window: Window, *, now: datetime, first_in_line: bool = False) -> None:
    """Takes a place in that quarter. Of two who want the last one at once, the second gets `Invalid` on `window`."""
    free = _free(role, now=now, first_in_line=first_in_line).filter(starts=window.starts)
    if not free.update(taken=F("taken") + 1):
        raise Invalid({"window": [_t("Somebody else has just taken this time. Choose another one.")]})


def give_back(call_back: CallBack, *, now: datetime) -> None:
    """Frees the place if its window is still ahead."""
    if call_back.starts is not None and call_back.starts > now:
        of_mine = StaffedQuarter.objects.filter(role=call_back.role, starts=call_back.starts, taken__gt=0)
        of_mine.update(taken=F("taken") - 1)


def _free(role: str, *, now: datetime, first_in_line: bool) -> QuerySet[StaffedQuarter]:
    quarters = StaffedQuarter.objects.filter(role=role)
    if first_in_line:
        return quarters.filter(taken__lt=F("agents"))
    open_to_all = Q(taken__lt=F("agents") - F("kept"))
    return quarters.filter(open_to_all | Q(taken__lt=F("agents"), starts__lte=now + KEPT_UNTIL))
