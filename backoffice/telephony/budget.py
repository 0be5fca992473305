"""How often we may call somebody: 3 times a day and 7 times in 7 days per matter, not within 7 days of a conversation,
and only from 08:00 to 21:00 by their own clock (US Reg F, 12 CFR 1006.14, taken as our own limit)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.customers.models import Customer
from backoffice.telephony.models import Call, CallOutcome
from backoffice.trust import quiet_hours
from backoffice.trust.models import Direction

A_DAY = 3
IN_PERIOD = 7
PERIOD = timedelta(days=7)


class WaitReason(StrEnum):
    QUIET = "quiet"
    DAY = "day"
    WEEK = "week"
    SPOKEN = "spoken"


@dataclass(frozen=True)
class Wait:
    """Until when (UTC) the customer may not be called, and why."""

    until: datetime
    why: WaitReason

    def sentence(self, time_zone: str) -> str:
        """In words, with the time by the clock of `time_zone`."""
        until = date_format(self.until.astimezone(quiet_hours.zone(time_zone)), "j F, H:i")
        said = {
            WaitReason.QUIET: _("It is too early or too late to call there. Call from %(until)s by their clock."),
            WaitReason.DAY: _("We have called three times today about this. Call from %(until)s by their clock."),
            WaitReason.WEEK: _("We have called seven times in seven days. Call from %(until)s by their clock."),
            WaitReason.SPOKEN: _("We have spoken about this lately. Call from %(until)s by their clock."),
        }[self.why]
        return said % {"until": until}


def wait(*, customer: Customer, matter: str, now: datetime, asked_by_customer: bool = False) -> Wait | None:
    """How long a call about this matter must wait at `now` (aware); None when it may be made."""
    made = Call.objects.filter(customer=customer, direction=Direction.OUT, matter=matter, dialled_at__gt=now - PERIOD)
    calls = list(made.order_by("dialled_at").values_list("dialled_at", "outcome", "ended_at"))
    found: list[Wait] = []
    spoken = [ended for _at, outcome, ended in calls if outcome == CallOutcome.SPOKEN]
    if spoken and not asked_by_customer:
        found.append(Wait(max(spoken) + PERIOD, WaitReason.SPOKEN))
    if len(calls) >= IN_PERIOD:
        found.append(Wait(calls[-IN_PERIOD][0] + PERIOD, WaitReason.WEEK))
    where = quiet_hours.zone(customer.time_zone)
    today = now.astimezone(where).date()
    if sum(at.astimezone(where).date() == today for at, _outcome, _ended in calls) >= A_DAY:
        tomorrow = datetime.combine(today + timedelta(days=1), time(8), tzinfo=where).astimezone(UTC)
        found.append(Wait(tomorrow, WaitReason.DAY))
    until = max((one.until for one in found), default=now)
    allowed = quiet_hours.next_allowed(at=until, time_zone=customer.time_zone)
    if allowed == now:
        return None
    why = max(found, key=lambda one: one.until).why if found else WaitReason.QUIET
    return Wait(allowed, why)
