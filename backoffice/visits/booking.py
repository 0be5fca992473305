"""Taking a window for a visit, and giving it back. Two visits never get the same entry of a calendar."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.windows import Window
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Invalid, NotFound
from backoffice.visits.models import Found, Slot, Visit, VisitState
from backoffice.visits.offering import free_slots, window_of


def visit_of(case: Case, *, lock: bool = False) -> Visit:
    """The particulars of a home visit's case. Raises `NotFound` for a case of another process."""
    visits = Visit.objects.select_for_update(of=("self",)) if lock else Visit.objects.all()
    visit = visits.filter(case_id=case.id).select_related("visitor__staff_profile", "place").first()
    if visit is None:
        raise NotFound("unknown_visit", _("There is no such visit."))
    visit.case = case
    return visit


def places(customer: Customer) -> list[ContactPoint]:
    """Where we visit: only at an address on file. For any other place the address must be changed first."""
    point = contact_points.current(customer=customer, kind=ContactKind.POSTAL)
    return [point] if point else []


def book(case: Case, *, window: str, place: str, by: Actor, now: datetime) -> Visit:
    """Takes a window (by its key) for the next attempt of a visit, inside the caller's transaction.

    Raises `Invalid` on `window` when it is no longer free, and on `place` for an address that is not offered.
    """
    visit = visit_of(case, lock=True)
    at = next((point for point in places(case.customer) if str(point.pk) == place), None)
    if at is None:
        raise Invalid({"place": [_("Choose one of your addresses on file.")]})
    visit.attempt += 1
    chosen = take(visit, window_of(visit, window, now=now), now=now)
    visit.state, visit.place, visit.handshakes = VisitState.AGREED, at, 0
    visit.checked_in_at, visit.coarse_place, visit.location_refused = None, "", False
    visit.found, visit.found_at, visit.first_in_line = Found.NOTHING, None, False
    visit.starts, visit.ends, visit.visitor = chosen.starts, chosen.ends, None
    visit.save()
    timeline.note(case, "visit.booked", by=by, data={"attempt": str(visit.attempt), **in_utc(visit)}, at=now)
    return visit


def take(visit: Visit, window: Window, *, now: datetime) -> Slot:
    """A free entry of that window. Of two who want the last one at once, the second gets `Invalid` on `window`."""
    free = free_slots(visit, now=now).filter(starts=window.starts, ends=window.ends).order_by("id")
    slot = free.select_for_update(skip_locked=True, of=("self",)).first()
    if slot is None:
        raise Invalid({"window": [_("Somebody else has just taken this time. Choose another one.")]})
    slot.taken_by, slot.attempt = visit, visit.attempt
    slot.save(update_fields=["taken_by", "attempt"])
    return slot


def give_back(visit: Visit, *, now: datetime) -> None:
    """Frees the entry of this attempt if its window is still ahead. Past entries stay in the calendar as they are."""
    Slot.objects.filter(taken_by=visit, attempt=visit.attempt, ends__gt=now).update(taken_by=None, attempt=0)


def in_utc(visit: Visit) -> dict[str, str]:
    """The window as timelines keep it: ISO 8601, UTC."""
    if visit.starts is None or visit.ends is None:
        return {}
    return {"starts": visit.starts.isoformat(), "ends": visit.ends.isoformat()}
