"""In a call of ours the digits were wrong three times: somebody may be pretending to be us at this very moment, or an
agent misreads. A supervisor has an alarm, and the timeline of the case says so; the customer can report it with one
press (`portal.py`)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from backoffice.actors import system
from backoffice.cases import alarms, timeline
from backoffice.cases.models import Case, Event
from backoffice.cases.unit_of_work import changing
from backoffice.telephony.models import Call
from workflows.suspicious_contact.spec import SUSPICIOUS_CONTACT

CODE = "digits_wrong"
EVENT = "suspicious.digits_wrong"


def digits_wrong(call: Call, now: datetime) -> None:
    """Sounds the alarm in the transaction of the third try: one for each call, however often it is tried. The case is
    told after the commit, because the row of the call is locked. `now` is UTC."""
    agent = call.agent.get_full_name() if call.agent else ""
    fields = {"call": [call.contact.reference], "case": [call.case_reference], "agent": [agent]}
    told = {"fields": {name: values for name, values in fields.items() if values[0]}, "text": ""}
    alarms.sound(process=SUSPICIOUS_CONTACT.name, code=CODE, key=f"{CODE}:{call.pk}", told=told, now=now)
    if call.case_id is not None:
        transaction.on_commit(partial(_tell_case, call.case_id, call.contact.reference, now), robust=True)


def _tell_case(case_id: UUID, reference: str, now: datetime) -> None:
    """Once for each call."""
    if not Case.objects.filter(pk=case_id).exists():
        return
    with changing(case_id) as case:
        if not Event.objects.filter(case=case, kind=EVENT, data__call=reference).exists():
            timeline.note(case, EVENT, by=system(), data={"call": reference}, at=now)
