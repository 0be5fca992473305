"""The mutual code at the door: half B proves the visitor to the customer, then half A proves the customer to them.

The code itself is in `trust/mutual_codes.py`; here it is bound to a visit that is going on, and to its timeline.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases import timeline
from backoffice.cases.items import withdraw_items
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.refusals import Conflict, NotFound, TryRefused
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.trust import mutual_codes
from backoffice.trust.mutual_codes import Stage, Verdict
from backoffice.visits import calling_off, rights
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Visit, VisitState

MOST_PAIRS = 3
"""Pairs of halves in one attempt: after the first, two more when the ten minutes run out."""


def begin(case: Case, *, by: Actor, now: datetime) -> Visit:
    """Issues new halves, good for ten minutes: the door was opened, or the pair before ran out.

    Raises `Conflict` while the last pair is still valid, when it was guessed at too often, and after `MOST_PAIRS`
    pairs.
    """
    visit = _at_the_door(case, by=by)
    if visit.handshakes:
        _refuse_more_guesses(visit, now=now)
    visit.handshakes += 1
    visit.save(update_fields=["handshakes"])
    assert visit.visitor is not None
    mutual_codes.issue(case_id=case.id, target=visit.target, agent=visit.visitor, now=now)
    timeline.note(case, "visit.handshake_begun", by=by, at=now)
    return visit


def stage(case: Case, *, now: datetime | None = None) -> Stage:
    """How far the two have got; `Stage.NONE` when no visitor is at the door."""
    visit = visit_of(case)
    if case.state != CaseState.OPEN or visit.state != VisitState.AT_DOOR:
        return Stage.NONE
    return mutual_codes.stage(case_id=case.id, target=visit.target, now=now)


def half_b(case: Case, *, visitor: User, now: datetime | None = None) -> str | None:
    """Half B for the screen of the assigned visitor, `123 456`. None for anybody else, and before and after its
    time."""
    visit = visit_of(case)
    if stage(case, now=now) is Stage.NONE or visit.visitor_id != visitor.pk:
        return None
    return mutual_codes.show_b(case_id=case.id, target=visit.target, agent=visitor, now=now)


def half_a(case: Case, *, by: Actor, now: datetime | None = None) -> str | None:
    """Half A for the portal of the case's own customer, `123 456`; None until they have compared half B."""
    if by.kind is not ActorKind.CUSTOMER or by.id != str(case.customer.public_id):
        return None
    if stage(case, now=now) is Stage.NONE:
        return None
    return mutual_codes.show_a(case_id=case.id, target=visit_of(case).target, now=now)


def compare(case: Case, *, typed: str, by: Actor, now: datetime) -> Verdict:
    """What the visitor shows, as the customer types it. The caller commits, right or wrong."""
    visit = visit_of(case, lock=True)
    if visit.state != VisitState.AT_DOOR:
        raise Conflict("nobody_at_the_door", _("None of our visitors is at your door now. Do not let anybody in."))
    verdict = mutual_codes.compare_b(case_id=case.id, target=visit.target, typed=typed, now=now)
    kind = "visit.visitor_proven" if verdict.right else "visit.half_b_wrong"
    timeline.note(case, kind, by=by, data={"left": str(verdict.tries_left)}, at=now)
    return verdict


@needs(rights.COMPARE)
def compare_for_caller(*, case_id: uuid.UUID, typed: str, by: Actor, now: datetime | None = None) -> Verdict:
    """For a customer who calls the public number. The desk types what they read out, and tells them whether the visitor
    is ours. The desk never learns half A: a visitor, who knows half B, could call in the customer's name. Half A is
    only in the portal, where customers open it themselves (the rule of the mutual code). The third wrong half calls the
    visit off, as it does when the customer types it.

    Raises `Forbidden` for another role, `Conflict` when none of our visitors is at the door, `NotFound`.
    """
    now = now or timezone.now()
    with changing(case_id) as case:
        if case.state != CaseState.OPEN:
            raise Conflict("closed", _("This case is paused, closed or being stopped. Nothing was changed."))
        verdict = compare(case, typed=typed, by=by, now=now)
        if not verdict.right and not verdict.tries_left:
            calling_off.half_is_different(case, answering="", by=by, now=now)
        if not verdict.right:
            return verdict
        items = WorkItem.objects.filter(case=case, kind="compare_half", state=ItemState.OPEN)
        withdraw_items(case, steps=list(items.values_list("step", flat=True)), by=by, now=now)
        return verdict


def enter(case: Case, *, typed: str, by: Actor, now: datetime) -> Verdict:
    """What the customer says, as the assigned visitor types it. The caller commits, right or wrong."""
    visit = _at_the_door(case, by=by)
    assert visit.visitor is not None
    verdict = mutual_codes.use_a(case_id=case.id, target=visit.target, agent=visit.visitor, typed=typed, now=now)
    kind = "visit.customer_proven" if verdict.right else "visit.half_a_wrong"
    timeline.note(case, kind, by=by, data={"left": str(verdict.tries_left)}, at=now)
    return verdict


def refusal_of(verdict: Verdict) -> TryRefused:
    """The verdict as a refusal on its field, to raise once the try is counted."""
    return TryRefused("half_refused", verdict.sentence, field="half")


def _at_the_door(case: Case, *, by: Actor) -> Visit:
    visit = visit_of(case, lock=True)
    if visit.visitor is None or str(visit.visitor.public_id) != by.id:
        raise NotFound("unknown_visit", _("There is no such visit."))
    if visit.state != VisitState.AT_DOOR:
        raise Conflict("not_at_the_door", _("This visit no longer takes place. Say goodbye and leave."))
    return visit


def _refuse_more_guesses(visit: Visit, *, now: datetime) -> None:
    if mutual_codes.stage(case_id=visit.case_id, target=visit.target, now=now) is not Stage.NONE:
        raise Conflict("still_good", _("The digits that you have are still good."))
    if mutual_codes.is_spent(case_id=visit.case_id, target=visit.target):
        raise Conflict("spent", _("Too many digits did not fit. Stop here: say goodbye and leave."))
    if visit.handshakes >= MOST_PAIRS:
        raise Conflict("no_more", _("There are no new digits for this visit. Say goodbye; we find another way."))
