"""Whose role may do a work item: the one rule, as a question, as a filter of items and as a filter of people; and the
rows of the policy table (`staff/rights.py`) that come from what processes declare.

An item is for its own role. Once it was escalated it is for supervisors too, unless its answerer takes a part in the
case: the part of an approver is never inherited.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import CALLER_CODE, Actor, ActorKind
from backoffice.cases.models import PerformerKind, WorkItem
from backoffice.refusals import Forbidden
from backoffice.staff import rights
from backoffice.staff.models import Role, User
from backoffice.staff.rights import EVERYBODY, Right
from backoffice.staff.roles import rows_of_rooms
from workflows.base.spec import ItemKind, Performer

if TYPE_CHECKING:
    from backoffice.cases.catalogue import Process


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


def check_same_person(by: Actor, user: User) -> None:
    """Raises `Forbidden` when the actor is not this user: nobody acts in the name of another."""
    if by.kind is not ActorKind.STAFF or by.id != str(user.public_id):
        raise Forbidden("not_you", _("Nobody acts in the name of another."))


def common_rows() -> Sequence[Right]:
    """The rows that hold for every process: the table's own, and those that rooms name as `rights` in their
    `AppConfig`."""
    return [*rights.COMMON, *(row for rows in rows_of_rooms().values() for row in rows)]


# --- the rows of a process --------------------------------------------------------------------------------------------


def to_open(process: Process) -> Right:
    """Who opens cases of the process. One without an opening of its own is opened by other cases only."""
    opening = process.opening
    if opening is None:
        sentence = _("Only another case can open a case of “%(name)s”.") % {"name": process.name}
        return replace(rights.OPEN, roles=frozenset(), customers=False, machines=False, besides="", refusal=sentence)
    return replace(
        rights.OPEN,
        roles=frozenset(Role(name) for name in opening.by_roles),
        customers=opening.by_customers,
        machines=opening.by_machines,
        process=False,
        besides=_("staff only with the code that a caller reads out") if opening.needs_phone_code else "",
    )


def check_open(process: Process, *, by: Actor) -> None:
    """Raises `Forbidden` when this actor may not open a case of the process, or not without the code of a caller."""
    to_open(process).check(by)
    opening = process.opening
    if opening and opening.needs_phone_code and by.kind is ActorKind.STAFF and by.proof != CALLER_CODE:
        sentence = _("This is opened only from the call console, with the code that the customer reads out to you.")
        raise Forbidden("needs_phone_code", sentence, field="process")


def to_answer(kind: ItemKind[Any, Any]) -> Right:
    """Who answers work items of this kind."""
    named = kind.performer is Performer.PERSON
    besides = [
        _("the person whom the process names") if named else "",
        _("once it is overdue, supervisors too") if kind.role not in ("", Role.SUPERVISOR) and not kind.part else "",
        _("takes the part “%(part)s”") % {"part": kind.part} if kind.part else "",
    ]
    return replace(
        rights.ANSWER,
        act=f"answer:{kind.name}",
        what=_("Answer “%(title)s”") % {"title": _(kind.title)},
        roles=EVERYBODY if named else frozenset({Role(kind.role)} if kind.role else ()),
        customers=kind.performer in (Performer.CUSTOMER, Performer.PARTY),
        besides="; ".join(said for said in besides if said),
    )


def rows_of(process: Process) -> Sequence[Right]:
    """The rows of one process: opening, answering, and what else it lets people do."""
    return [to_open(process), *(to_answer(kind) for kind in process.spec.kinds), *process.rights]


def _is_raised(item: WorkItem) -> bool:
    return item.escalated_at is not None and not item.part
