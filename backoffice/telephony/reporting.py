"""What the provider reports of a call moves its state, never back: a late, doubled or disordered report does nothing.
What is reported of a call that is none of ours is kept apart."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from backoffice.actors import Actor
from backoffice.staff.rights import needs
from backoffice.telephony import ports, rights, states, waking
from backoffice.telephony.models import TALKING, Call, CallOutcome, CallState, StrayReport
from backoffice.telephony.ports import LINE_CLOSED, Line, Reported

log = structlog.get_logger(__name__)
_WAITING = frozenset({CallState.DIALLING, CallState.RINGING})
_OUTCOMES: Mapping[Reported, CallOutcome] = {
    Reported.BUSY: CallOutcome.BUSY,
    Reported.NO_ANSWER: CallOutcome.NO_ANSWER,
    Reported.FAILED: CallOutcome.FAILED,
}


@needs(rights.REPORT_CALL)
def report(*, line: Line, key: str, by: Actor, now: datetime) -> bool:
    """Takes a report of the provider; gives whether it changed something. `key` is what it was given with the call,
    empty where a report has none.

    A line that is open although its call is over is hung up.
    """
    with transaction.atomic():
        call = _call_of(line, key)
        if call is None:
            _keep_apart(line, now)
            return False
        if call.provider_id not in (None, line.id) or Call.objects.exclude(pk=call.pk).filter(provider_id=line.id):
            log.error("a second line for one call, or one line for two", call=str(call.pk))
            _keep_apart(line, now)
            return False
        call.provider_id = line.id
        if line.status in LINE_CLOSED and call.line_closed_at is None:
            call.line_closed_at = now
        if line.status not in LINE_CLOSED and call.is_over:
            call.line_closed_at = None
            transaction.on_commit(lambda: waking.wake(call.pk))
        call.save(update_fields=["provider_id", "line_closed_at"])
        moved = _steps(call, line)
        for to, outcome in moved:
            states.move(call_id=call.pk, to=to, by=by, now=now, outcome=outcome)
        return bool(moved)


def _call_of(line: Line, key: str) -> Call | None:
    """By our key, else by the provider's id: the first report may come before the answer to our request."""
    calls = Call.objects.select_for_update(of=("self",)).exclude(adapter=ports.BY_HAND)
    ours = _uuid(key)
    return calls.filter(provider_id=line.id).first() if ours is None else calls.filter(pk=ours).first()


def _uuid(key: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


def _steps(call: Call, line: Line) -> list[tuple[CallState, str]]:
    """The states that follow from the report, with their outcomes; none where the call is there already, or beyond."""
    state = CallState(call.state)
    early = state in _WAITING
    match line.status:
        case Reported.RINGING if state is CallState.DIALLING:
            return [(CallState.RINGING, "")]
        case Reported.VOICEMAIL | Reported.ANSWERED | Reported.COMPLETED if _machine(line):
            return [(CallState.VOICEMAIL, "")] if early or state is CallState.ANSWERED else []
        case Reported.ANSWERED if early:
            return [(CallState.ANSWERED, "")]
        case Reported.COMPLETED if early:
            return [(CallState.ANSWERED, ""), (CallState.ENDED, "")]
        case Reported.COMPLETED if state in TALKING:
            return [(CallState.ENDED, "")]
        case Reported.BUSY | Reported.NO_ANSWER | Reported.FAILED if early:
            return [(CallState.NOT_ANSWERED, _OUTCOMES[line.status].value)]
        case Reported.BUSY | Reported.NO_ANSWER | Reported.FAILED if state in TALKING:
            return [(CallState.ENDED, CallOutcome.BROKEN_OFF.value)]
    return []


def _machine(line: Line) -> bool:
    return line.by_machine or line.status is Reported.VOICEMAIL


def _keep_apart(line: Line, now: datetime) -> None:
    log.warning("a report of a call that is not ours", status=line.status.value)
    told = {"status": line.status.value, "last_at": now}
    stray, new = StrayReport.objects.get_or_create(provider_id=line.id, defaults={**told, "first_at": now})
    if not new:
        StrayReport.objects.filter(pk=stray.pk).update(**told, times=F("times") + 1)
