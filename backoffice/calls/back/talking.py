"""How far a call-back is: the presses of its agent, one for each state."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _t

from backoffice.actors import Actor
from backoffice.calls.back import dialling, rights
from backoffice.calls.back.following import follow
from backoffice.calls.back.records import call_back_of
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.staff.rights import needs
from backoffice.telephony import states
from backoffice.telephony.models import Call, CallState


@needs(rights.CALL_BACK)
def press(*, case_id: uuid.UUID, to: CallState, by: Actor, outcome: str = "", now: datetime | None = None) -> Call:
    """Moves the call of this case to a state. Repeating the state changes nothing. `outcome` is one of `CallOutcome`.

    Raises `Conflict` on `state` where there is no call or for an impossible order, `Forbidden` for another's call.
    """
    now = now or timezone.now()
    if to == CallState.DIALLING:
        return dialling.dial(case_id=case_id, by=by, now=now)
    with changing(case_id) as case:
        call_back = call_back_of(case, lock=True)
        if call_back.call is None:
            raise Conflict("not_prepared", _t("Open the sheet of this call before you dial."), field="state")
        call = states.move(call_id=call_back.call.id, to=to, by=by, now=now, outcome=outcome)
        follow(call_back, call, by=by, now=now)
        return call
