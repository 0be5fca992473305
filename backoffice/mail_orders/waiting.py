"""The mails that wait, on the worklist of the desk. A mail has no case before somebody has read it, so that no work
item can stand for it; once a case asks the customer, the mail waits no more, and the items of the case stand there.

It is support's work. A mail that nobody has handled by its time is raised to the supervisors, as a work item is.
"""

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
from backoffice.mail_orders import handling, rights
from backoffice.mail_orders.models import Mail, MailState
from backoffice.mail_orders.words import HINTS
from backoffice.staff.models import Role, User
from backoffice.ui.times import relative
from workflows.mail_order.spec import PERIODS

MOST = 51
"""As many as a list counts."""


def due_at(mail: Mail) -> datetime:
    """By when somebody is to have read it and done what is to be done (UTC)."""
    return mail.received_at + PERIODS.the_desk_reads_a_mail


def work(by: Actor, user: User, now: datetime) -> Sequence[DeskWork]:
    """What this person may take now, or has taken; nothing of what is in a mail. The oldest first."""
    if not rights.HANDLE.allows(by):
        return ()
    held = Q(held_at__gt=now - handling.HELD_FOR)
    free = Q(held_by=None) | ~held
    if Role.SUPPORT not in by.roles:
        free &= Q(received_at__lt=now - PERIODS.the_desk_reads_a_mail)
    waiting = Mail.objects.filter(Q(held_by=user) & held | free, state=MailState.WAITING).order_by("received_at", "id")
    return [_row(mail, user, now) for mail in waiting.defer("raw", "envelope", "findings")[:MOST]]


def news() -> QuerySet[Mail]:
    """What `work` depends on, as `catalogue.Pages.desk_news` asks for it."""
    held_until, due = (
        ExpressionWrapper(F(since) + Value(lasts), output_field=DateTimeField())
        for since, lasts in (("held_at", handling.HELD_FOR), ("received_at", PERIODS.the_desk_reads_a_mail))
    )
    waiting = Mail.objects.filter(state=MailState.WAITING).order_by("received_at", "id")
    return waiting.annotate(
        row=F("id"),
        changes_at=Coalesce(held_until, due),
        taken_by=Coalesce("held_by_id", Value(0), output_field=IntegerField()),
    )[:MOST]


def _row(mail: Mail, user: User, now: datetime) -> DeskWork:
    is_mine = handling.is_held(mail, user=user, now=now)
    due, since = due_at(mail), {"when": relative(mail.received_at, now)}
    raised = _("raised to the supervisors %(when)s") % {"when": relative(due, now)}
    return DeskWork(
        id=str(mail.id),
        what=_("Read a mail to us"),
        reference=mail.reference,
        who=str(HINTS[mail.hint]),
        why=raised if due < now else _("came %(when)s") % since,
        due_at=due,
        address=reverse("admin:mail_order:mail", args=[mail.reference]),
        claim="" if is_mine else reverse("admin:mail_order:take", args=[mail.reference]),
        is_mine=is_mine,
    )
