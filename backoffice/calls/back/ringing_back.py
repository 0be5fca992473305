"""A customer who wants to be sure rings our public number: whoever takes the call finds the case that waits, and goes
on. So it is us whom they talk to, whoever had called them before."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _t

from backoffice.actors import Actor
from backoffice.calls.back import rights
from backoffice.calls.back.following import follow
from backoffice.calls.back.models import CallBack, CallBackState
from backoffice.calls.back.records import (
    call_back_of,
    check_open,
    drop_prepared,
    is_unwritten,
    matter_of,
    may_still_change,
    withdraw_open_items,
)
from backoffice.cases import timeline
from backoffice.cases.models import CaseState
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from backoffice.telephony import taking
from backoffice.telephony.models import Call
from backoffice.trust.models import Direction
from workflows.call_back.facts import Dialled
from workflows.call_back.spec import RANG_BACK


def waiting(customer: Customer) -> Sequence[CallBack]:
    """The calls that this customer waits for; first those whose place is kept, then by their windows."""
    found = CallBack.objects.filter(case__customer=customer, case__state=CaseState.OPEN, survey_of=None)
    found = found.exclude(state=CallBackState.OVER)
    rows = list(found.select_related("case__customer", "about", "call").order_by("case__opened_at"))
    rows = [one for one in rows if not is_unwritten(one)]
    far = datetime.max.replace(tzinfo=timezone.get_default_timezone())
    return sorted(rows, key=lambda one: (one.state != CallBackState.RING_BACK, one.starts or far))


@needs(rights.CALL_BACK)
def take(*, case_id: uuid.UUID, call_id: uuid.UUID, by: Actor, now: datetime | None = None) -> CallBack:
    """Goes on with this case in a call that came in and that this agent has on the line. Taking it again changes
    nothing. The window or the place that the customer has stays theirs until the caller has proven who they are.

    Raises `NotFound` for a call that is not theirs, did not come in, or is wrapped up, `Conflict` where nobody is
    waited for in this case.
    """
    now = now or timezone.now()
    with changing(case_id) as case:
        check_open(case)
        call_back = call_back_of(case, lock=True)
        mine = Call.objects.filter(direction=Direction.IN, wrapped_at=None, agent__public_id=by.id)
        call = mine.filter(id=call_id).first()
        if call is None:
            raise NotFound("unknown_call", _t("There is no such call."))
        if call_back.call_id == call.id:
            return call_back
        if not may_still_change(call_back):
            raise Conflict("not_waiting", _t("No call is waited for in this case, or a colleague is on the line."))
        drop_prepared(call_back, now=now)
        call_back.state, call_back.calls, call_back.followed = CallBackState.CALLING, call_back.calls + 1, []
        call_back.call, call_back.waits_until, call_back.why_waits = call, None, ""
        call_back.save()
        withdraw_open_items(case, by=by, now=now)
        timeline.note(case, "call_back.rang_back", by=by, at=now)
        call = taking.say_about(
            call_id=call.id,
            customer=case.customer,
            case_id=case.id,
            case_reference=case.reference,
            matter=matter_of(call_back),
            by=by,
            now=now,
        )
        signal(case, RANG_BACK, Dialled(agent=by.id))
        follow(call_back, call, by=by, now=now)
        return call_back
