"""The visits of one visitor on one day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from backoffice.cases.models import CaseState, ItemState, PerformerKind, WorkItem
from backoffice.staff.models import User
from backoffice.visits.models import Visit, VisitState


@dataclass(frozen=True)
class Planned:
    """One visit: `item` is the visitor's next step, if there is one now. `paused` visits are not made."""

    visit: Visit
    item: WorkItem | None
    paused: bool

    @property
    def is_over(self) -> bool:
        return self.visit.state == VisitState.ENDED

    @property
    def address(self) -> str:
        """In clear: only for the assigned visitor's own screen, and only while the visit is on."""
        on = self.visit.is_ahead and not self.paused
        return self.visit.place.value if on and self.visit.place else ""


def visits_of(visitor: User, day: date, *, zone: tzinfo = UTC) -> Sequence[Planned]:
    """The visits whose window begins on that day (of `zone`), in order, those that are over too."""
    begin = datetime.combine(day, time.min, tzinfo=zone)
    visits = Visit.objects.filter(
        visitor=visitor, starts__gte=begin, starts__lt=datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    )
    visits = visits.exclude(state=VisitState.PROPOSED).select_related("case__customer", "place")
    ordered = list(visits.order_by("starts", "case_id"))
    items = WorkItem.objects.filter(
        case__in=[visit.case_id for visit in ordered],
        holder=visitor,
        state=ItemState.OPEN,
        performer=PerformerKind.PERSON,
    )
    steps = {item.case_id: item for item in items.select_related("case").order_by("opened_at")}
    return [Planned(visit, steps.get(visit.case_id), paused=visit.case.state == CaseState.FROZEN) for visit in ordered]
