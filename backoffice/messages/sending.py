"""Sending what is due: claimed with a lease, sent outside any transaction, marked; delayed and tried again on failure.

What was sent is marked many at a time, but every second. Whoever dies between sending and marking leaves leases that
run out, and these messages go again: at least once. Each is then the very same mail, with the same Message-ID, which is
made from the contact's reference, so that mail servers and readers drop the second; a text message or letter carries
the reference as its idempotency key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.messages import composing
from backoffice.messages.delivering import RefusalError, TryLaterError, deliver
from backoffice.messages.mail_server import mail_server, used
from backoffice.messages.models import Message, MessageState
from backoffice.messages.waking import sender_looks, sender_will_look_again

LEASE = timedelta(seconds=60)
TIME_TO_SEND = timedelta(seconds=40)
"""Of a batch: the rest is left to the next, so that a lease never runs out while its holder still sends."""
BATCH = 50
MARK_AFTER = 20
MARK_WITHIN = timedelta(seconds=1)
"""As many messages, and as much time, may lie between sending and marking: so much is sent twice when a sender dies."""
LONGEST_PAUSE = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)
"""An outage of mail is survived; after three days the words no longer fit, and the message fails where staff see it."""
log = structlog.get_logger(__name__)

_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM outgoing_message
    WHERE state = 'waiting' AND send_after <= %(now)s AND (leased_until IS NULL OR leased_until < %(now)s)
    ORDER BY send_after, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
UPDATE outgoing_message m SET leased_until = %(until)s, tries = m.tries + 1 FROM due WHERE m.id = due.id
RETURNING m.id
"""
_MARK_SENT = """
UPDATE outgoing_message m
SET state = 'sent', sent_at = sent.at, leased_until = NULL, error = '', context = m.context - %(sealed)s::text[]
FROM unnest(%(ids)s::bigint[], %(times)s::timestamptz[]) AS sent (id, at)
WHERE m.id = sent.id AND m.state = 'waiting'
"""
_NEEDED = (
    *("template", "context", "tries", "error", "point__value", "contact__reference", "contact__channel"),
    *("contact__case_reference", "contact__at", "contact__customer__language", "contact__customer__time_zone"),
    "contact__customer__phrase",
)
"""Nothing more is read: the other columns of customers and addresses are sealed, and opening each costs time."""


class Sent:
    """What was sent and is not yet marked."""

    def __init__(self) -> None:
        self._messages: list[tuple[Message, datetime]] = []
        self._marked_at = timezone.now()

    def add(self, message: Message) -> None:
        self._messages.append((message, timezone.now()))

    def mark_if_due(self) -> None:
        """Called before each message. With a slow mail server every message is marked before the next is sent."""
        if len(self._messages) >= MARK_AFTER or timezone.now() - self._marked_at >= MARK_WITHIN:
            self.mark()

    def mark(self) -> None:
        """In one statement, whatever their state is in memory; what was sealed for them is wiped."""
        self._marked_at = timezone.now()
        if not self._messages:
            return
        keys = [message.pk for message, _at in self._messages]
        times = [at for _message, at in self._messages]
        with database.cursor() as cursor:
            cursor.execute(_MARK_SENT, {"ids": keys, "times": times, "sealed": sorted(composing.SEALED)})
        self._messages.clear()


def send_all_due() -> int:
    """Sends until nothing more is due, by one connection to the mail server; gives how many were sent."""
    count = 0
    with mail_server() as connection:
        while True:
            sender_looks()
            claimed = claim(now=timezone.now())
            if not claimed:
                return count
            sender_will_look_again()
            count += _send_batch(claimed, connection)


def claim(*, now: datetime) -> Sequence[Message]:
    """Takes up to `BATCH` due messages for `LEASE`; another sender skips them until it has run out."""
    with database.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + LEASE, "batch": BATCH})
        keys = [key for (key,) in cursor.fetchall()]
    if not keys:
        return []
    messages = Message.objects.filter(pk__in=keys).select_related("contact__customer", "point").only(*_NEEDED)
    return list(messages.order_by("send_after", "pk"))


def _send_batch(messages: Sequence[Message], connection: BaseEmailBackend) -> int:
    stop_at = timezone.now() + TIME_TO_SEND
    broken: dict[str, str] = {}
    count = 0
    sent = Sent()
    try:
        for message in messages:
            channel = message.contact.channel
            if channel in broken or timezone.now() > stop_at:
                _put_off(message, broken.get(channel, message.error))
                continue
            sent.mark_if_due()
            try:
                deliver(message, connection)
            except RefusalError as refusal:
                _fail(message, str(refusal))
            except TryLaterError as later:
                _put_off(message, str(later))
            except OSError as error:
                broken[channel] = type(error).__name__
                connection.close()
                _put_off(message, broken[channel])
            else:
                sent.add(message)
                count += 1
    finally:
        sent.mark()
    if count:
        used()
    return count


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
    """The end of a message that cannot be sent; what was sealed for it is wiped."""
    log.error("message failed", reference=message.contact.reference, tries=message.tries, error=error)
    context = {key: value for key, value in message.context.items() if key not in composing.SEALED}
    _waiting(message).update(state=MessageState.FAILED, error=error[:200], context=context, leased_until=None)


def _waiting(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=MessageState.WAITING)
