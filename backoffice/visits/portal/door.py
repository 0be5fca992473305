"""What the customer sees of a visit: before it, in its window, at the door, and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.trust.mutual_codes import Stage
from backoffice.ui.forms import form_of
from backoffice.visits import booking, calling_off, handshake, moving
from backoffice.visits.models import Found, Visit
from backoffice.visits.visitor_card import STAYS, VisitorCard, card_for

DO_NOT_OPEN = frozenset({Found.NOBODY_EXPECTED, Found.HALF_DIFFERENT, Found.NO_RESULT})
"""After these the customer must let nobody in."""


@dataclass(frozen=True)
class Door:
    """A visit as its customer sees it now. `card` and `half_a` are None except while they may be shown."""

    case: Case
    visit: Visit
    window: str
    card: VisitorCard | None
    stage: Stage
    half_a: str | None
    choosing: WorkItem | None
    """The item by which they choose a time or another way."""
    comparing: WorkItem | None
    form: ItemForm | None
    """The form of `comparing`."""
    why_not_move: str
    why_not_cancel: str
    leaving: bool
    """The visit ended a moment ago, with our visitor at the door."""

    @property
    def is_over(self) -> bool:
        return self.case.state == CaseState.CLOSED

    @property
    def keep_closed(self) -> bool:
        """Whether the person at the door may not be ours."""
        return self.visit.found in DO_NOT_OPEN and not self.visit.is_ahead

    @property
    def version(self) -> str:
        """Changes whenever the page would look different."""
        shown = "card" if self.card else "none"
        return f"{self.case.events}-{self.visit.state}-{self.stage}-{shown}-{self.leaving}"


def door(case: Case, *, by: Actor, now: datetime | None = None) -> Door:
    """Raises `NotFound` for a case that is not a visit."""
    now = now or timezone.now()
    visit = booking.visit_of(case)
    items = WorkItem.objects.filter(case=case, state=ItemState.OPEN, performer="customer").select_related("case")
    asked = {item.kind: item for item in items}
    comparing = asked.get("compare_half") if case.state == CaseState.OPEN else None
    card = card_for(case, now)
    return Door(
        case=case,
        visit=visit,
        window=visit.window_in_words,
        card=card,
        stage=handshake.stage(case, now=now),
        half_a=handshake.half_a(case, by=by, now=now),
        choosing=asked.get("choose_visit") or asked.get("choose_alternative"),
        comparing=comparing,
        form=form_of(comparing, by=by) if comparing else None,
        why_not_move=moving.why_not_move(visit, by=by, now=now),
        why_not_cancel=calling_off.why_not_cancel(visit, by=by),
        leaving=_is_leaving(visit, now),
    )


def _is_leaving(visit: Visit, now: datetime) -> bool:
    """Whether the visitor who checked in may still stand there: for an hour after the end."""
    if visit.is_ahead or visit.checked_in_at is None or visit.found_at is None or visit.found in DO_NOT_OPEN:
        return False
    return visit.checked_in_at <= visit.found_at <= now <= visit.found_at + STAYS


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, object]] | None:
    """For the page of the case: the visit that is agreed or going on, with a link to it; None when there is none."""
    visit = booking.visit_of(case)
    if not visit.is_ahead or case.state != CaseState.OPEN:
        return None
    due = card_for(case, timezone.now()) is not None
    return "home_visit/portal/panel.html", {"case": case, "window": visit.window_in_words, "visitor_is_due": due}
