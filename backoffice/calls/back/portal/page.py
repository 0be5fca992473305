"""What the customer sees of a call: who calls, why, when, from which number, and whether it is us who call now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.calls.back.calling_off import why_not_call_off
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.moving import why_not_move
from backoffice.calls.back.records import (
    call_back_of,
    is_on_the_line,
    is_unwritten,
    may_be_called,
    number_for,
    place_is_kept,
    sheet_of,
    what_in_words,
)
from backoffice.calls.back.sentences import why_we_wait
from backoffice.calls.back.words import how_it_ended
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.telephony.models import TALKING, Call, CallState
from backoffice.trust.models import Direction
from workflows.call_back.spec import CHOOSE_WINDOW


class Moment(StrEnum):
    """What the page says; the first that holds."""

    PAUSED = "paused"
    CANNOT_CHECK = "cannot_check"
    """It is on as far as we know, and nobody has said so lately."""
    RANG_US = "rang_us"
    """Somebody called us about it: whether that is the customer, only they know."""
    TALKING = "talking"
    CALLING = "calling"
    ENDED = "ended"
    """A call was made, and nobody has written down yet what came of it."""
    RING_BACK = "ring_back"
    CHOOSE = "choose"
    AGREED = "agreed"
    LATE = "late"
    """The agreed time has passed, and nobody has called."""
    WAITING = "waiting"
    OVER = "over"


@dataclass(frozen=True)
class CallPage:
    """A call as its customer sees it now. `agent` is empty until somebody has taken it; before, `team` calls."""

    case: Case
    call_back: CallBack
    moment: Moment
    what: str
    why: str
    team: str
    agent: str
    badge: str
    window: str
    to_number: str
    choosing: WorkItem | None
    waits: str
    why_not_move: str
    why_not_call_off: str
    from_number: str = ""
    how_it_ended: str = ""

    @property
    def missed_you(self) -> bool:
        """Whether our last call reached nobody."""
        call = self.call_back.call
        return call is not None and call.state in (CallState.NOT_ANSWERED, CallState.VOICEMAIL)

    @property
    def who(self) -> str:
        if not self.agent:
            return self.team
        return _("%(agent)s of %(team)s") % {"agent": self.agent, "team": self.team} if self.team else self.agent

    @property
    def is_on(self) -> bool:
        """Whether somebody is on the line as far as we know: then nothing is moved or called off."""
        return self.moment in (Moment.CANNOT_CHECK, Moment.RANG_US, Moment.TALKING, Moment.CALLING)

    @property
    def is_ahead(self) -> bool:
        return self.moment not in (Moment.OVER, Moment.PAUSED, Moment.ENDED)

    @property
    def version(self) -> str:
        """Changes whenever the page would look different."""
        return f"{self.case.events}-{self.moment}"


def page_of(case: Case, *, by: Actor, now: datetime | None = None) -> CallPage:
    """Raises `NotFound` for a case that is no call-back."""
    now = now or timezone.now()
    call_back = call_back_of(case)
    items = WorkItem.objects.filter(case=case, kind=CHOOSE_WINDOW.name, state=ItemState.OPEN)
    choosing = items.first() if case.state == CaseState.OPEN else None
    sheet = sheet_of(call_back)
    point = number_for(call_back, now=now)
    agent, badge = _agent(call_back)
    return CallPage(
        case=case,
        call_back=call_back,
        moment=_moment(call_back, choosing, now),
        what=what_in_words(call_back),
        why=str(sheet.for_customer),
        team=str(sheet.team) or _("our support"),
        agent=agent,
        badge=badge,
        window=call_back.window_in_words,
        to_number=point.masked if point else "",
        choosing=choosing,
        waits=why_we_wait(call_back.why_waits, to_customer=True),
        why_not_move=why_not_move(call_back, by=by),
        why_not_call_off=why_not_call_off(call_back, by=by),
        from_number=settings.COMPANY_PHONE,
        how_it_ended=how_it_ended(call_back),
    )


def _agent(call_back: CallBack) -> tuple[str, str]:
    """The given name and the badge of who has taken the call; empty before."""
    call = call_back.call
    if call is None or call.agent is None or call.wrapped_at is not None:
        return "", ""
    profile = getattr(call.agent, "staff_profile", None)
    return call.agent.first_name or _("One of us"), profile.badge_number if profile else ""


def _moment(call_back: CallBack, choosing: WorkItem | None, now: datetime) -> Moment:
    case = call_back.case
    if case.state == CaseState.FROZEN:
        return Moment.PAUSED
    if case.state != CaseState.OPEN or not may_be_called(call_back):
        return Moment.OVER
    if is_on_the_line(call_back) and call_back.call is not None:
        return _on_the_line(call_back.call, now)
    if is_unwritten(call_back):
        return Moment.ENDED
    if place_is_kept(call_back, now=now):
        return Moment.RING_BACK
    if choosing is not None:
        return Moment.CHOOSE
    if call_back.window is not None and call_back.state in (CallBackState.AGREED, CallBackState.CALLING):
        return Moment.AGREED if now < call_back.window.ends else Moment.LATE
    return Moment.WAITING


def _on_the_line(call: Call, now: datetime) -> Moment:
    if not call.is_heard(now):
        return Moment.CANNOT_CHECK
    if call.direction == Direction.IN:
        return Moment.RANG_US
    return Moment.TALKING if call.state in TALKING else Moment.CALLING


def panel(case: Case, by: Actor) -> tuple[str, Mapping[str, object]] | None:
    """For the page of the case: the call that is ahead or going on, with a link to it; None when there is none."""
    call_back = call_back_of(case)
    if call_back.survey_of_id is not None:
        return None
    shown = page_of(case, by=by)
    return ("call_back/portal/panel.html", {"case": case, "shown": shown}) if shown.is_ahead else None
