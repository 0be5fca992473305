"""The effects of a home visit on our records, as its spec declares them, its opening, and what its messages show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from backoffice.actors import Actor, system
from backoffice.cases.models import Case
from backoffice.visits import assigning, results
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit
from workflows.base.spec import Nothing
from workflows.home_visit.facts import AlarmRaised, VisitOpening, Visitor


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> VisitOpening:
    """A visit under another case has that case's subject, and leaves the final message to the customer to that case."""
    Visit.objects.create(case=case)
    if case.parent is None:
        return VisitOpening()
    case.subject = case.parent.subject
    return VisitOpening(under=case.parent.process)


def shown_in_messages(case: Case, notice: str) -> dict[str, str]:
    """The agreed window, which a message puts into the customer's zone, and whether it is ahead or has passed."""
    visit = visit_of(case)
    if visit.starts is None or visit.ends is None:
        return {}
    return {
        "window_start": visit.starts.isoformat(),
        "window_end": visit.ends.isoformat(),
        "window_is": "ahead" if timezone.now() < visit.ends else "passed",
    }


def assign(*, case: Case, args: Nothing, now: datetime) -> Visitor:
    visitor = assigning.assign(case, by=system(), now=now)
    return Visitor(visitor=str(visitor.public_id) if visitor else "")


def missed(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    results.missed(case, by=system(), now=now)
    return Nothing()


def alarm(*, case: Case, args: AlarmRaised, now: datetime) -> Nothing:
    results.alarm(case, why=args.why, by=system(), now=now)
    return Nothing()


def freeze(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    results.suspect(case, by=system(), now=now)
    return Nothing()


def release(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    results.release(case, by=system(), now=now)
    return Nothing()
