"""The visitor at the door: when they check in, and where."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.refusals import Conflict, NotFound
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit, VisitState

TOLERANCE = timedelta(minutes=30)
"""How long before and after the window a visitor may be at the door."""


def why_not_check_in(visit: Visit, *, now: datetime) -> str:
    """The sentence that says why the visitor may not check in now; empty when they may."""
    if visit.state != VisitState.AGREED or visit.starts is None or visit.ends is None:
        return _("This visit no longer takes place.")
    if now < visit.starts - TOLERANCE:
        return _("It is too early. You can check in from half an hour before the agreed time.")
    if now > visit.ends + TOLERANCE:
        return _("It is too late: the agreed time has passed. We tell the customer and find a new time.")
    return ""


def check_in(
    case: Case, *, by: Actor, now: datetime, latitude: float | None = None, longitude: float | None = None
) -> Visit:
    """Notes that the assigned visitor is at the door, inside the caller's transaction. The place is kept to two
    decimals, about a kilometre; a visitor who does not share it checks in all the same, and that is noted.

    Raises `NotFound` for anybody but the assigned visitor, `Conflict` outside the window.
    """
    visit = visit_of(case, lock=True)
    if visit.visitor is None or str(visit.visitor.public_id) != by.id:
        raise NotFound("unknown_visit", _("There is no such visit."))
    refusal = why_not_check_in(visit, now=now)
    if refusal:
        raise Conflict("not_now", refusal)
    visit.location_refused = latitude is None or longitude is None
    visit.coarse_place = "" if visit.location_refused else f"{latitude:.2f}, {longitude:.2f}"
    visit.state, visit.checked_in_at = VisitState.AT_DOOR, now
    visit.save(update_fields=["state", "checked_in_at", "coarse_place", "location_refused"])
    kind = "visit.arrived_unlocated" if visit.location_refused else "visit.arrived"
    timeline.note(case, kind, by=by, at=now)
    return visit
