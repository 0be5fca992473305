"""What the process of a suspicious contact does to our own records."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import incidents, timeline
from backoffice.cases.models import Case, IncidentKind, Resolution
from backoffice.suspicions import pausing
from backoffice.suspicions.telling_more import ever_gave, given_in
from workflows.base.spec import Nothing
from workflows.suspicious_contact.facts import Gave, Weighed

UNDECIDED = "suspicion_undecided"


def weigh(*, case: Case, args: Nothing, now: datetime) -> Weighed:
    """How much is paused because of reports alone, and whether the customer gave something away. What they have not
    said is no “nothing”, and what they once said they gave away stays given."""
    paused = len(pausing.still_paused(case.customer))
    if given_in(case) is None:
        return Weighed(paused=paused)
    return Weighed(paused=paused, gave=Gave.SOMETHING if ever_gave(case) else Gave.NOTHING)


def let_go_on(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    count = pausing.let_go_on(case, by=system())
    if count:
        timeline.note(case, "suspicious.let_go_on", by=system(), data={"count": str(count)}, at=now)
    return Nothing()


def raise_undecided(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The hour of the analyst is over: the case shows as needing attention, and supervisors have the reports too."""
    incidents.open(case, IncidentKind.ALARM, by=system(), key=UNDECIDED, values={"code": UNDECIDED}, at=now)
    return Nothing()


def settle_undecided(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    how = Resolution.WORKS
    incidents.resolve(case, IncidentKind.ALARM, by=system(), key=UNDECIDED, how=how, at=now)
    return Nothing()
