"""The one answer that a stranger gets: that we do nothing by mail, and how to reach us. It quotes nothing, answers no
other answer (RFC 3834), and goes only to an address for which its domain vouches (`handling.why_not_answer`)."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import get_template

from backoffice import never_told
from backoffice.customers.addresses import mask
from backoffice.customers.models import ContactKind
from backoffice.mail_orders.models import Answered, Mail
from backoffice.messages.catalogue import code_of, known
from backoffice.messages.composing import check_page
from backoffice.messages.mail_server import mail_server, used
from backoffice.staff.models import User
from backoffice.trust.models import Contact, ContactChannel
from backoffice.trust.register import register
from workflows.mail_order.spec import MAIL_ORDER, NEUTRAL_NOTICE

BATCH = 50
log = structlog.get_logger(__name__)


def order(mail: Mail, *, user: User, now: datetime) -> None:
    """Registers the answer to the sender of the mail, in the caller's transaction; the task sends it. The caller saves
    `answer` and `answered`."""
    contact = Contact(
        channel=ContactChannel.MAIL,
        purpose=code_of(NEUTRAL_NOTICE.name, process=MAIL_ORDER.name),
        subject=_words("messages/frame_subject.txt"),
        address_masked=mask(kind=ContactKind.MAIL, value=mail.findings["sender"]),
        address_index=mail.sender_index,
        by=user,
        at=now,
    )
    register(contacts=[contact])
    mail.answer, mail.answered = contact, Answered.WANTED


def send_all() -> int:
    """Sends the answers that wait; gives how many. What another server refuses is not tried again; what could not be
    handed over waits for the next run, and is then the same mail, with the same Message-ID."""
    keys = list(Mail.objects.filter(answered=Answered.WANTED).values_list("pk", flat=True)[:BATCH])
    count = 0
    for key in keys:
        with transaction.atomic(), mail_server() as connection:
            waiting = Mail.objects.select_for_update(skip_locked=True, of=("self",)).select_related("answer")
            mail = waiting.filter(pk=key, answered=Answered.WANTED).first()
            if mail is not None and mail.answer is not None:
                count += _send(mail, mail.answer, connection)
    return count


def _send(mail: Mail, contact: Contact, connection: BaseEmailBackend) -> int:
    if not mail.findings:
        return _mark(mail, Answered.FAILED)
    try:
        _message(contact, mail.findings, connection).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        log.warning("neutral answer refused", mail=mail.reference, error=type(refused).__name__)
        return _mark(mail, Answered.FAILED)
    except OSError as away:
        connection.close()
        log.warning("neutral answer put off", mail=mail.reference, error=type(away).__name__)
        return 0
    used()
    return _mark(mail, Answered.SENT)


def _mark(mail: Mail, answered: Answered) -> int:
    mail.answered = answered
    mail.save(update_fields=["answered"])
    return int(answered == Answered.SENT)


def _message(contact: Contact, found: Mapping[str, str], connection: BaseEmailBackend) -> EmailMessage:
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {
        "Message-ID": f"<{contact.reference}@{host}>",
        "X-Countersign-Reference": contact.reference,
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
    }
    if found.get("message_id") and found["message_id"].isascii():
        headers["In-Reply-To"] = headers["References"] = found["message_id"]
    text = _words("mail_order/frame_stranger.txt", contact.reference)
    return EmailMessage(contact.subject, text, to=[found["sender"]], connection=connection, headers=headers)


def _words(frame: str, check_code: str = "") -> str:
    """The words of the answer, in a frame without a phrase: its reader is no customer of ours that we know."""
    kind = known(code_of(NEUTRAL_NOTICE.name, process=MAIL_ORDER.name))
    values = {
        "company": settings.COMPANY_NAME,
        "phone": settings.COMPANY_PHONE,
        "check_code": check_code,
        "check_page": check_page(),
        "never_told": never_told.in_words(),
        "frame": frame,
    }
    return get_template(f"messages/{kind.path}").render(values).strip()
