"""Sending what is due: claimed with a lease, sent outside any transaction, marked; delayed and tried again on failure.

What was sent is marked many at a time, but every second. Whoever dies between sending and marking leaves leases that
run out, and these messages go again: at least once. Each is then the very same mail, with the same Message-ID, which is
made from the contact's reference, so that mail servers and readers drop the second; a text message or letter carries
the reference as its idempotency key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db.models import BooleanField, Func, QuerySet, Value
from django.utils import timezone

from backoffice.leases import LeaseQueue, Query
from backoffice.messages import composing
from backoffice.messages.delivering import RefusalError, TryLaterError, deliver
from backoffice.messages.mail_server import mail_server, used
from backoffice.messages.models import Message, MessageState
from backoffice.messages.waking import sender_looks, sender_will_look_again
from backoffice.statements import Select

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

QUEUE = LeaseQueue(
    table=Message._meta.db_table,
    due="send_after",
    given_up=MessageState.FAILED.value,
    gives="queued.id",
    wiped=f"context = context - '{{{','.join(sorted(composing.SEALED))}}}'::text[]",
)
_NEEDED = (
    *("template", "context", "tries", "error", "point__value", "point__parts"),
    *("contact__reference", "contact__channel"),
    *("contact__case_reference", "contact__at", "contact__customer__language", "contact__customer__time_zone"),
    *("contact__customer__phrase", "contact__customer__kind", "contact__customer__given_name"),
    *("contact__customer__family_name", "contact__customer__organisation_name", "contact__customer__contact_person"),
)
"""Nothing more is read: the other columns of customers and addresses are sealed, and opening each costs time."""


class _IsOneOf(Func):
    """`column = ANY(array)`: one value, however many there are."""

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


def _with_what_is_needed(keys: list[int]) -> QuerySet[Message]:
    messages = Message.objects.filter(_IsOneOf("pk", Value(keys)))
    return messages.select_related("contact__customer", "point").only(*_NEEDED).order_by("send_after", "pk")


_CLAIMED = Select(_with_what_is_needed, [-1])


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
        _run(QUEUE.sent_each({message.pk: at for message, at in self._messages}))
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
    keys = [key for (key,) in _run(QUEUE.claim(now=now, lease=LEASE, most=BATCH))]
    return _CLAIMED(keys) if keys else []


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
                _give_up(message, str(refusal))
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
        _give_up(message, error)
        return
    pause = min(timedelta(seconds=2 ** min(message.tries, 6)), LONGEST_PAUSE)
    log.warning("message put off", reference=message.contact.reference, tries=message.tries, error=error)
    _run(QUEUE.put_off(message.pk, error=error, until=now + pause, tries=message.tries))


def _give_up(message: Message, error: str) -> None:
    log.error("message failed", reference=message.contact.reference, tries=message.tries, error=error)
    _run(QUEUE.give_up(message.pk, error=error, now=timezone.now(), tries=message.tries))


def _run(query: Query) -> Sequence[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute(*query)
        return cursor.fetchall() if cursor.description else []
