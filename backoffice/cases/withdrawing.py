"""Stopping a case before its point of no return."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import catalogue, keeping_from, timeline
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, CaseState, CommandKind
from backoffice.cases.outbox import order
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, NotFound
from backoffice.staff import rights
from backoffice.staff.models import Role
from backoffice.statements import Select
from workflows.base.spec import Ending

_OPEN_BELOW = Select(
    lambda parent_id: Case.objects.filter(parent_id=parent_id).exclude(state=CaseState.CLOSED).order_by("id"),
    uuid.UUID(int=1),
)


def why_not_withdraw(case: Case, *, by: Actor) -> str:
    """The sentence that says why this actor may not stop this case now; empty when they may."""
    if refusal := rights.WITHDRAW.why_not(by) or keeping_from.why_not(case, by=by):
        return refusal
    if case.state == CaseState.CLOSED:
        return _("This case is closed.")
    if case.state == CaseState.STOPPING:
        return _("This case is already being stopped.")
    if case.state == CaseState.FROZEN and by.kind is ActorKind.CUSTOMER:
        return _("This case is paused while we look into something. You can stop it once it goes on.")
    if case.state == CaseState.FROZEN and Role.SUPERVISOR not in by.roles:
        return _("This case is frozen; a supervisor must unfreeze it first.")
    if case.past_no_return:
        return _("It is too late to stop this: what it asks for has been ordered.")
    return catalogue.process(case.process).why_not_stop(case, by)


@rights.needs(rights.WITHDRAW)
def withdraw(*, case_id: uuid.UUID, by: Actor, reason: str = "") -> Case:
    """Stops a case and those under it; their processes take back what they did. Stopping it again changes nothing.

    Raises `Conflict` past the point of no return, `Forbidden` for a role that may not, `NotFound` for another
    customer's case.
    """
    with changing(case_id) as case:
        if by.kind is ActorKind.CUSTOMER and str(case.customer.public_id) != by.id:
            raise NotFound("unknown_case", _("There is no such case."))
        if case.state == CaseState.STOPPING:
            return case
        refusal = why_not_withdraw(case, by=by)
        if refusal:
            raise Conflict("cannot_withdraw", refusal)
        _stop(case, by=by, reason=reason)
        stop_below(case, by=by, reason=reason)
    return case


def stop_with(case: Case, ending: Ending, *, by: Actor) -> None:
    """Within `changing`: a rule of the case's own process stops it with an ending that the process declares, also while
    it is frozen, and the process takes back what it did. For what cannot wait for people. The caller has checked that
    the case is before its point of no return."""
    if case.state in (CaseState.OPEN, CaseState.FROZEN):
        _stop(case, by=by, reason=ending.value, because=ending.value)
        stop_below(case, by=by)


def stop_below(case: Case, *, by: Actor, reason: str = "") -> None:
    """Stops the cases under a case that ends before them, and those under these."""
    for child in _OPEN_BELOW(case.id):
        with changing(child.id) as below:
            if below.state != CaseState.STOPPING:
                _stop(below, by=by, reason=reason)
            stop_below(below, by=by, reason=reason)


def _stop(case: Case, *, by: Actor, reason: str, because: str = "") -> None:
    now = timezone.now()
    withdraw_items(case, steps=None, by=by, now=now)
    case.state = CaseState.STOPPING
    case.frozen_at = None
    timeline.note(case, "case.withdraw_requested", by=by, reason=reason, at=now)
    order(case, CommandKind.SIGNAL, signal="withdraw", payload={"reason": because or "by_" + by.kind.value})
