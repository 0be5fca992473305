"""What the customer sees of a visit: before it, in its window, at the door, and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases import incidents
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import Case, CaseState, IncidentKind, ItemState, WorkItem
from backoffice.trust.mutual_codes import Stage
from backoffice.ui.forms import form_of
from backoffice.visits import booking, calling_off, handshake, moving
from backoffice.visits.models import Visit
from backoffice.visits.visitor_card import STAYS, VisitorCard, card_for

DO_NOT_OPEN = frozenset({"nobody_expected", "half_different", "no_result"})
"""While one of these alarms is open, the customer must let nobody in."""


class Moment(StrEnum):
    """What the page of a visit says; the first that holds."""

    KEEP_CLOSED = "keep_closed"
    """The person at the door may not be ours."""
    READ_OUT = "read_out"
    IDENTITY = "identity"
    COMPARE = "compare"
    AT_THE_DOOR = "at_the_door"
    PAUSED = "paused"
    """A visit is agreed or going on, but its case is frozen or being stopped."""
    LATE = "late"
    """The agreed time has passed, or our visitor checked in long ago, and nothing was heard since."""
    AGREED = "agreed"
    CHOOSE_TIME = "choose_time"
    CHOOSE_WAY = "choose_way"
    LEAVING = "leaving"
    """The visit ended a moment ago, with our visitor at the door."""
    NONE_AGREED = "none_agreed"


@dataclass(frozen=True)
class Door:
    """A visit as its customer sees it now. `card` and `half_a` are None except while they may be shown."""

    case: Case
    visit: Visit
    window: str
    now: datetime
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
    alarms: frozenset[str]
    """The codes of the alarms that are open. While there is one, one of us calls the customer."""

    @property
    def is_over(self) -> bool:
        return self.case.state == CaseState.CLOSED

    @property
    def keep_closed(self) -> bool:
        return bool(self.alarms & DO_NOT_OPEN) and not self.visit.is_ahead

    @property
    def moment(self) -> Moment:
        return self._at_the_door or (self._ahead if self.visit.is_ahead else self._none_ahead)

    @property
    def _at_the_door(self) -> Moment | None:
        if self.keep_closed:
            return Moment.KEEP_CLOSED
        if self.half_a:
            return Moment.READ_OUT
        if self.stage == Stage.DONE:
            return Moment.IDENTITY
        if self.comparing:
            return Moment.COMPARE
        return Moment.AT_THE_DOOR if self.card and self.card.at_the_door else None

    @property
    def _ahead(self) -> Moment:
        if self.case.state != CaseState.OPEN:
            return Moment.PAUSED
        passed = self.visit.ends is not None and self.visit.ends < self.now
        came = self.visit.checked_in_at is not None
        return Moment.LATE if not self.card and (passed or came) else Moment.AGREED

    @property
    def _none_ahead(self) -> Moment:
        if self.choosing:
            return Moment.CHOOSE_TIME if self.choosing.kind == "choose_visit" else Moment.CHOOSE_WAY
        return Moment.LEAVING if _is_leaving(self.visit, self.now) else Moment.NONE_AGREED

    @property
    def version(self) -> str:
        """Changes whenever the page would look different."""
        shown = "card" if self.card else "none"
        return f"{self.case.events}-{self.visit.state}-{self.stage}-{shown}-{self.moment}"


def door(case: Case, *, by: Actor, now: datetime | None = None) -> Door:
    """Raises `NotFound` for a case that is not a visit."""
    now = now or timezone.now()
    visit = booking.visit_of(case)
    items = WorkItem.objects.filter(case=case, state=ItemState.OPEN, performer="customer").select_related("case")
    asked = {item.kind: item for item in items} if case.state == CaseState.OPEN else {}
    comparing = asked.get("compare_half")
    return Door(
        case=case,
        visit=visit,
        window=visit.window_in_words,
        now=now,
        card=card_for(case, now),
        stage=handshake.stage(case, now=now),
        half_a=handshake.half_a(case, by=by, now=now),
        choosing=asked.get("choose_visit") or asked.get("choose_alternative"),
        comparing=comparing,
        form=form_of(comparing, by=by) if comparing else None,
        why_not_move=moving.why_not_move(visit, by=by, now=now),
        why_not_cancel=calling_off.why_not_cancel(visit, by=by),
        alarms=frozenset(incidents.open_ones(case).filter(kind=IncidentKind.ALARM).values_list("key", flat=True)),
    )


def _is_leaving(visit: Visit, now: datetime) -> bool:
    """Whether the visitor who checked in may still stand there: for an hour after the end."""
    if visit.checked_in_at is None or visit.found_at is None:
        return False
    return visit.checked_in_at <= visit.found_at <= now <= visit.found_at + STAYS


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, object]] | None:
    """For the page of the case: the visit that is agreed or going on, with a link to it; None when there is none."""
    visit = booking.visit_of(case)
    if not visit.is_ahead or case.state != CaseState.OPEN:
        return None
    due = card_for(case, timezone.now()) is not None
    return "home_visit/portal/panel.html", {"case": case, "window": visit.window_in_words, "visitor_is_due": due}
