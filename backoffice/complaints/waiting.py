"""Strangers' complaints on the worklist: there is no case for them before somebody has read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.fields import DateTimeField, IntegerField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases.catalogue import DeskWork
from backoffice.complaints import rights, strangers
from backoffice.complaints.models import StrangersComplaint, StrangerState
from backoffice.staff.models import User
from backoffice.ui.times import relative
from workflows.complaint.spec import PERIODS

MOST = 51
"""As many as a list counts."""


def work(by: Actor, user: User, now: datetime) -> Sequence[DeskWork]:
    """What this person may take, or has taken; nothing of what was written. The oldest first."""
    if not rights.HANDLE.allows(by):
        return ()
    free = Q(held_by=None) | Q(held_by=user) | Q(held_at__lte=now - strangers.HELD_FOR)
    rows = strangers.waiting_for(user).filter(free).defer("text", "name", "reach", "answer")
    return [_row(row, user, now) for row in rows[:MOST]]


def news() -> QuerySet[StrangersComplaint]:
    """What `work` depends on, as `catalogue.Pages.desk_news` asks for it."""
    held_until, due = (
        ExpressionWrapper(F(since) + Value(lasts), output_field=DateTimeField())
        for since, lasts in (
            ("held_at", strangers.HELD_FOR),
            ("received_at", PERIODS.the_desk_reads_a_strangers_complaint),
        )
    )
    waiting = StrangersComplaint.objects.filter(state=StrangerState.WAITING).order_by("received_at", "id")
    return waiting.annotate(
        row=F("id"),
        changes_at=Coalesce(held_until, due),
        taken_by=Coalesce("held_by_id", Value(0), output_field=IntegerField()),
    )[:MOST]


def _row(row: StrangersComplaint, user: User, now: datetime) -> DeskWork:
    return DeskWork(
        id=str(row.id),
        what=_("Read a complaint of somebody who did not sign in"),
        reference=row.reference,
        who=str(row.get_topic_display()),
        why=_("came %(when)s") % {"when": relative(row.received_at, now)},
        due_at=row.received_at + PERIODS.the_desk_reads_a_strangers_complaint,
        address=reverse("admin:complaint:stranger", args=[row.reference]),
        is_mine=strangers.is_held(row, user=user, now=now),
    )
