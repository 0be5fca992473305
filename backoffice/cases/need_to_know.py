"""Whose hands a case is in: the need that opens its customer's record to a member of staff (threat 8). Every face reads
a case through `read_case`."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.actors import Actor, ActorKind
from backoffice.cases import keeping_from, permissions
from backoffice.cases.models import Case, CaseState, Event, ItemState, Part, WorkItem
from backoffice.customers import reading
from backoffice.customers.models import Access, Customer
from backoffice.staff import rights
from backoffice.staff.models import Role, User


def needs_to_know(case: Case, *, user: User) -> bool:
    """Whether this person has just acted in the family, something failed in the case that their role ends (also after
    its end), or the case is open and its family has something for them: a work item that they hold or that waits for
    one of their roles, a part that they took, a pause that their role ends. Never who is kept from the family."""
    if keeping_from.is_kept_from(case, user):
        return False
    root, roles = case.root_id_or_own, user.role_names
    family = Q(case_id=root) | Q(case__root_id=root)
    if (case.open_incidents or case.waits_for) and roles & rights.RETRY.roles:
        return True
    if case.state == CaseState.CLOSED:
        return _own_acts(user).filter(family).exists()
    if case.state == CaseState.FROZEN and Role.SUPERVISOR in roles:
        return True
    if Part.objects.filter(root_id=root, user=user).exists():
        return True
    return items_for(user).filter(family).exists() or _own_acts(user).filter(family).exists()


def _own_acts(user: User) -> QuerySet[Event]:
    """What this person did in cases within the last half hour: they may see what comes of it. Having looked at
    evidence is no act."""
    since = timezone.now() - reading.OPEN_FOR
    acts = Event.objects.filter(actor_kind=ActorKind.STAFF, actor_id=str(user.public_id), at__gt=since)
    return acts.exclude(kind="item.evidence_shown")


def case_that_needs(user: User, customer: Customer) -> uuid.UUID | None:
    """A case of the customer that is in this person's hands, or was a moment ago."""
    cases = Case.objects.filter(customer=customer).exclude(state=CaseState.CLOSED).order_by("-opened_at")
    found = next((case.id for case in cases if needs_to_know(case, user=user)), None)
    return found or _own_acts(user).filter(case__customer=customer).values_list("case_id", flat=True).first()


@rights.needs(rights.READ, notes_refusals=True)
def read_case(case: Case, *, by: Actor, user: User, now: datetime, page: str, reason: str = "") -> Access:
    """Lets a member of staff read the case: with a need to know, or with a reason. Reading and refusal are noted in the
    customer's record; `page` says where. `now` is UTC. Raises `Forbidden` ("no_reason" where a reason would open it)
    and `Invalid` for a reason that says nothing. Not within a transaction."""
    if keeping_from.is_kept_from(case, user):
        raise reading.refused(
            customer=case.customer, user=user, case_id=case.id, page=page, now=now, sentence=keeping_from.sentence()
        )
    return reading.open_record(
        customer=case.customer,
        by=by,
        user=user,
        now=now,
        case_id=case.id,
        has_case=needs_to_know(case, user=user),
        reason=reason,
        page=page,
    )


@rights.needs(rights.READ, notes_refusals=True)
def read_customer(customer: Customer, *, by: Actor, user: User, now: datetime, page: str, reason: str = "") -> Access:
    """The same for a customer's record. Any open case of the customer that is in this person's hands is enough."""
    case_id = reading.case_for(user=user, customer=customer)
    return reading.open_record(
        customer=customer,
        by=by,
        user=user,
        now=now,
        case_id=case_id,
        has_case=case_id is not None,
        reason=reason,
        page=page,
    )


def items_for(user: User) -> QuerySet[WorkItem]:
    """The open work items that this person holds, or that nobody has claimed yet and their roles may do."""
    unclaimed = permissions.items_of(user.role_names)
    return WorkItem.objects.filter(
        Q(holder=user) | unclaimed, keeping_from.visible(user, case="case"), state=ItemState.OPEN
    )
