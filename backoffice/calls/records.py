"""Looks up the particulars of a call."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.calls.models import Call
from backoffice.cases import catalogue
from backoffice.cases.models import Case
from backoffice.refusals import NotFound


def call_of(case: Case, *, lock: bool = False) -> Call:
    """The particulars of a call's case. Raises `NotFound` for a case of another process."""
    calls = Call.objects.select_for_update(of=("self",)) if lock else Call.objects.all()
    call = calls.filter(case_id=case.id).select_related("agent__staff_profile", "opened").first()
    if call is None:
        raise NotFound("unknown_call", _("There is no such call."))
    call.case = case
    return call


def wanted_by_customer(call: Call) -> str:
    """What the code is for, in the words of the customer's own screen; empty for a process that is not installed."""
    process = next((one for one in catalogue.all_processes() if one.name == call.wants), None)
    return str(process.opening.on_the_phone) if process and process.opening else ""


def wanted(call: Call) -> str:
    """The same in the words of the desk."""
    process = next((one for one in catalogue.all_processes() if one.name == call.wants), None)
    return str(process.opening.offer) if process and process.opening else ""


def login_of(call: Call) -> str:
    """The code for how the session was opened that had the code shown; "nobody" when none did."""
    return call.login or ("unknown" if call.shown else "nobody")
