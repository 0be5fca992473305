"""What a visit found, and how our own records change because of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backoffice.actors import Actor
from backoffice.cases import incidents, timeline
from backoffice.cases.freezing import freeze
from backoffice.cases.models import Case, CaseState, IncidentKind, Resolution
from backoffice.visits.booking import give_back, visit_of
from backoffice.visits.models import Found, Slot, Visit, VisitState


def end(case: Case, *, found: Found, by: Actor, now: datetime, reason: str = "") -> Visit:
    """Ends the attempt with what was found, inside the caller's transaction; ending it again changes nothing. The rest
    of an open window is free time for the visitor."""
    visit = visit_of(case, lock=True)
    if not visit.is_ahead:
        return visit
    visit.state, visit.found, visit.found_at = VisitState.ENDED, found, now
    visit.save(update_fields=["state", "found", "found_at"])
    going_on = Slot.objects.filter(taken_by=visit, attempt=visit.attempt, starts__lt=now, ends__gt=now)
    going_on.update(ends=now)
    timeline.note(case, f"visit.{found.value}", by=by, reason=reason, at=now)
    return visit


def missed(case: Case, *, by: Actor, now: datetime) -> Visit:
    """Our visitor did not come, so the customer comes first when a new time is chosen."""
    visit = end(case, found=Found.MISSED, by=by, now=now)
    give_back(visit, now=now)
    visit.first_in_line = True
    visit.save(update_fields=["first_in_line"])
    return visit


def alarm(case: Case, *, why: str, by: Actor, now: datetime) -> Visit:
    """The attempt is over, and the case shows as needing attention until a supervisor has looked into it."""
    found = Found(why) if why in Found.values else Found.UNSAFE if why == "visitor_unsafe" else Found.NO_RESULT
    visit = end(case, found=found, by=by, now=now)
    give_back(visit, now=now)
    mark(case, why=why, by=by, now=now)
    return visit


def mark(case: Case, *, why: str, by: Actor, now: datetime, ask: bool = False) -> None:
    """Raises an alarm in the case. Alarms for several reasons stand beside each other; one that is open already is not
    raised again. `ask` opens a work item for it, where the process opens none."""
    incidents.open(case, IncidentKind.ALARM, by=by, key=why, values={"code": why}, at=now, ask=ask)


def looked_into(case: Case, *, by: Actor, now: datetime, called: Mapping[str, str], reason: str) -> None:
    """A supervisor has looked into the alarms. `called` says who was called, `reason` what came of it."""
    how = Resolution.LOOKED_INTO
    incidents.resolve(case, IncidentKind.ALARM, by=by, how=how, at=now, called=called, reason=reason)


def suspect(case: Case, *, by: Actor, now: datetime) -> None:
    """The identity did not match: the whole family of cases is frozen until a supervisor lets it go on."""
    visit = visit_of(case, lock=True)
    visit.found, visit.found_at, visit.state = Found.MISMATCH, visit.found_at or now, VisitState.ENDED
    visit.save(update_fields=["found", "found_at", "state"])
    if case.state == CaseState.OPEN:
        freeze(case_id=case.id, by=by, reason="identity_mismatch")


def release(case: Case, *, by: Actor, now: datetime) -> None:
    """The case ends before its visit: the visitor is called off, and their calendar is free again."""
    visit = visit_of(case, lock=True)
    if visit.is_ahead:
        end(case, found=Found.WITHDRAWN, by=by, now=now)
        give_back(visit, now=now)
