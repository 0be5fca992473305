"""Reminding a customer by hand: the message of the work item once more, asked for at the desk."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import keeping_from
from backoffice.cases.answering import check_open, unknown_item
from backoffice.cases.items import remind
from backoffice.cases.models import Case, CaseState, Event, PerformerKind, WorkItem
from backoffice.cases.unit_of_work import changing_item
from backoffice.refusals import Conflict, Refused
from backoffice.staff import rights

NOT_SOONER = timedelta(hours=1)
"""Nobody is pressed: a reminder by hand is possible one hour after the last message of the case."""
_MESSAGES = ("case.told", "item.reminded")


def why_not_remind(case: Case, item: WorkItem, *, by: Actor, now: datetime) -> str:
    """The sentence that says why this actor may not remind the customer of this item now; empty when they may."""
    if refusal := rights.REMIND.why_not(by) or keeping_from.why_not(case, by=by):
        return refusal
    if item.performer != PerformerKind.CUSTOMER:
        return _("This does not wait for the customer.")
    if case.state == CaseState.FROZEN:
        return _("This case is frozen, and what is due waits too. Nobody is reminded meanwhile.")
    try:
        check_open(case, item)
    except Refused as refused:
        return refused.sentence
    if Event.objects.filter(case=case, kind__in=_MESSAGES, at__gt=now - NOT_SOONER).exists():
        return _("We wrote to the customer less than an hour ago.")
    return ""


@rights.needs(rights.REMIND)
def remind_by_hand(*, item_id: uuid.UUID, by: Actor, now: datetime | None = None) -> WorkItem:
    """Sends the item's reminder again, as mail and outside quiet hours. `now` is UTC.

    Raises `NotFound`, `Forbidden` for a role that may not, `Conflict` where it is closed, frozen or too soon.
    """
    now = now or timezone.now()
    with changing_item(item_id, unknown_item()) as (case, item):
        refusal = why_not_remind(case, item, by=by, now=now)
        if refusal:
            raise Conflict("cannot_remind", refusal)
        remind(case, steps=(item.step,), by=by, now=now)
        return item
