"""The effects of a contact change on our own records, as its spec declares them."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.contact_changes import applying, proving, refusing, risk
from workflows.base.spec import Nothing
from workflows.contact_change.facts import Applied, Assessed, NumberLookedAt


def look_at_number(*, case: Case, args: Nothing, now: datetime) -> NumberLookedAt:
    return NumberLookedAt(refused=refusing.refuse(case, now=now))


def send_code(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    proving.send(case, by=system(), now=now)
    return Nothing()


def assess(*, case: Case, args: Nothing, now: datetime) -> Assessed:
    return risk.assessed(case, now=now)


def apply(*, case: Case, args: Nothing, now: datetime) -> Applied:
    if refusing.refuse(case, now=now):
        return Applied(applied=False, refused=True)
    return Applied(applied=applying.apply(case, now=now))
