"""What a visitor may see: his own visits, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.cases.models import CaseState, ItemState, PerformerKind, WorkItem
from backoffice.references import tidy_reference
from backoffice.refusals import NotFound
from backoffice.staff.models import User
from backoffice.trust.quiet_hours import zone
from backoffice.visits.arriving import TOLERANCE
from backoffice.visits.models import Visit, VisitState
from backoffice.visits.today import Planned, visits_of


def todays(user: User, *, now: datetime) -> Sequence[Planned]:
    """The visits of today, by the clock of each door, in order; and one of yesterday that still goes on."""
    around = (now.astimezone(UTC).date() + timedelta(days=shift) for shift in (-1, 0, 1))
    return [planned for day in around for planned in visits_of(user, day) if _is_today(planned.visit, now)]


def my_visit(user: User, reference: str) -> Planned:
    """A visit of this visitor by the reference of its case, with his next step. Raises `NotFound`."""
    tidy = tidy_reference(reference) or "-"
    visits = Visit.objects.filter(visitor=user, case__reference=tidy).exclude(state=VisitState.PROPOSED)
    visit = visits.select_related("case__customer", "place", "visitor").first()
    if visit is None:
        raise NotFound("unknown_visit", _("There is no such visit."))
    items = WorkItem.objects.filter(
        case_id=visit.case_id, holder=user, state=ItemState.OPEN, performer=PerformerKind.PERSON
    )
    item = items.select_related("case").order_by("-opened_at").first()
    return Planned(visit, item, paused=visit.case.state == CaseState.FROZEN)


def _is_today(visit: Visit, now: datetime) -> bool:
    if visit.starts is None or visit.ends is None:
        return False
    at_the_door = zone(visit.case.customer.time_zone)
    if visit.starts.astimezone(at_the_door).date() == now.astimezone(at_the_door).date():
        return True
    return visit.is_ahead and visit.starts <= now <= visit.ends + TOLERANCE
