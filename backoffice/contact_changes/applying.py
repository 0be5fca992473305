"""Puts the new address in force: the point of no return of a contact change."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.contact_changes.models import ContactChange
from backoffice.contact_changes.risk import is_overtaken
from backoffice.customers import contact_points, postal
from backoffice.customers.models import ContactKind
from backoffice.customers.postal import PostalAddress

HOW, HOW_AT_BRANCH = "code", "branch"
"""How the new address was proven to be the customer's, as the address says it from now on."""


def apply(case: Case, *, now: datetime) -> bool:
    """In the transaction of its step: the address is in force, and the case is past its point of no return, or neither.
    Returns whether it is in force; it is not where the old one was replaced in another way meanwhile."""
    change = ContactChange.of(case)
    if is_overtaken(change):
        timeline.note(case, "contact_change.overtaken", by=system(), data={"what": change.kind}, at=now)
        return False
    how = HOW_AT_BRANCH if change.at_branch else HOW
    point = contact_points.supersede(
        customer=case.customer, kind=change.kind, value=_value(change), how=how, by=system(), now=now
    )
    if point.verified_at is None:
        contact_points.verify(point=point, how=how, by=system(), now=now)
    case.past_no_return = True
    timeline.note(case, "case.no_return", by=system(), at=now)
    timeline.note(case, "contact_change.applied", by=system(), data={"what": change.kind}, at=now)
    return True


def _value(change: ContactChange) -> str | PostalAddress:
    if change.kind == ContactKind.POSTAL and change.parts:
        return postal.restored(change.parts)
    return str(change.value)
