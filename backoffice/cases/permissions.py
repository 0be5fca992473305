"""Whose role may do a work item: the one rule, as a question, as a filter of items and as a filter of people.

An item is for its own role. Once it was escalated it is for supervisors too, unless its answerer takes a part in the
case: the part of an approver is never inherited.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from backoffice.cases.models import PerformerKind, WorkItem
from backoffice.staff.models import Role


def may_do(item: WorkItem, *, roles: Collection[str]) -> bool:
    """Whether these roles let their holder do the item."""
    return item.role in roles or (Role.SUPERVISOR in roles and _is_raised(item))


def items_of(roles: Collection[str]) -> Q:
    """The unclaimed work items, of any state, that these roles may do."""
    may = Q(role__in=roles)
    if Role.SUPERVISOR in roles:
        may |= Q(escalated_at__isnull=False, part="")
    return Q(performer=PerformerKind.ROLE, holder=None) & may


def people_for(item: WorkItem) -> Q:
    """The users whose roles may do the item."""
    names = {item.role} | ({Role.SUPERVISOR.value} if _is_raised(item) else set())
    return Q(groups__name__in=names)


def _is_raised(item: WorkItem) -> bool:
    return item.escalated_at is not None and not item.part
