"""The next work item, which is offered after an answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from django.urls import reverse

from backoffice.cases import worklist
from backoffice.cases.models import Case
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
    """The most urgent item that this person may do now: first of those that they hold, then of those of their roles."""
    mine, roles = worklist.mine(user=me.user), worklist.of_my_roles(by=me.actor)
    for item in chain(mine[:TRIED], roles[:TRIED]):
        if not worklist.why_not(item, by=me.actor, user=me.user):
            claim = "" if item.holder_id else reverse("admin:desk_claim", args=[item.id])
            page = reverse("admin:desk_item", args=[item.id])
            return Next(title_of(item), item.case.reference, worklist_rows.about(item.case), page, claim)
    return None
