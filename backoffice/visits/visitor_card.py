"""The card of the visitor: shown to customers in their portal, in the agreed window, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.cases.models import Case, CaseState
from backoffice.visits.arriving import TOLERANCE
from backoffice.visits.booking import visit_of
from backoffice.visits.models import VisitState

STAYS = timedelta(hours=1)
"""How long after the check-in the card is shown at most, when there is no result."""


@dataclass(frozen=True)
class VisitorCard:
    """`photo` is the picture's name in the private folder of files; empty where there is none, which the page says."""

    name: str
    badge: str
    photo: str
    starts: datetime
    ends: datetime
    at_the_door: bool


def card_for(case: Case, now: datetime) -> VisitorCard | None:
    """The visitor's card while they may be at the door: in the window (half an hour more if they are late), and from
    their check-in until the result. None at any other time, and while the case is paused or stopped."""
    visit = visit_of(case)
    if case.state != CaseState.OPEN or visit.visitor is None or visit.starts is None or visit.ends is None:
        return None
    expected = visit.state == VisitState.AGREED and visit.starts <= now <= visit.ends + TOLERANCE
    arrived = visit.checked_in_at is not None and visit.state == VisitState.AT_DOOR
    here = arrived and visit.checked_in_at <= now <= visit.checked_in_at + STAYS  # type: ignore[operator]
    if not expected and not here:
        return None
    profile = visit.visitor.staff_profile
    return VisitorCard(
        name=visit.visitor.get_full_name(),
        badge=profile.badge_number,
        photo=profile.photo.name or "",
        starts=visit.starts,
        ends=visit.ends,
        at_the_door=here,
    )
