"""Moving a visit to another time, until the day before."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import timeline
from backoffice.cases.models import Case, CaseState
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.cases.windows import Window
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from backoffice.visits import rights
from backoffice.visits.booking import give_back, in_utc, take, visit_of
from backoffice.visits.models import Visit, VisitState
from backoffice.visits.offering import window_of
from workflows.home_visit.facts import Window as Agreed
from workflows.home_visit.spec import VISIT_MOVED

UNTIL = timedelta(hours=24)
"""A visit can be moved until this long before its window begins."""


def why_not_move(visit: Visit, *, by: Actor, now: datetime) -> str:
    """The sentence that says why this actor cannot move this visit now; empty when they can."""
    if refusal := rights.MOVE.why_not(by):
        return refusal
    if visit.case.state != CaseState.OPEN:
        return _("This case is paused, closed or being stopped.")
    if visit.state != VisitState.AGREED or visit.starts is None:
        return _("No visit is agreed that could be moved.")
    if now > visit.starts:
        return _("The time of the visit has come. You can still cancel it and choose another way.")
    if now > visit.starts - UNTIL:
        return _("It is less than a day until the visit. You can still cancel it and choose another way.")
    return ""


@needs(rights.MOVE)
def move(*, case_id: uuid.UUID, window: str, by: Actor, now: datetime | None = None) -> Visit:
    """Takes another window (by its key) for an agreed visit and frees the old one. The same window changes nothing.

    Raises `NotFound` for another customer's case, `Conflict` or `Forbidden` with `why_not_move`, `Invalid` on `window`
    when it is no longer free; then the visit stays as it was.
    """
    now = now or timezone.now()
    with changing(case_id) as case:
        check_whose(case, by=by)
        visit = visit_of(case, lock=True)
        refusal = why_not_move(visit, by=by, now=now)
        if refusal:
            raise Conflict("cannot_move", refusal)
        if visit.starts and visit.ends and window == Window(visit.starts, visit.ends).key:
            return visit
        chosen = window_of(visit, window, now=now)
        give_back(visit, now=now)
        take(visit, chosen, now=now)
        visit.starts, visit.ends, visit.visitor = chosen.starts, chosen.ends, None
        visit.save(update_fields=["starts", "ends", "visitor"])
        timeline.note(case, "visit.moved", by=by, data=in_utc(visit), at=now)
        signal(case, VISIT_MOVED, Agreed(starts=chosen.starts, ends=chosen.ends))
        return visit


def check_whose(case: Case, *, by: Actor) -> None:
    """Raises `NotFound` when a customer asks for somebody else's case."""
    if by.kind is ActorKind.CUSTOMER and str(case.customer.public_id) != by.id:
        raise NotFound("unknown_case", _("There is no such case."))
