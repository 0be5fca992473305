"""What a field agent may see: their own work, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.cases import catalogue
from backoffice.cases.catalogue import Appointment
from backoffice.cases.models import ItemState, PerformerKind, WorkItem
from backoffice.refusals import NotFound
from backoffice.staff.models import User


@dataclass(frozen=True)
class Today:
    """The work of today: appointments in order, then the other open work items, the earliest due first."""

    appointments: Sequence[Appointment]
    items: Sequence[WorkItem]

    @property
    def next_appointment(self) -> Appointment | None:
        return next((one for one in self.appointments if one.is_ahead), None)


def today(user: User, *, now: datetime) -> Today:
    """The work items of an appointment are not listed: they are done on the appointment's own page."""
    found = [one for process in catalogue.all_processes() for one in process.pages.appointments(user, now)]
    found.sort(key=lambda one: one.starts)
    items = _items_of(user).filter(state=ItemState.OPEN).exclude(case__in=[one.case for one in found])
    return Today(found, list(items.order_by("due_at", "id")))


def item(user: User, item_id: uuid.UUID) -> WorkItem:
    """A work item that this person does, or did. Raises `NotFound`."""
    found = _items_of(user).filter(id=item_id).first()
    if found is None:
        raise NotFound("unknown_item", _("There is no such work item."))
    return found


def next_item(user: User, after: WorkItem) -> WorkItem | None:
    """The next work item of this person in the same case."""
    open_ones = _items_of(user).filter(case_id=after.case_id, state=ItemState.OPEN).exclude(id=after.id)
    return open_ones.order_by("-opened_at").first()


def _items_of(user: User) -> QuerySet[WorkItem]:
    mine = WorkItem.objects.filter(Q(holder=user) | Q(answered_by=user), performer=PerformerKind.PERSON)
    return mine.select_related("case", "case__customer")
