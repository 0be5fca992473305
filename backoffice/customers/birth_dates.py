"""How a birth date is written and checked; it is stored as year-month-day (ISO 8601, in its one extended form)."""

from __future__ import annotations

import calendar
import re
from datetime import date

from django.utils.translation import gettext as _

from backoffice.refusals import Invalid
from backoffice.text import folded

EARLIEST = date(1900, 1, 1)
_WRITTEN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def clean(typed: str, *, today: date, field: str = "birth_date") -> str:
    """The date as `1984-05-17`. Raises Invalid on `field` with what is wrong: how it is written, that there is no such
    day, that it lies in the future or before 1900."""
    written = _WRITTEN.fullmatch(folded(typed).replace(" ", ""))
    if written is None:
        raise Invalid({field: [_("Write the date as year-month-day: 1984-05-17.")]})
    year, month, day = (int(part) for part in written.groups())
    fault = _fault(year, month, day, today)
    if fault:
        raise Invalid({field: [fault]})
    return date(year, month, day).isoformat()


def _fault(year: int, month: int, day: int, today: date) -> str:
    if not 1 <= month <= 12:
        return _("There is no month %(month)s. Write year, month, day: 1984-05-17.") % {"month": month}
    if year < EARLIEST.year:
        return _("This date is too long ago. Check the year.")
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return _("There is no such day: this month had %(days)s days.") % {"days": calendar.monthrange(year, month)[1]}
    if date(year, month, day) > today:
        return _("This date is in the future.")
    return ""
