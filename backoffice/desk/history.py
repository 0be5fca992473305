"""The pages of a case's timeline, the newest first, with a filter."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from backoffice.actors import ActorKind
from backoffice.cases.models import Case, Event
from backoffice.cases.timeline_view import Line, Reader, lines

SHOWN = 50
PEOPLE = (ActorKind.STAFF.value, ActorKind.CUSTOMER.value)
FILTERS: dict[str, str | Promise] = {
    "all": gettext_lazy("all"),
    "people": gettext_lazy("people"),
    "system": gettext_lazy("system"),
}


def of_case(case: Case, *, show: str = "all", before: int = 0) -> tuple[Sequence[Line], int]:
    """The newest fifty that the filter lets through, and the number to go on before; 0 at the end."""
    events = Event.objects.filter(case=case).order_by("-number")
    if show == "people":
        events = events.filter(actor_kind__in=PEOPLE)
    elif show == "system":
        events = events.exclude(actor_kind__in=PEOPLE)
    if before:
        events = events.filter(number__lt=before)
    found = list(events[: SHOWN + 1])
    shown = lines(found[:SHOWN], [case], reader=Reader.STAFF)
    return shown, shown[-1].number if len(found) > SHOWN else 0
