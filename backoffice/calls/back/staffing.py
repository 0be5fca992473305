"""How many of us call in each quarter of an hour. What is promised to customers is never taken back by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from backoffice.actors import Actor
from backoffice.calls.back import rights
from backoffice.calls.back.models import StaffedQuarter
from backoffice.refusals import Invalid
from backoffice.staff.models import Role, User
from backoffice.staff.rights import needs

QUARTER = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
MOST_AGENTS = 200
CALLERS = (Role.SUPPORT, Role.SUPERVISOR)


@dataclass(frozen=True)
class Staffed:
    """From `starts` to `ends` (aware, full quarters) so many people of a role can call; `kept` places of them are for
    customers whom we did not call as promised."""

    role: str
    starts: datetime
    ends: datetime
    agents: int
    kept: int = 0


@needs(rights.STAFF_HOURS)
def enter(*, staffed: Staffed, by: Actor, now: datetime) -> int:
    """Says how many can call in that time, instead of what was said before. Returns the number of quarters.

    Raises `Invalid` with everything that is wrong, on `agents` also where more calls are promised already; then nothing
    is written.
    """
    _check(staffed, now=now)
    starts = staffed.starts
    quarters: list[StaffedQuarter] = []
    user = User.objects.filter(public_id=by.id).first() if by.id else None
    while starts < staffed.ends:
        values = {"agents": staffed.agents, "kept": staffed.kept, "entered_at": now, "entered_by": user}
        quarters.append(StaffedQuarter(role=staffed.role, starts=starts, **values))
        starts += QUARTER
    with transaction.atomic():
        _refuse_broken_promises(staffed)
        StaffedQuarter.objects.bulk_create(
            quarters,
            update_conflicts=True,
            unique_fields=["role", "starts"],
            update_fields=["agents", "kept", "entered_at", "entered_by"],
        )
    return len(quarters)


def make_room(role: str, starts: datetime, *, by: Actor, now: datetime) -> None:
    """One more can call in that quarter than are promised, inside the caller's transaction."""
    user = User.objects.filter(public_id=by.id).first() if by.id else None
    quarter, _new = StaffedQuarter.objects.get_or_create(
        role=role, starts=starts, defaults={"agents": 0, "entered_at": now, "entered_by": user}
    )
    StaffedQuarter.objects.filter(pk=quarter.pk, taken__gte=F("agents")).update(agents=F("taken") + 1)


def ahead(*, role: str, now: datetime, days: int = 7) -> Sequence[StaffedQuarter]:
    """The quarters of the next days, the earliest first."""
    found = StaffedQuarter.objects.filter(role=role, starts__gte=now - QUARTER, starts__lte=now + timedelta(days=days))
    return list(found.order_by("starts"))


def _check(staffed: Staffed, *, now: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if staffed.role not in CALLERS:
        wrong["role"] = [_t("Only support agents and supervisors call customers.")]
    if staffed.starts < now - QUARTER:
        wrong["starts"] = [_t("This time is over. Choose one that is ahead.")]
    if any(at.minute % 15 or at.second for at in (staffed.starts, staffed.ends)):
        wrong["starts"] = [_t("Choose full quarters of an hour: 14:00, 14:15, 14:30 or 14:45.")]
    if not QUARTER <= staffed.ends - staffed.starts <= LONGEST:
        wrong["ends"] = [_t("Choose an end after the beginning, at most a day later.")]
    if not 0 <= staffed.agents <= MOST_AGENTS:
        wrong["agents"] = [_t("Choose a number from 0 to %(most)d.") % {"most": MOST_AGENTS}]
    if not 0 <= staffed.kept <= staffed.agents:
        wrong["kept"] = [_t("No more can be kept than there are agents.")]
    if wrong:
        raise Invalid(wrong)


def _refuse_broken_promises(staffed: Staffed) -> None:
    of_time = StaffedQuarter.objects.filter(role=staffed.role, starts__gte=staffed.starts, starts__lt=staffed.ends)
    promised = [one for one in of_time.select_for_update().order_by("starts") if one.taken > staffed.agents]
    if promised:
        told = {"when": date_format(promised[0].starts, "j F, H:i"), "number": promised[0].taken}
        sentence = _t("On %(when)s UTC %(number)d calls are promised to customers. Move them first.")
        raise Invalid({"agents": [sentence % told]})
