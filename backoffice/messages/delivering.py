"""Delivers one message: a mail by SMTP, a text message or a letter through a gateway, each with its own reference."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from backoffice.customers.addresses import with_ascii_domain
from backoffice.messages import composing
from backoffice.messages.gateway import GatewayRefusalError, post_letter, post_sms
from backoffice.messages.models import Message
from backoffice.trust.models import ContactChannel

CLOSING = 421
"""RFC 5321, 4.2.3: the server closes the connection. This says nothing about the message."""


class RefusalError(Exception):
    """The other side refuses this message for good. The error's text names no address."""


class TryLaterError(Exception):
    """The other side takes other messages, but not this one now. The error's text names no address."""


class ServerCloses(ConnectionError):
    """The mail server ends the connection. The error's text names no address."""


def deliver(message: Message, connection: BaseEmailBackend | None = None) -> None:
    """Hands one message over. Raises `RefusalError`, `TryLaterError`, or `OSError` when the whole channel does not
    work. Mail goes through `connection`, which is opened if needed and left open.
    """
    _BY_CHANNEL[message.contact.channel](message, connection or get_connection())


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
        to=[with_ascii_domain(message.destination.value)],
        connection=connection,
        headers={
            "Date": format_datetime(timezone.now()),
            "Message-ID": f"<{reference}@{host}>",
            "X-Countersign-Reference": reference,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(words.html, "text/html")
    new = connection.open()
    try:
        _send(mail)
    except (smtplib.SMTPServerDisconnected, ServerCloses):
        connection.close()
        if new:
            raise
        connection.open()  # A server may end a connection that is old, or that has carried many mails.
        _send(mail)


def _send(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        _one_message_only(max(code for code, _words in error.recipients.values()))
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        _one_message_only(error.smtp_code)


def _one_message_only(smtp_code: int) -> None:
    if smtp_code == CLOSING:
        raise ServerCloses(f"SMTP {smtp_code}")
    raise RefusalError(f"SMTP {smtp_code}") if smtp_code >= 500 else TryLaterError(f"SMTP {smtp_code}")


def _deliver_sms(message: Message, _connection: BaseEmailBackend) -> None:
    text = _compose(message, composing.sms).text
    try:
        post_sms(to=message.destination.value, text=text, reference=message.contact.reference)
    except GatewayRefusalError as error:
        raise RefusalError(str(error)) from error


def _deliver_letter(message: Message, _connection: BaseEmailBackend) -> None:
    words, reference = _compose(message, composing.letter), message.contact.reference
    to = composing.addressee(message.destination, customer=message.contact.customer)
    try:
        post_letter(to=to, subject=words.subject, text=words.text, reference=reference)
    except GatewayRefusalError as error:
        raise RefusalError(str(error)) from error


_BY_CHANNEL: Mapping[str, Callable[[Message, BaseEmailBackend], None]] = {
    ContactChannel.MAIL: _deliver_mail,
    ContactChannel.SMS: _deliver_sms,
    ContactChannel.LETTER: _deliver_letter,
}
