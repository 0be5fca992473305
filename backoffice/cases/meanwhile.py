"""What happened in a family of cases while somebody had a page of it open, so that nobody answers an old page unawares.

A page carries the number of the newest event that it was made from. All writers of a family hold the lock of its
topmost case, so a later event of the family has a higher number.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max, Q, QuerySet

from backoffice.actors import Actor
from backoffice.cases.models import Case, Event

QUIET = frozenset(
    {"item.claimed", "item.released", "item.handed_over", "item.draft_saved", "item.evidence_shown"}
    | {"item.reminded", "item.escalated", "case.told", "party.told", "case.contact_shown"}
)
"""These events change nothing that an answer builds on. Who holds the item is checked by the rule itself."""


def newest(case: Case) -> int:
    """The number of the newest event of the case's family; 0 before the first one."""
    found: int | None = _of_family(case).aggregate(newest=Max("id"))["newest"]
    return found or 0


def since(case: Case, *, seen: int, by: Actor) -> Sequence[Event]:
    """What others did in the family after the event `seen` and what an answer may build on, the oldest first."""
    events = _of_family(case).filter(id__gt=seen).exclude(kind__in=QUIET).order_by("id")
    return list(events.exclude(actor_kind=by.kind, actor_id=by.id) if by.id else events)


def _of_family(case: Case) -> QuerySet[Event]:
    root = case.root_id_or_own
    cases = Case.objects.filter(Q(id=root) | Q(root_id=root)).values_list("id", flat=True)
    return Event.objects.filter(case_id__in=list(cases))
