"""Keeps a member of staff from a family of cases: the person whom a complaint is about neither sees it nor acts in it,
on any face. Reading, work items, lists, freezing and stopping ask here (`trust.md`, threats 7 and 8).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.cases.models import Case, ItemState, KeptFrom, WorkItem
from backoffice.staff.models import User


def keep_from(case: Case, *, users: Collection[User], now: datetime) -> list[User]:
    """Within `changing` or the opening of the case: keeps these people from its family, and gives back the work items
    that they hold. Returns those who were not kept from it before. `now` is UTC. The caller notes it."""
    root = case.root_id_or_own
    known = set(KeptFrom.objects.filter(root_id=root).values_list("user_id", flat=True))
    new = [user for user in users if user.pk not in known]
    KeptFrom.objects.bulk_create([KeptFrom(root_id=root, user=user, at=now) for user in new], ignore_conflicts=True)
    held = WorkItem.objects.filter(Q(case_id=root) | Q(case__root_id=root), state=ItemState.OPEN, holder__in=new)
    held.update(holder=None)
    return new


def keep_as_from(about: Case, case: Case, *, now: datetime) -> None:
    """The same people are kept from a case that is only about another one, such as a call about a complaint."""
    kept = User.objects.filter(pk__in=KeptFrom.objects.filter(root_id=about.root_id_or_own).values("user"))
    keep_from(case, users=list(kept), now=now)


def is_kept_from(case: Case, user: User | None) -> bool:
    """Whether this person neither sees the case nor acts in it."""
    return user is not None and KeptFrom.objects.filter(root_id=case.root_id_or_own, user=user).exists()


def why_not(case: Case, *, by: Actor) -> str:
    """The sentence for who is kept from the case; empty for everybody else. It does not say what the case is about."""
    id_ = _staff_id(by)
    if id_ is None or not KeptFrom.objects.filter(root_id=case.root_id_or_own, user__public_id=id_).exists():
        return ""
    return sentence()


def sentence() -> str:
    return _("Somebody else looks after this case, and you can neither see it nor change it.")


def visible(by: Actor | User, *, case: str = "pk") -> Q:
    """The rows that this person may see in a list. `case` is the look-up that leads from a row to the id of its case.
    Everything, for who is no member of staff: what customers see, their own rules say."""
    id_ = by.public_id if isinstance(by, User) else _staff_id(by)
    return Q() if id_ is None else ~Q(**{f"{case}__in": _hidden_from(id_)})


def _hidden_from(public_id: uuid.UUID | str) -> QuerySet[Case, uuid.UUID]:
    roots = KeptFrom.objects.filter(user__public_id=public_id).values("root_id")
    return Case.objects.filter(Q(id__in=roots) | Q(root_id__in=roots)).values_list("id", flat=True)


def _staff_id(by: Actor) -> str | None:
    return by.id if by.kind is ActorKind.STAFF and by.id else None
