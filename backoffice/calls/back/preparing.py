"""Before a call: the agent takes the work item and opens the sheet. Only then can they dial."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _t

from backoffice.actors import Actor
from backoffice.calls.back import rights
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.records import (
    call_back_of,
    check_open,
    ended,
    is_on_the_line,
    matter_of,
    number_for,
    user_of,
)
from backoffice.cases import timeline, worklist
from backoffice.cases.models import Case, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.telephony import announcing, states
from backoffice.telephony.models import Call, CallState
from workflows.call_back.spec import CALL, CALL_BACK_SPEC, CALL_BY_SUPERVISOR

KINDS = (CALL.name, CALL_BY_SUPERVISOR.name)
PURPOSE = CALL_BACK_SPEC.name


def item_of(case: Case) -> WorkItem | None:
    """The open work item by which somebody calls; None while there is none."""
    return WorkItem.objects.filter(case=case, kind__in=KINDS, state=ItemState.OPEN).first()


@needs(rights.CALL_BACK)
def open_sheet(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Call:
    """Claims the work item, announces the call, and notes that its sheet is open. Opening it again changes nothing.

    Raises `NotFound` for no call-back, `Conflict` where nobody is to call now, a colleague has it, there is no number,
    or the agent has another call that is not wrapped up, and `telephony.budget`'s refusal.
    """
    now = now or timezone.now()
    user = user_of(by)
    with changing(case_id) as case:
        check_open(case)
        call_back = call_back_of(case, lock=True)
        item = item_of(case)
        if item is None:
            raise Conflict("not_now", _t("Nobody is to call about this now. Look at the case for when, and why."))
        worklist.claim(item_id=item.id, by=by, user=user)
        if call_back.call is not None and call_back.call.wrapped_at is None:
            return states.open_sheet(call_id=call_back.call.id, by=by, now=now)
        call = _announced(call_back, user, by=by, now=now)
        call_back.call, call_back.state, call_back.calls = call, CallBackState.CALLING, call_back.calls + 1
        call_back.followed = [CallState.ANNOUNCED.value]
        call_back.save()
        timeline.note(case, "call_back.prepared", by=by, at=now)
        return states.open_sheet(call_id=call.id, by=by, now=now)


@needs(rights.CALL_BACK)
def put_back(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> CallBack:
    """The agent does not dial after all: a colleague can. Raises `Conflict` once it is dialled."""
    now = now or timezone.now()
    user = user_of(by)
    with changing(case_id) as case:
        call_back = call_back_of(case, lock=True)
        if is_on_the_line(call_back):
            raise Conflict("dialled", _t("It is dialled already. Say how the call ends, and write it down."))
        if call_back.call is not None and call_back.call.state == CallState.ANNOUNCED:
            call_back.call = ended(call_back.call, by=by, now=now)
            call_back.state = CallBackState.AGREED
            call_back.save(update_fields=["call", "state"])
            timeline.note(case, "call_back.put_back", by=by, at=now)
        item = item_of(case)
        if item is not None and item.holder_id == user.id:
            worklist.release(item_id=item.id, by=by, user=user)
        return call_back


def _announced(call_back: CallBack, agent: User, *, by: Actor, now: datetime) -> Call:
    case = call_back.case
    point = number_for(call_back, now=now)
    if point is None:
        sentence = _t("There is no number that may be called now. Write to the customer instead.")
        raise Conflict("no_number", sentence, field="number")
    return announcing.announce(
        customer=case.customer,
        point=point,
        purpose=PURPOSE,
        matter=matter_of(call_back),
        case_id=case.id,
        case_reference=case.reference,
        agent=agent,
        asked_by_customer=call_back.asked_by_customer,
        key=f"call-back:{case.id}:{call_back.calls + 1}",
        by=by,
        now=now,
    )
