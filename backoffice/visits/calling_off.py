"""What ends a visit at once: the customer cancels it, the customer expects nobody, the visitor does not feel safe."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import timeline
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.refusals import Conflict, Invalid, NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.trust import reporting
from backoffice.trust.models import ContactChannel
from backoffice.visits import rights
from backoffice.visits.booking import give_back, visit_of
from backoffice.visits.models import Found, Visit, VisitState
from backoffice.visits.moving import check_whose
from backoffice.visits.results import end, mark
from workflows.base.spec import Nothing
from workflows.home_visit.facts import Cancelled, OtherWay
from workflows.home_visit.spec import HALF_DIFFERENT, NOBODY_EXPECTED, VISIT_CANCELLED, VISITOR_UNSAFE

ALTERNATIVES = ("branch", "remote", "post")


def why_not_cancel(visit: Visit, *, by: Actor) -> str:
    """The sentence that says why this actor cannot cancel this visit now; empty when they can."""
    if refusal := rights.CANCEL.why_not(by):
        return refusal
    if visit.case.state != CaseState.OPEN:
        return _("This case is paused, closed or being stopped.")
    if visit.state == VisitState.AT_DOOR:
        return _(
            "The visitor is at the door. Say there that you do not want the visit, or say here that you expect nobody."
        )
    if visit.state != VisitState.AGREED:
        return _("No visit is agreed that could be cancelled.")
    return ""


@needs(rights.CANCEL)
def cancel(*, case_id: uuid.UUID, alternative: str, by: Actor, now: datetime | None = None) -> Visit:
    """Cancels an agreed visit for another way to be identified: branch, remote or post.

    Raises `Invalid` on `alternative`, `NotFound` for another customer's case, `Conflict` or `Forbidden` with
    `why_not_cancel`.
    """
    now = now or timezone.now()
    if alternative not in ALTERNATIVES:
        raise Invalid({"alternative": [_("Choose another way.")]})
    with changing(case_id) as case:
        check_whose(case, by=by)
        visit = visit_of(case, lock=True)
        refusal = why_not_cancel(visit, by=by)
        if refusal:
            raise Conflict("cannot_cancel", refusal)
        _end(case, Found.CANCELLED, by=by, now=now)
        signal(case, VISIT_CANCELLED, Cancelled(alternative=OtherWay(alternative)))
        return visit


@needs(rights.CALL_OFF)
def nobody_expected(*, case_id: uuid.UUID, by: Actor, now: datetime | None = None) -> Visit:
    """ "I expect nobody": somebody may be at the customer's door in our name. A visit that is agreed or going on is
    abandoned and its visitor called off. A supervisor is alarmed in any case. Saying it again changes nothing.

    Raises `NotFound` for another customer's case, `Forbidden` for a role that may not.
    """
    now = now or timezone.now()
    with unit_of_work():
        _report(case_id, by=by, now=now)
        return _nobody_expected(case_id, by=by, now=now)


def _report(case_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Somebody may be there in our name: it is looked into as any strange contact is, once, and what else the customer
    has open is paused. The visit has its own alarm. Before the visit is locked: the customer comes first."""
    case = Case.objects.select_related("customer").filter(pk=case_id).first()
    if case is None or not rights.CALL_OFF.allows(by):
        return
    check_whose(case, by=by)
    key, channel = uuid.uuid5(case.id, "nobody expected"), ContactChannel.IN_PERSON
    told = reporting.Report(pasted="", channel=channel, key=key, by=by, now=now, customer=case.customer, aside=case.id)
    reporting.hear(told)


def _nobody_expected(case_id: uuid.UUID, *, by: Actor, now: datetime) -> Visit:
    with changing(case_id) as case:
        check_whose(case, by=by)
        visit = visit_of(case, lock=True)
        if visit.is_ahead:
            abandon(case, found=Found.NOBODY_EXPECTED, by=by, now=now)
            signal(case, NOBODY_EXPECTED, Nothing())
        elif visit.found != Found.NOBODY_EXPECTED:
            timeline.note(case, "visit.nobody_expected", by=by, at=now)
            mark(case, why="nobody_expected", by=by, now=now, ask=True)
        return visit


def half_is_different(case: Case, *, answering: str, by: Actor, now: datetime) -> None:
    """The visitor shows a half that is not ours, or it did not fit three times. We act as if a stranger were at the
    door. `answering` is the step whose answer reports it."""
    abandon(case, found=Found.HALF_DIFFERENT, by=by, now=now, spare=answering)
    signal(case, HALF_DIFFERENT, Nothing())


@needs(rights.FEEL_UNSAFE)
def feels_unsafe(*, case_id: uuid.UUID, by: Actor, user: User, now: datetime | None = None) -> Visit:
    """ "I do not feel safe", at any step, by the assigned visitor: the visit ends at once and a supervisor is alarmed.
    Saying it again changes nothing. Raises `NotFound` for anybody else, `Conflict` when the visit is over."""
    now = now or timezone.now()
    with changing(case_id) as case:
        visit = visit_of(case, lock=True)
        if visit.visitor_id is None or visit.visitor_id != user.pk or by.id != str(user.public_id):
            raise NotFound("unknown_visit", _("There is no such visit."))
        if visit.found == Found.UNSAFE:
            return visit
        if not visit.is_ahead:
            raise Conflict("over", _("This visit is over. If you need help, call the emergency number or the desk."))
        abandon(case, found=Found.UNSAFE, by=by, now=now)
        signal(case, VISITOR_UNSAFE, Nothing())
        return visit


def abandon(case: Case, *, found: Found, by: Actor, now: datetime, spare: str = "") -> None:
    """Ends the attempt at once and marks the case, even before its process has the news."""
    _end(case, found, by=by, now=now, spare=spare)
    mark(case, why="visitor_unsafe" if found == Found.UNSAFE else found.value, by=by, now=now)


def _end(case: Case, found: Found, *, by: Actor, now: datetime, spare: str = "") -> None:
    visit = end(case, found=found, by=by, now=now)
    give_back(visit, now=now)
    open_ones = WorkItem.objects.filter(case=case, state=ItemState.OPEN).exclude(step=spare)
    withdraw_items(case, steps=list(open_ones.values_list("step", flat=True)), by=by, now=now)
