"""What the process of a suspicious contact does to our own records."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import incidents
from backoffice.cases.models import Case, IncidentKind, Resolution
from backoffice.suspicions import deciding, making_safe, pausing
from backoffice.suspicions.telling_more import ever_gave
from workflows.base.spec import Nothing
from workflows.suspicious_contact.facts import Gave, Weighed

UNDECIDED = "suspicion_undecided"


def weigh(*, case: Case, args: Nothing, now: datetime) -> Weighed:
    """How much is paused because of reports alone, and whether the customer gave something away: what they once said
    they gave stays given. That they gave nothing is never weighed, although they may say so: whoever is signed in with
    a password alone can say it, and the cases would go on by that (threat 2). A supervisor asks them."""
    paused = len(pausing.still_paused(case.customer))
    return Weighed(paused=paused, gave=Gave.SOMETHING if ever_gave(case) else Gave.UNKNOWN)


def let_go_on(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """In the name of the analyst who found it harmless, and with their reason. What a supervisor let go on has gone on
    with their answer: what was paused since then stays so."""
    if case.timeline.filter(kind=making_safe.MADE_SAFE).exists():
        return Nothing()
    by, reason = deciding.cleared_by(case)
    pausing.let_go_on(case, by=by, reason=reason, now=now)
    return Nothing()


def raise_undecided(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The hour of the analyst is over: the case shows as needing attention, and supervisors have the reports too."""
    incidents.open(case, IncidentKind.ALARM, by=system(), key=UNDECIDED, values={"code": UNDECIDED}, at=now)
    return Nothing()


def settle_undecided(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    how = Resolution.WORKS
    incidents.resolve(case, IncidentKind.ALARM, by=system(), key=UNDECIDED, how=how, at=now)
    return Nothing()
