"""Dialling a call-back: in the agreed window, by the agent who has its sheet open."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _t

from backoffice.actors import Actor
from backoffice.calls.back import rights
from backoffice.calls.back.following import follow
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.records import call_back_of, check_open
from backoffice.cases import alarms
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from backoffice.telephony import minutes, ports, states
from backoffice.telephony.models import Call, CallState
from workflows.call_back.facts import Dialled
from workflows.call_back.spec import CALL_BACK_SPEC, CALL_DIALLED


@needs(rights.CALL_BACK)
def dial(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Call:
    """Says that it is being dialled. Saying it again changes nothing.

    Raises `Conflict` before the sheet was open, before the window begins and after it was given up, and what
    `telephony.states.move` refuses: another agent's call, a number that may not be called, a spent budget.
    """
    now = now or timezone.now()
    with changing(case_id) as case:
        check_open(case)
        call_back = call_back_of(case, lock=True)
        call = _prepared(call_back, now=now)
        if call.state != CallState.ANNOUNCED:
            return states.move(call_id=call.id, to=CallState.DIALLING, by=by, now=now)
        call = states.move(call_id=call.id, to=CallState.DIALLING, by=by, now=now)
        follow(call_back, call, by=by, now=now)
        signal(case, CALL_DIALLED, Dialled(agent=by.id))
        _warn(now)
        return call


def _warn(now: datetime) -> None:
    """Sounds an alarm once a day where the minutes of all our calls are nearly used up."""
    if ports.name() != ports.BY_HAND and minutes.are_nearly_spent(now=now):
        key = f"call_minutes:{now.date().isoformat()}"
        alarms.sound(process=CALL_BACK_SPEC.name, code="call_minutes", key=key, told={}, now=now)


def _prepared(call_back: CallBack, *, now: datetime) -> Call:
    call = call_back.call
    if call is None or call_back.state != CallBackState.CALLING or call.wrapped_at is not None:
        raise Conflict("not_prepared", _t("Open the sheet of this call before you dial."), field="state")
    if call.state == CallState.ANNOUNCED and call_back.starts is not None and now < call_back.starts:
        sentence = _t("The customer expects the call from %(when)s. Do not dial before.")
        window = call_back.window_in_words
        raise Conflict("too_early", sentence % {"when": window}, field="state")
    return call
