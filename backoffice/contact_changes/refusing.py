"""Numbers that may not be put in force: one that earns money from whoever rings it is refused when a change is opened,
but a change may be open since before, or the number may have become one while it was."""

from __future__ import annotations

from datetime import datetime

from backoffice import dialling
from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.contact_changes.models import ContactChange
from backoffice.customers.models import ContactKind


def is_refused(change: ContactChange) -> bool:
    """Whether its new number is one that nobody rings."""
    return change.kind == ContactKind.PHONE and dialling.costs_extra(str(change.value))


def refuse(case: Case, *, now: datetime) -> bool:
    """Whether the change ends here, which the timeline then says: before a code goes to the number, and before each
    further step. `now` is aware UTC."""
    change = ContactChange.of(case)
    if not is_refused(change):
        return False
    timeline.note(case, "contact_change.refused", by=system(), data={"what": change.kind}, at=now)
    return True
