"""The people to whom a work item can be handed over."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from backoffice.cases import permissions
from backoffice.cases.models import WorkItem
from backoffice.refusals import Invalid
from backoffice.staff.models import User


def who_may(item: WorkItem, *, besides: User) -> Sequence[User]:
    """The active people whose roles may do the item. The rule checks again."""
    found = User.objects.filter(permissions.people_for(item), is_active=True, is_staff=True).exclude(pk=besides.pk)
    return list(found.order_by("first_name", "last_name").distinct()[:100])


def colleague(public_id: str) -> User:
    """Raises `Invalid` on `to` for nobody we know."""
    try:
        wanted = uuid.UUID(public_id)
    except ValueError:
        wanted = uuid.UUID(int=0)
    user = User.objects.filter(public_id=wanted, is_active=True, is_staff=True).first()
    if user is None:
        raise Invalid({"to": [_("Choose a colleague.")]})
    return user
