"""What the agent sees of a call in progress: where it stands, what to say, and what to do next. Nothing of it could be
read out: no name, no address, nothing of the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.calls import ordering
from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of, wanted
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.refusals import NotFound
from workflows.phone_authorisation.spec import TRIES, TYPE_CODE, WRAP_UP


class Moment(StrEnum):
    """Which of the screens of a call it is."""

    OPENING = "opening"
    """The code cannot be typed yet: a second or so."""
    CODE = "code"
    PROVEN = "proven"
    REFUSED = "refused"
    PAUSED = "paused"
    OVER = "over"
    """Wrapped up, or passed to a supervisor."""


@dataclass(frozen=True)
class Console:
    """A call as its agent sees it now. `typing` and `writing` are the open items for the code and for the wrap-up."""

    call: Call
    moment: Moment
    wants: str
    typing: WorkItem | None
    writing: WorkItem | None
    why_not_order: str
    seen_by_customer: bool

    @property
    def tries_left(self) -> int:
        return TRIES - self.call.wrong

    @property
    def screen(self) -> str:
        """Changes only when the forms of the page do: then the page is loaded again."""
        return f"{self.moment}-{bool(self.typing)}-{bool(self.writing)}-{bool(self.call.opened_id)}"

    @property
    def is_live(self) -> bool:
        return self.moment is not Moment.OVER


def console_of(case: Case, *, by: Actor, now: datetime | None = None) -> Console:
    """Raises `NotFound` for a case that is no call, and for another agent's call."""
    now = now or timezone.now()
    call = call_of(case)
    if by.id != str(call.agent.public_id):
        raise NotFound("unknown_call", _("There is no such call."))
    items = {item.kind: item for item in WorkItem.objects.filter(case=case, state=ItemState.OPEN)}
    typing = items.get(TYPE_CODE.name) if call.state == CallState.ASKED else None
    return Console(
        call=call,
        moment=_moment(call, typing=typing),
        wants=wanted(call),
        typing=typing,
        writing=items.get(WRAP_UP.name),
        why_not_order=ordering.why_not(call, by=by, now=now),
        seen_by_customer=call.shown > 0,
    )


def _moment(call: Call, *, typing: WorkItem | None) -> Moment:
    if call.wrapped_at is not None or call.case.state in (CaseState.CLOSED, CaseState.STOPPING):
        return Moment.OVER
    if call.case.state == CaseState.FROZEN:
        return Moment.PAUSED
    if call.state == CallState.ASKED:
        return Moment.CODE if typing else Moment.OPENING
    late = WorkItem.objects.filter(case=call.case, kind=WRAP_UP.name, state=ItemState.EXPIRED).exists()
    if late:
        return Moment.OVER
    return Moment.PROVEN if call.state == CallState.PROVEN else Moment.REFUSED


def panel(case: Case) -> tuple[str, Mapping[str, Any]] | None:
    """On the page of the case: the way to the screen of the call, while it goes on."""
    if case.state == CaseState.CLOSED:
        return None
    call = call_of(case)
    url = reverse("admin:phone_authorisation:call", args=[case.reference])
    return "phone_authorisation/desk/panel.html", {"call": call, "wants": wanted(call), "url": url}
