"""Calling off a call, and "do not call me about this"."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _t

from backoffice.actors import Actor
from backoffice.calls.back import offering, rights
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.records import (
    call_back_of,
    check_whose,
    drop_prepared,
    why_not_change,
    withdraw_open_items,
)
from backoffice.cases import timeline
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from workflows.call_back.facts import CalledOff
from workflows.call_back.spec import CALL_CALLED_OFF


def why_not_call_off(call_back: CallBack, *, by: Actor) -> str:
    """The sentence that says why this actor cannot call it off now; empty when they can."""
    if refusal := rights.CALL_OFF_CALL.why_not(by):
        return refusal
    return why_not_change(call_back, otherwise=_t("There is no call ahead that could be called off."))


@needs(rights.CALL_OFF_CALL)
def call_off(*, case_id: uuid.UUID, for_good: bool, by: Actor, now: datetime | None = None) -> CallBack:
    """Nobody calls any more. `for_good` is "do not call me about this"; else only this call is not needed. Saying it
    again changes nothing. Raises `NotFound` for another customer's case, `Conflict` with `why_not_call_off`."""
    now = now or timezone.now()
    with changing(case_id) as case:
        check_whose(case, by=by)
        call_back = call_back_of(case, lock=True)
        if refusal := why_not_call_off(call_back, by=by):
            raise Conflict("cannot_call_off", refusal)
        offering.give_back(call_back, now=now)
        drop_prepared(call_back, now=now)
        call_back.state, call_back.starts, call_back.ends = CallBackState.OVER, None, None
        call_back.save()
        withdraw_open_items(case, by=by, now=now)
        kind = "call_back.declined" if for_good else "call_back.called_off"
        timeline.note(case, kind, by=by, at=now)
        signal(case, CALL_CALLED_OFF, CalledOff(for_good=for_good))
        return call_back
