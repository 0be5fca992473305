"""A visitor's visits: all of today, or one by its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import quote

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.cases.catalogue import Appointment
from backoffice.cases.models import CaseState, ItemState, PerformerKind, WorkItem
from backoffice.references import tidy_reference
from backoffice.refusals import NotFound
from backoffice.staff.models import User
from backoffice.trust.quiet_hours import zone
from backoffice.visits.arriving import TOLERANCE
from backoffice.visits.models import Found, Visit, VisitState


@dataclass(frozen=True)
class Planned:
    """One visit: `item` is the visitor's next step, if there is one now. A `paused` visit does not take place for
    now, because its case is frozen, being stopped or closed."""

    visit: Visit
    item: WorkItem | None
    paused: bool

    @property
    def is_over(self) -> bool:
        return self.visit.state == VisitState.ENDED

    @property
    def address(self) -> str:
        """The address in clear: only for the assigned visitor's own screen, and only while the visit is on."""
        on = self.visit.is_ahead and not self.paused
        return self.visit.place.value if on and self.visit.place else ""

    @property
    def route(self) -> str:
        """A link that opens the way to the door in the visitor's map; empty while the address is not shown."""
        address = quote(", ".join(self.address.splitlines()), safe="")
        return settings.ROUTE_URL.format(address=address) if address else ""


def visits_of(visitor: User, day: date, *, zone: tzinfo = UTC) -> Sequence[Planned]:
    """The visits whose window begins on that day (in `zone`), in order, including those that are over."""
    begin = datetime.combine(day, time.min, tzinfo=zone)
    visits = Visit.objects.filter(
        visitor=visitor, starts__gte=begin, starts__lt=datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    )
    visits = visits.exclude(state=VisitState.PROPOSED).select_related("case__customer", "place")
    ordered = list(visits.order_by("starts", "case_id"))
    items = _open_items(visitor).filter(case__in=[visit.case_id for visit in ordered])
    steps = {item.case_id: item for item in items.select_related("case").order_by("opened_at")}
    return [Planned(visit, steps.get(visit.case_id), paused=visit.case.state != CaseState.OPEN) for visit in ordered]


def todays(visitor: User, *, now: datetime) -> Sequence[Planned]:
    """The visits of today, by the clock of each door, in order, and those of yesterday that still go on."""
    around = (now.astimezone(UTC).date() + timedelta(days=shift) for shift in (-1, 0, 1))
    return [planned for day in around for planned in visits_of(visitor, day) if _is_today(planned, now)]


def appointments(visitor: User, now: datetime) -> list[Appointment]:
    """The visits of today for the visitor's first page."""
    return [_appointment(planned) for planned in todays(visitor, now=now)]


def visit_by_reference(visitor: User, reference: str) -> Planned:
    """A visit of this visitor by the reference of its case, with their next step. Raises `NotFound`."""
    visits = Visit.objects.filter(visitor=visitor, case__reference=tidy_reference(reference) or "-")
    visits = visits.exclude(state=VisitState.PROPOSED)
    visit = visits.select_related("case__customer", "place", "visitor").first()
    if visit is None:
        raise NotFound("unknown_visit", _("There is no such visit."))
    item = _open_items(visitor).filter(case_id=visit.case_id).select_related("case").order_by("-opened_at").first()
    return Planned(visit, item, paused=visit.case.state != CaseState.OPEN)


def _open_items(visitor: User) -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(holder=visitor, state=ItemState.OPEN, performer=PerformerKind.PERSON)


def _is_today(planned: Planned, now: datetime) -> bool:
    visit = planned.visit
    if visit.starts is None or visit.ends is None:
        return False
    at_the_door = zone(visit.case.customer.time_zone)
    if visit.starts.astimezone(at_the_door).date() == now.astimezone(at_the_door).date():
        return True
    goes_on = visit.is_ahead and visit.starts <= now <= visit.ends + TOLERANCE
    return goes_on or (planned.item is not None and visit.starts <= now)


def _appointment(planned: Planned) -> Appointment:
    visit = planned.visit
    assert visit.starts is not None
    state, words = _state(planned)
    where = f"{visit.case.customer.name}\n{planned.address}" if planned.address else ""
    return Appointment(
        case=visit.case,
        starts=visit.starts,
        title=visit.hours_in_words,
        day=visit.day_in_words,
        route=planned.route,
        address=reverse("field:home_visit:visit", args=[visit.case.reference]),
        where=where,
        state=state,
        words=words,
        going_on=visit.state == VisitState.AT_DOOR,
        is_ahead=visit.is_ahead and not planned.paused,
    )


def _state(planned: Planned) -> tuple[str, str]:
    """One of the six states and its words; empty for a visit that is only agreed."""
    visit = planned.visit
    if planned.paused and not planned.is_over:
        frozen = visit.case.state == CaseState.FROZEN
        return "stopped", _("paused: do not go") if frozen else _("called off: do not go")
    if planned.is_over and visit.found == Found.MATCH:
        return "done", _("done")
    if planned.is_over:
        return "stopped", visit.get_found_display()
    if visit.state == VisitState.AT_DOOR:
        return "us", _("at the door")
    return "", ""
