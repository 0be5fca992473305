"""The incidents of a case on its page: what happened, who looked into it, whom they called and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from backoffice.actors import Actor
from backoffice.cases.incidents import MAY_RETRY
from backoffice.cases.models import Incident, IncidentKind, ItemState, PerformerKind, WorkItem
from backoffice.cases.words import of_called, of_incident
from backoffice.staff.models import User

MOST = 8


@dataclass(frozen=True)
class IncidentLine:
    """`looking` is the name of who looks into it while it is open. `close_url` leads to where a person says that they
    do, and notes what came of it; empty where they may not, where a work item asks for it, or where it ends by itself.
    """

    what: str
    opened_at: datetime
    closed_at: datetime | None
    how: str
    by: str
    looking: str
    called: str
    came_of_it: str
    close_url: str


def incident_lines(family: Sequence[uuid.UUID], *, by: Actor) -> list[IncidentLine]:
    """The newest first; those that are open come before the others."""
    found = Incident.objects.filter(case_id__in=family).select_related("case", "resolved_by", "looked_into_by")
    asked = WorkItem.objects.filter(case_id__in=family, state=ItemState.OPEN).exclude(performer=PerformerKind.CUSTOMER)
    steps = set(asked.values_list("case_id", "step", "opened_at"))
    lines = sorted(found.order_by("-opened_at")[:MOST], key=lambda one: one.resolved_at is not None)
    return [
        IncidentLine(
            what=of_incident(one.case.process, one.told),
            opened_at=one.opened_at,
            closed_at=one.resolved_at,
            how=str(one.get_resolution_display()),
            by=_name(one.resolved_by),
            looking="" if one.resolved_at else _name(one.looked_into_by),
            called=of_called(one.case.process, one.called),
            came_of_it=one.came_of_it,
            close_url=_close_url(one, by=by) if not _is_asked(one, steps) else "",
        )
        for one in lines
    ]


def _is_asked(one: Incident, steps: set[tuple[uuid.UUID, str, datetime]]) -> bool:
    """Whether an open work item asks for it: its own, or for an alarm one that its process opened because of it."""
    mine = [(step, opened_at) for case_id, step, opened_at in steps if case_id == one.case_id]
    if one.kind == IncidentKind.ALARM and any(opened_at >= one.opened_at for _step, opened_at in mine):
        return True
    return any(step == f"incident-{one.pk}" for step, _opened_at in mine)


def _close_url(one: Incident, *, by: Actor) -> str:
    if one.resolved_at or one.kind == IncidentKind.OUTSIDE_AWAY or not by.roles & MAY_RETRY:
        return ""
    return reverse("admin:desk_incident", args=[one.case.reference, one.pk])


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
