"""What fraud signals said and we could not read: kept for a person, who says why they need it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cards.models import Signal
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.customers import reading
from backoffice.refusals import NotFound
from backoffice.staff.models import User
from backoffice.staff.rights import READ, needs


@dataclass(frozen=True)
class Unread:
    """`fields` are (name, why it could not be read); `text` is the whole signal, without card numbers."""

    at: datetime
    fields: Sequence[tuple[str, str]]
    text: str


def of_case(case: Case) -> QuerySet[Signal]:
    return Signal.objects.filter(case=case, unread__isnull=False).order_by("at", "pk")


@needs(READ)
def read(*, case_id: uuid.UUID, by: Actor, user: User, reason: str, now: datetime) -> Sequence[Unread]:
    """Shows it. First it is noted among the readings of the customer's record and in the timeline; the customer can see
    both. Raises `NotFound` where there is nothing, `Forbidden` for a role that never reads, and `Invalid` on `reason`.
    `now` is UTC. Not within a transaction."""
    case = Case.objects.select_related("customer").get(id=case_id)
    found = list(of_case(case))
    if not found:
        raise NotFound("nothing_unread", _("There is nothing of this case that we could not read."))
    reading.open_record(customer=case.customer, by=by, user=user, now=now, reason=reason, page="signals:unread")
    with changing(case_id) as locked:
        timeline.note(locked, "card.rest_shown", by=by, reason=reason, at=now)
    return [_unread(signal) for signal in found]


def _unread(signal: Signal) -> Unread:
    fields = [(name or _("the whole signal"), " ".join(why)) for name, why in signal.unread["fields"].items()]
    return Unread(signal.at, fields, signal.unread["text"])
