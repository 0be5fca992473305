"""The worklist: the open work items that I may do, and taking, giving back and handing over one of them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor, Channel
from backoffice.cases import keeping_from, permissions, timeline
from backoffice.cases.answering import check_open, check_performer, four_eyes_sentence, unknown_item
from backoffice.cases.models import Case, CaseState, ItemState, Part, PerformerKind, WorkItem
from backoffice.cases.unit_of_work import changing_item
from backoffice.refusals import Conflict, Forbidden, NotFound
from backoffice.staff import rights
from backoffice.staff.models import Role, User
from backoffice.staff.roles import actor_of
from backoffice.statements import update


def open_items() -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(state=ItemState.OPEN).select_related("case", "case__customer", "holder")


def mine(*, user: User) -> QuerySet[WorkItem]:
    return open_items().filter(holder=user).order_by("due_at", "id")


@rights.needs(rights.WORKLIST)
def of_my_roles(*, by: Actor) -> QuerySet[WorkItem]:
    """Unclaimed items that my roles may do."""
    mine = permissions.items_of(by.roles) & keeping_from.visible(by, case="case")
    return open_items().filter(mine).order_by("due_at", "id")


@rights.needs(rights.WORKLIST)
def overdue(*, by: Actor, user: User, now: datetime | None = None) -> QuerySet[WorkItem]:
    late = open_items().filter(due_at__lt=now or timezone.now()).exclude(performer=PerformerKind.CUSTOMER)
    mine = (Q(holder=user) | Q(role__in=by.roles)) & keeping_from.visible(by, case="case")
    return late.filter(mine).order_by("due_at", "id")


def needing_attention(by: Actor | None = None) -> QuerySet[Case]:
    """For this person, or for everybody: cases with an incident, those that wait for an outside system, and those that
    are paused until a supervisor lets them go on. Of a paused family only the first case stands for all."""
    paused = Q(state=CaseState.FROZEN, root=None)
    found = Case.objects.filter(Q(open_incidents__gt=0) | ~Q(waits_for="") | paused)
    found = found.filter(keeping_from.visible(by)) if by else found
    return found.select_related("customer").order_by("-opened_at", "id")


def is_for(*, customer_id: int) -> Q:
    """The work items that a customer does: those of their own cases, and those in which they are the second party."""
    own = Q(case__customer_id=customer_id, performer=PerformerKind.CUSTOMER)
    return own | Q(party_id=customer_id, performer=PerformerKind.PARTY)


def of_customer(*, customer_id: int) -> QuerySet[WorkItem]:
    return open_items().filter(is_for(customer_id=customer_id)).order_by("due_at")


def why_not(item: WorkItem, *, by: Actor, user: User) -> str:
    """The sentence that says why this member of staff may not do this item now; empty when they may."""
    try:
        check_performer(item.case, item, by=by, user=user)
        check_open(item.case, item)
    except (Conflict, Forbidden, NotFound) as refused:
        return refused.sentence
    if item.part:
        held = Part.objects.filter(root_id=item.case.root_id_or_own, user=user).first()
        if held and held.part != item.part:
            return four_eyes_sentence(held.part)
    return ""


@rights.needs(rights.CLAIM)
def claim(*, item_id: uuid.UUID, by: Actor, user: User) -> WorkItem:
    """Takes an item of my role for me; claiming again is claiming once. Of two at once the first has it."""
    with changing_item(item_id, unknown_item()) as (case, item):
        check_performer(case, item, by=by, user=user)
        check_open(case, item)
        if item.holder_id == user.id:
            return item
        refusal = why_not(item, by=by, user=user)
        if refusal:
            raise Forbidden("four_eyes", refusal)
        _give(case, item, user, "item.claimed", by=by)
        return item


@rights.needs(rights.CLAIM)
def release(*, item_id: uuid.UUID, by: Actor, user: User) -> WorkItem:
    """Gives an item back to its role; a supervisor releases those of others. Raises `NotFound` also for who is kept
    from the case."""
    permissions.check_same_person(by, user)
    with changing_item(item_id, unknown_item()) as (case, item):
        _check_sees(case, user)
        check_open(case, item)
        if item.performer != PerformerKind.ROLE or item.holder_id is None:
            raise Conflict("not_claimed", _("Nobody has claimed this."))
        if item.holder_id != user.id and Role.SUPERVISOR not in by.roles:
            raise Forbidden("held_by_another", _("A colleague has claimed this; only a supervisor can release it."))
        _give(case, item, None, "item.released", by=by)
        return item


@rights.needs(rights.CLAIM)
def hand_over(*, item_id: uuid.UUID, to: User, by: Actor, user: User) -> WorkItem:
    """Gives my item, or as a supervisor anybody's, to a colleague who may do it. Raises as `release` does."""
    permissions.check_same_person(by, user)
    with changing_item(item_id, unknown_item()) as (case, item):
        _check_sees(case, user)
        check_open(case, item)
        if item.holder_id != user.id and Role.SUPERVISOR not in by.roles:
            raise Forbidden("not_yours", _("Only who holds this, or a supervisor, can hand it over."))
        item.holder = None
        if not _may_receive(item, to):
            raise Conflict("cannot_receive", _("That colleague may not do this."), field="to")
        _give(case, item, to, "item.handed_over", by=by)
        return item


def _check_sees(case: Case, user: User) -> None:
    if keeping_from.is_kept_from(case, user):
        raise unknown_item()


def _may_receive(item: WorkItem, to: User) -> bool:
    try:
        return not why_not(item, by=actor_of(user=to, channel=Channel.DESK), user=to)
    except Forbidden:  # an account that is switched off
        return False


def _give(case: Case, item: WorkItem, holder: User | None, kind: str, *, by: Actor) -> None:
    item.holder = holder
    update(item, ("holder",))
    timeline.note(case, kind, by=by, data={"kind": item.kind})
