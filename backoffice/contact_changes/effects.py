"""The effects of a contact change on our own records, as its spec declares them."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.contact_changes import applying, proving, risk
from workflows.base.spec import Nothing
from workflows.contact_change.facts import Applied, Assessed


def send_code(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    proving.send(case, by=system(), now=now)
    return Nothing()


def assess(*, case: Case, args: Nothing, now: datetime) -> Assessed:
    return risk.assessed(case, now=now)


def apply(*, case: Case, args: Nothing, now: datetime) -> Applied:
    return Applied(applied=applying.apply(case, now=now))
