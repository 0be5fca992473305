"""The next work item, which is offered after an answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from backoffice.cases import worklist
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.words import title_of
from backoffice.desk import worklist_rows
from backoffice.ui.staff import StaffMember

TRIED = 10
"""So many of the most urgent items of each list are looked at; the rest stands in the worklist."""
ANSWERED = "answered"
"""With this in the address, the page of a case offers the next item."""


@dataclass(frozen=True)
class Next:
    """`claim_url` claims it and opens it; empty where the reader holds it already."""

    what: str
    reference: str
    who: str
    url: str
    claim_url: str


def way_to(case: Case) -> str:
    """The page of a case after an answer; the offer has the focus."""
    return reverse("admin:desk_case", args=[case.reference], query={ANSWERED: "1"}, fragment="next")


def offered(me: StaffMember) -> Next | None:
    """The most urgent work that this person may do now: first of what they hold, then of what waits for their roles."""
    beside = worklist_rows.beside(me, now=timezone.now())
    for is_mine, items in ((True, worklist.mine(user=me.user)), (False, worklist.of_my_roles(by=me.actor))):
        found = next((one for one in items[:TRIED] if not worklist.why_not(one, by=me.actor, user=me.user)), None)
        other = next((one for one in beside if one.is_mine == is_mine), None)
        if other and (found is None or found.due_at is None or other.due_at < found.due_at):
            return Next(other.what, other.reference, other.who, other.address, other.claim)
        if found:
            return _of_item(found)
    return None


def _of_item(item: WorkItem) -> Next:
    claim = "" if item.holder_id else reverse("admin:desk_claim", args=[item.id])
    page = reverse("admin:desk_item", args=[item.id])
    return Next(title_of(item), item.case.reference, worklist_rows.about(item.case), page, claim)
