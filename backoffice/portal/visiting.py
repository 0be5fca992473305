"""What the customer sees of a visit: before it, in its window, at the door, and after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone

from backoffice.actors import Actor
from backoffice.cases.forms import ItemForm
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.portal import drafts
from backoffice.refusals import NotFound
from backoffice.trust.halves import Stage
from backoffice.visits import booking, calling_off, handshake, moving
from backoffice.visits.models import Found, Visit
from backoffice.visits.offering import Window
from backoffice.visits.visitor_card import VisitorCard, card_for

DO_NOT_OPEN = frozenset({Found.NOBODY_EXPECTED, Found.HALF_DIFFERENT, Found.NO_RESULT})
"""After these the customer must let nobody in."""


@dataclass(frozen=True)
class Door:
    """A visit as its customer sees it now. `card` and `half_a` are there only while they may be shown."""

    case: Case
    visit: Visit
    window: str
    card: VisitorCard | None
    photo: str
    stage: Stage
    half_a: str | None
    choosing: WorkItem | None
    """The item by which he chooses a time or another way."""
    comparing: WorkItem | None
    form: ItemForm | None
    """The form of `comparing`."""
    why_not_move: str
    why_not_cancel: str

    @property
    def is_over(self) -> bool:
        return self.case.state == CaseState.CLOSED

    @property
    def keep_closed(self) -> bool:
        """Whether somebody may stand at the door who is not ours."""
        return self.visit.found in DO_NOT_OPEN and not self.visit.is_ahead

    @property
    def version(self) -> str:
        """Another one whenever the page would look different."""
        shown = "card" if self.card else "none"
        return f"{self.case.events}-{self.visit.state}-{self.stage}-{shown}"


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
        window=window_in_words(visit),
        card=card,
        photo=_photo(card),
        stage=handshake.stage(case, now=now),
        half_a=handshake.half_a(case, by=by, now=now),
        choosing=asked.get("choose_visit") or asked.get("choose_alternative"),
        comparing=comparing,
        form=drafts.form_of(comparing, by=by) if comparing else None,
        why_not_move=moving.why_not_move(visit, by=by, now=now),
        why_not_cancel=calling_off.why_not_cancel(visit, by=by),
    )


def agreed(case: Case) -> Visit | None:
    """The visit of a case that is agreed or going on; None for any other case."""
    try:
        visit = booking.visit_of(case)
    except NotFound:
        return None
    return visit if visit.is_ahead and case.state == CaseState.OPEN else None


def window_in_words(visit: Visit) -> str:
    """ "Thursday 26 November, 14:00 to 16:30" in the customer's zone; empty where nothing is agreed."""
    if visit.starts is None or visit.ends is None:
        return ""
    return Window(visit.starts, visit.ends).in_words(visit.case.customer.time_zone)


def _photo(card: VisitorCard | None) -> str:
    """The address of the photo; empty where it is not among our files, and the initials stand in its place."""
    if card is None or not card.photo:
        return ""
    try:
        return str(staticfiles_storage.url(card.photo))
    except ValueError:
        return ""
