"""What the customer sees of a call: for what the code is, who asks for it, the code, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.calls import codes
from backoffice.calls.models import Call, CallState
from backoffice.calls.records import call_of, wanted_by_customer
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from workflows.phone_authorisation.spec import GIVE_CODE


class Moment(StrEnum):
    """What the page says; the first that holds."""

    DENIED = "denied"
    PROVEN = "proven"
    PAUSED = "paused"
    CODE = "code"
    ASKED = "asked"
    """Nobody has said yet whether it is the customer who talks to us."""
    LATE = "late"
    """The code is too old, and the agent still waits."""
    WAITING = "waiting"
    """The call has just been opened."""
    OVER = "over"


@dataclass(frozen=True)
class CodePage:
    """A call as its customer sees it now. `code` is empty unless it may be read out, `until` is when it ends (UTC)."""

    call: Call
    moment: Moment
    what: str
    agent: str
    badge: str
    asking: WorkItem | None
    code: str = ""
    until: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.moment in (Moment.CODE, Moment.ASKED, Moment.LATE, Moment.WAITING, Moment.PAUSED)

    @property
    def version(self) -> str:
        """Changes whenever the page would look different. It holds nothing of the code."""
        return f"{self.call.case.events}-{self.moment}"


def page_of(case: Case, *, by: Actor, now: datetime | None = None) -> CodePage:
    """Raises `NotFound` for a case that is no call."""
    now = now or timezone.now()
    call = call_of(case)
    asking = WorkItem.objects.filter(case=case, kind=GIVE_CODE.name, state=ItemState.OPEN).first()
    shown = codes.to_read_out(call, by=by, now=now)
    moment = _moment(call, asking=asking, has_code=shown is not None)
    code, until = shown if shown else ("", None)
    profile = getattr(call.agent, "staff_profile", None)
    return CodePage(
        call=call,
        moment=moment,
        what=wanted_by_customer(call),
        agent=call.agent.first_name or _("One of us"),
        badge=profile.badge_number if profile else "",
        asking=asking if moment is Moment.ASKED else None,
        code=code if moment is Moment.CODE else "",
        until=until if moment is Moment.CODE else None,
    )


def _moment(call: Call, *, asking: WorkItem | None, has_code: bool) -> Moment:
    if call.state == CallState.DENIED:
        return Moment.DENIED
    if call.state == CallState.PROVEN:
        return Moment.PROVEN
    if call.state != CallState.ASKED or call.case.state in (CaseState.CLOSED, CaseState.STOPPING):
        return Moment.OVER
    if call.case.state == CaseState.FROZEN:
        return Moment.PAUSED
    if not codes.is_awaited(call):
        return Moment.OVER if call.case.stage else Moment.WAITING
    if has_code:
        return Moment.CODE
    return Moment.ASKED if asking else Moment.LATE


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, object]] | None:
    """For the page of the case, while one of us waits for a code: for what it is, with a link to it."""
    shown = page_of(case, by=by)
    return ("phone_authorisation/portal/panel.html", {"case": case, "shown": shown}) if shown.is_live else None
