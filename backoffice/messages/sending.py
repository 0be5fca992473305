"""Sending what is due: claimed with a lease, sent outside any transaction, marked; delayed and tried again on failure.

Whoever dies between sending and marking leaves a lease that runs out, and the message goes again: at least once. It is
then the very same mail, with the same Message-ID, which is made from the contact's reference, so that mail servers and
readers drop the second; an SMS or letter carries the reference as its idempotency key.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from backoffice.messages import composing
from backoffice.messages.gateway import GatewayRefusalError, post_letter, post_sms
from backoffice.messages.models import Message, MessageState
from backoffice.trust.models import ContactChannel

LEASE = timedelta(seconds=60)
TIME_TO_SEND = timedelta(seconds=40)
"""Of a batch: the rest is left to the next, so that a lease never runs out while its holder still sends."""
BATCH = 50
LONGEST_PAUSE = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)
"""An outage of mail is survived; after three days the words no longer fit, and the message fails where staff see it."""
log = structlog.get_logger(__name__)


class RefusalError(Exception):
    """The other side refuses this message for good. Its text names no address."""


class TryLaterError(Exception):
    """The other side takes others, but not this message now. Its text names no address."""


def send_all_due() -> int:
    """Sends until nothing more is due; gives how many were sent."""
    sent = 0
    while claimed := claim(now=timezone.now()):
        sent += _send_batch(claimed)
    return sent


def claim(*, now: datetime) -> list[Message]:
    """Takes up to `BATCH` due messages for `LEASE`; another sender skips them until it has run out."""
    with transaction.atomic():
        due = Message.objects.filter(
            Q(leased_until=None) | Q(leased_until__lt=now), state=MessageState.WAITING, send_after__lte=now
        )
        ids = list(due.order_by("send_after", "pk").select_for_update(skip_locked=True).values_list("pk")[:BATCH])
        keys = [pk for (pk,) in ids]
        if not keys:
            return []
        Message.objects.filter(pk__in=keys).update(leased_until=now + LEASE, tries=F("tries") + 1)
    messages = Message.objects.filter(pk__in=keys).select_related("contact__customer", "point")
    return list(messages.order_by("send_after", "pk"))


def deliver(message: Message, connection: BaseEmailBackend | None = None) -> None:
    """Hands one message over. Raises `RefusalError`, `TryLaterError`, or `OSError` where its whole channel is away."""
    _BY_CHANNEL[message.contact.channel](message, connection or get_connection())


def _send_batch(messages: list[Message]) -> int:
    stop_at = timezone.now() + TIME_TO_SEND
    broken: dict[str, str] = {}
    sent = 0
    connection = get_connection()
    try:
        for message in messages:
            channel = message.contact.channel
            if channel in broken or timezone.now() > stop_at:
                _put_off(message, broken.get(channel, message.error))
                continue
            try:
                deliver(message, connection)
            except RefusalError as refusal:
                _fail(message, str(refusal))
            except TryLaterError as later:
                _put_off(message, str(later))
            except OSError as error:
                broken[channel] = type(error).__name__
                _put_off(message, broken[channel])
            else:
                _mark_sent(message)
                sent += 1
    finally:
        connection.close()
    return sent


def _mark_sent(message: Message) -> None:
    _settle(message, state=MessageState.SENT, sent_at=timezone.now(), error="")


def _put_off(message: Message, error: str) -> None:
    """Tries again after a pause that doubles up to a minute; gives up three days after the message was due."""
    now = timezone.now()
    if now - message.contact.at > GIVE_UP_AFTER:
        _fail(message, error)
        return
    pause = min(timedelta(seconds=2 ** min(message.tries, 6)), LONGEST_PAUSE)
    log.warning("message put off", reference=message.contact.reference, tries=message.tries, error=error)
    _waiting(message).update(send_after=now + pause, leased_until=None, error=error)


def _fail(message: Message, error: str) -> None:
    log.error("message failed", reference=message.contact.reference, tries=message.tries, error=error)
    _settle(message, state=MessageState.FAILED, error=error[:200])


def _settle(message: Message, **changes: object) -> None:
    """The end of a message, whatever its state is in memory; what was sealed for it is wiped."""
    context = {key: value for key, value in message.context.items() if key not in composing.SEALED}
    _waiting(message).update(context=context, leased_until=None, **changes)


def _waiting(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=MessageState.WAITING)


def _compose(message: Message, frame: Callable[..., composing.Words]) -> composing.Words:
    contact = message.contact
    if contact.customer is None:
        raise RefusalError("no customer")
    return frame(
        message.template,
        customer=contact.customer,
        case_reference=contact.case_reference,
        check_code=contact.reference,
        context=message.context,
    )


def _deliver_mail(message: Message, connection: BaseEmailBackend) -> None:
    words, reference = _compose(message, composing.mail), message.contact.reference
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        words.subject,
        words.text,
        to=[message.point.value],
        connection=connection,
        headers={
            "Message-ID": f"<{reference}@{host}>",
            "X-Countersign-Reference": reference,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(words.html, "text/html")
    connection.open()
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        _one_message_only(max(code for code, _words in error.recipients.values()))
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        _one_message_only(error.smtp_code)


def _one_message_only(smtp_code: int) -> None:
    raise RefusalError(f"SMTP {smtp_code}") if smtp_code >= 500 else TryLaterError(f"SMTP {smtp_code}")


def _deliver_sms(message: Message, _connection: BaseEmailBackend) -> None:
    text = _compose(message, composing.sms).text
    try:
        post_sms(to=message.point.value, text=text, reference=message.contact.reference)
    except GatewayRefusalError as error:
        raise RefusalError(str(error)) from error


def _deliver_letter(message: Message, _connection: BaseEmailBackend) -> None:
    words, reference = _compose(message, composing.letter), message.contact.reference
    try:
        post_letter(to=message.point.value, subject=words.subject, text=words.text, reference=reference)
    except GatewayRefusalError as error:
        raise RefusalError(str(error)) from error


_BY_CHANNEL: Mapping[str, Callable[[Message, BaseEmailBackend], None]] = {
    ContactChannel.MAIL: _deliver_mail,
    ContactChannel.SMS: _deliver_sms,
    ContactChannel.LETTER: _deliver_letter,
}
