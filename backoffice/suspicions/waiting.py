"""The groups of reports that wait for an analyst, on the worklist of the desk: one row for a group, however many
customers reported it, due an hour after the first report. It is the work of compliance; what is late is raised to the
supervisors, as a work item is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.fields import DateTimeField, IntegerField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.actors import Actor
from backoffice.cases.catalogue import DeskWork
from backoffice.staff.models import Role, User
from backoffice.suspicions import deciding, rights
from backoffice.suspicions.models import GroupState, Match, Suspicion
from backoffice.ui.times import relative
from workflows.suspicious_contact.spec import PERIODS

MOST = 51


def due_at(group: Suspicion) -> datetime:
    """By when an analyst is to have decided (UTC)."""
    return group.opened_at + PERIODS.an_analyst_decides


def waiting() -> QuerySet[Suspicion]:
    """What nobody has decided on; not what turned out to be ours after its customer told more, unless something is
    still paused because of it."""
    strange = Count("reports", filter=~Q(reports__match=Match.OURS) | Q(reports__paused__gt=0))
    found = Suspicion.objects.filter(state=GroupState.WAITING).annotate(strange=strange)
    return found.filter(strange__gt=0).order_by("opened_at", "id")


def work(by: Actor, user: User, now: datetime) -> Sequence[DeskWork]:
    """What this person may take now, or has taken; the oldest first."""
    if not rights.DECIDE.allows(by):
        return ()
    held = Q(held_at__gt=now - deciding.HELD_FOR)
    free = Q(held_by=None) | ~held
    if Role.COMPLIANCE not in by.roles:
        free &= Q(opened_at__lt=now - PERIODS.an_analyst_decides)
    return [_row(group, user, now) for group in waiting().filter(Q(held_by=user) & held | free)[:MOST]]


def news() -> QuerySet[Suspicion]:
    """What `work` depends on, as `catalogue.Pages.desk_news` asks for it."""
    held_until, due = (
        ExpressionWrapper(F(since) + Value(lasts), output_field=DateTimeField())
        for since, lasts in (("held_at", deciding.HELD_FOR), ("opened_at", PERIODS.an_analyst_decides))
    )
    groups = Suspicion.objects.filter(state=GroupState.WAITING).order_by("opened_at", "id")
    return groups.annotate(
        row=F("id"),
        changes_at=Coalesce(held_until, due),
        taken_by=Coalesce("held_by_id", Value(0), output_field=IntegerField()),
    )[:MOST]


def _row(group: Suspicion, user: User, now: datetime) -> DeskWork:
    is_mine, due = deciding.is_held(group, user=user, now=now), due_at(group)
    count = int(getattr(group, "strange", 1))
    reports = ngettext("%(count)d report", "%(count)d reports", count) % {"count": count}
    raised = _("raised to the supervisors %(when)s") % {"when": relative(due, now)}
    return DeskWork(
        id=str(group.id),
        what=_("Decide on a strange contact"),
        reference=group.reference,
        who=f"{group.get_channel_display()}, {reports}",
        why=raised if due < now else _("reported %(when)s") % {"when": relative(group.opened_at, now)},
        due_at=due,
        address=reverse("admin:suspicious_contact:group", args=[group.reference]),
        claim="" if is_mine else reverse("admin:suspicious_contact:take", args=[group.reference]),
        is_mine=is_mine,
    )
