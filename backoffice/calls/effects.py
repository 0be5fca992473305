"""The effect of a phone authorisation on our records, as its spec declares it."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.calls import proving
from backoffice.calls.records import call_of
from backoffice.cases.models import Case
from workflows.base.spec import Nothing
from workflows.phone_authorisation.facts import CallEnded, CallResult


def end_call(*, case: Case, args: CallEnded, now: datetime) -> Nothing:
    """What people did was written when they did it; only that nobody did anything is news."""
    if args.result is CallResult.SILENT:
        proving.silent(call_of(case, lock=True), by=system(), now=now)
    return Nothing()
