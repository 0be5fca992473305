"""How long the content of a mail is kept. What was decided about it, as codes, stays with its case."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from backoffice.actors import Actor
from backoffice.mail_orders import rights
from backoffice.mail_orders.models import Mail, MailState
from backoffice.staff.rights import needs

AFTER_A_CASE = timedelta(days=90)
"""After its case closed: as long as somebody may dispute who wrote it."""
SET_ASIDE = timedelta(days=14)
"""After it was set aside."""
UNREAD = timedelta(days=90)
"""After it came, whoever left it unread."""
BATCH = 500
log = structlog.get_logger(__name__)


@needs(rights.ANALYSE)
def delete_content(*, by: Actor, now: datetime) -> int:
    """Deletes the content, the envelope and the findings of the mails whose time is over; gives how many. A mail whose
    case is open keeps them. `now` is UTC."""
    over = (
        Q(state=MailState.SET_ASIDE, ended_at__lt=now - SET_ASIDE)
        | Q(state__in=(MailState.RECEIVED, MailState.WAITING), received_at__lt=now - UNREAD)
        | Q(
            state__in=(MailState.CONFIRMED, MailState.DENIED, MailState.UNANSWERED),
            ended_at__lt=now - AFTER_A_CASE,
        )
    )
    mails = list(Mail.objects.filter(over, wiped_at=None).order_by("received_at")[:BATCH])
    for mail in mails:
        mail.raw, mail.envelope, mail.findings, mail.wiped_at = None, None, None, now
        mail.sender_index = ""
        if mail.state in (MailState.RECEIVED, MailState.WAITING):
            mail.state, mail.ended_at = MailState.SET_ASIDE, now
        mail.note("wiped", at=now)
        mail.save()
    if mails:
        log.info("content of mails deleted", count=len(mails))
    return len(mails)
