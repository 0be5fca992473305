"""The effects of a home visit by name, its opening, what its messages show, and the sentences of its events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from backoffice.actors import system
from backoffice.cases import effects
from backoffice.cases.effects import effect
from backoffice.cases.models import Case
from backoffice.cases.sentences import register
from backoffice.visits import assigning, results
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit
from workflows.base.spec import Nothing
from workflows.home_visit.facts import AlarmRaised, VisitOpening, Visitor


@effects.opening("home_visit")
def prepare(*, case: Case, args: Mapping[str, str], now: datetime) -> VisitOpening:
    """Under another case it is named after that one's subject, and leaves the last word to the customer to it."""
    Visit.objects.create(case=case)
    if case.parent is None:
        return VisitOpening()
    case.subject = case.parent.subject
    return VisitOpening(under=case.parent.process)


@effects.telling("home_visit")
def shown_in_messages(case: Case, template: str) -> dict[str, str]:
    """The agreed window; a message puts it into the customer's zone."""
    visit = visit_of(case)
    if visit.starts is None or visit.ends is None:
        return {}
    return {"window_start": visit.starts.isoformat(), "window_end": visit.ends.isoformat()}


@effect("home_visit.assign")
def assign(*, case: Case, args: Nothing, now: datetime) -> Visitor:
    visitor = assigning.assign(case, by=system(), now=now)
    return Visitor(visitor=str(visitor.public_id) if visitor else "")


@effect("home_visit.missed")
def missed(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    results.missed(case, by=system(), now=now)
    return Nothing()


@effect("home_visit.alarm")
def alarm(*, case: Case, args: AlarmRaised, now: datetime) -> Nothing:
    results.alarm(case, why=args.why.value, by=system(), now=now)
    return Nothing()


@effect("home_visit.freeze")
def freeze(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    results.suspect(case, by=system(), now=now)
    return Nothing()


@effect("home_visit.release")
def release(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    results.release(case, by=system(), now=now)
    return Nothing()


register("visit.booked", _("A visit was agreed (attempt %(attempt)s)."), _("You chose a time for our visit."))
register("visit.moved", _("The visit was moved to another time."), _("The visit was moved to another time."))
register("visit.assigned", _("A visitor was assigned (badge %(badge)s)."))
register("visit.nobody_free", _("No visitor is free for the agreed time."))
register("visit.arrived", _("The visitor checked in at the door."), _("Our visitor arrived."))
register("visit.arrived_unlocated", _("The visitor checked in without sharing the place."), _("Our visitor arrived."))
register("visit.handshake_begun", _("The halves of the code were issued."), _("The visitor shows you his half."))
register("visit.visitor_proven", _("The visitor's half fits."), _("The visitor proved to you that he is ours."))
register(
    "visit.half_b_wrong", _("The visitor's half did not fit; tries left: %(left)s."), _("The figures did not fit.")
)
register("visit.customer_proven", _("The customer's half fits."), _("You proved to the visitor who you are."))
register(
    "visit.half_a_wrong", _("The customer's half did not fit; tries left: %(left)s."), _("The figures did not fit.")
)
register("visit.match", _("The identity matches."), _("The visitor checked your document."))
register("visit.mismatch", _("The identity does not match."), _("The visitor checked your document."))
register("visit.refused", _("The customer refused the check."), _("You refused the check at the door."))
register("visit.not_home", _("Nobody was at home."), _("Our visitor found nobody at home."))
register("visit.not_proven", _("The customer's half did not fit three times; the visitor left."), _("The visit ended."))
register("visit.missed", _("Our visitor did not come in the window."), _("We missed the visit, and we are sorry."))
register("visit.cancelled", _("The visit was cancelled for another way."), _("You chose another way than the visit."))
register("visit.nobody_expected", _("Alarm: the customer expects nobody."), _("You said that you expect nobody."))
register(
    "visit.half_different",
    _("Alarm: the visitor's half was not ours."),
    _("The visitor's figures were not ours. We called the visit off."),
)
register("visit.unsafe", _("Alarm: the visitor does not feel safe."), _("The visit ended."))
register("visit.no_result", _("Alarm: nothing was heard of the visitor."))
register("visit.withdrawn", _("The visitor was called off: the case is stopped."), _("Nobody comes to you."))
