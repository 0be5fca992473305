"""Calls of ours in which a voice speaks, not a person: they are in the register and in the live state as all calls are,
and in the budget. Who made them drives them; no sweep of this room touches their lines."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from backoffice.actors import Actor, system
from backoffice.customers.models import ContactPoint, Customer
from backoffice.staff.rights import needs
from backoffice.telephony import budget, minutes, ports, rights, states
from backoffice.telephony.announcing import check_number
from backoffice.telephony.models import Call, CallState
from backoffice.trust import register
from backoffice.trust.models import Contact, ContactChannel


@needs(rights.MAKE_CALLS)
def dial(
    *,
    customer: Customer,
    point: ContactPoint,
    purpose: str,
    case_id: uuid.UUID,
    case_reference: str,
    key: str,
    by: Actor,
    now: datetime,
) -> Call:
    """Writes a call that the voice gateway is about to make because the customer asked for it, with its row of the
    register. The same `key` again returns the same call. `now` is aware.

    Raises `Conflict` on `number` when it may not be called or the minutes of all our calls are used up, and
    `budget.Spent` when the budget of calls is.
    """
    with transaction.atomic():
        if (known := Call.objects.filter(key=key).first()) is not None:
            return known
        check_number(customer=customer, point=point, now=now)
        budget.reserve(customer=customer, matter=str(case_id), now=now, asked_by_customer=True)
        minutes.refuse_more(now=now)
        contact = Contact(
            customer=customer,
            case_id=case_id,
            case_reference=case_reference,
            channel=ContactChannel.CALL,
            purpose=purpose,
            address_masked=point.masked,
            address_index=point.value_index,
            at=now,
        )
        register.register(contacts=[contact])
        return Call.objects.create(
            contact=contact,
            customer=customer,
            point=point,
            purpose=purpose,
            matter=str(case_id),
            case_id=case_id,
            case_reference=case_reference,
            asked_by_customer=True,
            key=key,
            adapter=ports.VOICE_GATEWAY,
            state=CallState.DIALLING,
            times={CallState.ANNOUNCED.value: now.isoformat(), CallState.DIALLING.value: now.isoformat()},
            announced_at=now,
            sheet_opened_at=now,
            dialled_at=now,
            requested_at=now,
            line_closed_at=now,
        )


def still_on(*, call_id: uuid.UUID, now: datetime) -> None:
    """The gateway says that the call goes on."""
    Call.objects.filter(pk=call_id, ended_at=None).update(seen_at=now)


def over(*, call_id: uuid.UUID, to: CallState, outcome: str, now: datetime) -> None:
    """The call is over. Nobody writes down what came of it: the case of the call says so."""
    call = states.move(call_id=call_id, to=to, by=system(), now=now, outcome=outcome)
    Call.objects.filter(pk=call.pk, wrapped_at=None).update(wrapped_at=now)
