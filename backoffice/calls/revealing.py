"""The number of a call that is dialled by hand. The agent sees it only while they dial, and that is noted: in the
timeline of the case and among the readings that the customer can see."""

from __future__ import annotations

from datetime import datetime

import phonenumbers
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import evidence
from backoffice.cases.models import Event, WorkItem
from backoffice.staff.models import User
from backoffice.telephony.models import Call, CallState
from backoffice.telephony.ports import BY_HAND
from workflows.base.spec import CUSTOMER_PHONE

WHILE = (CallState.DIALLING, CallState.RINGING)


def reveal(call: Call, *, item: WorkItem, by: Actor, user: User, now: datetime) -> None:
    """Notes that the agent sees the number, once a call. `item` is the work item by which they call. Does nothing where
    the telephone system dials. Not within a transaction."""
    if call.adapter != BY_HAND or call.state not in WHILE or number_for(call, by=by):
        return
    reason = _("To dial call %(reference)s by hand") % {"reference": call.contact.reference}
    evidence.reveal(item=item, name=CUSTOMER_PHONE.name, by=by, user=user, reason=reason, now=now)


def number_for(call: Call, *, by: Actor) -> str:
    """The number to dial, for the agent who dials now and of whom it is noted; else empty."""
    if call.adapter != BY_HAND or call.state not in WHILE or call.point is None or call.dialled_at is None:
        return ""
    noted = Event.objects.filter(kind="item.evidence_shown", actor_id=by.id, at__gte=call.dialled_at)
    if call.case_id is None or not noted.filter(case_id=call.case_id).exists():
        return ""
    return _spaced(str(call.point.value))


def _spaced(number: str) -> str:
    """As people read and dial it: "+31 6 1234 5678"."""
    return str(phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL))
