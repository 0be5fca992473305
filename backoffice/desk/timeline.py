"""The pages of a case's timeline, the newest first, with a filter."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from backoffice.actors import ActorKind
from backoffice.cases.models import Case, Event
from backoffice.ui import paging
from backoffice.ui.paging import Page

SHOWN = 50
PEOPLE = (ActorKind.STAFF.value, ActorKind.CUSTOMER.value)
FILTERS: dict[str, str | Promise] = {
    "all": gettext_lazy("all"),
    "people": gettext_lazy("people"),
    "system": gettext_lazy("system"),
}


def events_of(case: Case, *, show: str, after: str) -> Page[Event]:
    """The newest fifty events of the filter, or the fifty after the cursor of a page."""
    events = Event.objects.filter(case=case)
    if show == "people":
        events = events.filter(actor_kind__in=PEOPLE)
    elif show == "system":
        events = events.exclude(actor_kind__in=PEOPLE)
    return paging.page_of(events, order=("-number",), after=after, size=SHOWN)
