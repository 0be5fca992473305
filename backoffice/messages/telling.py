"""Telling a customer: the contact is registered and the message is written in the transaction of its cause.

Nothing is sent here. What is rolled back was never written; what is committed is sent by `sending.py`, sooner or later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from backoffice.actors import Actor, ActorKind
from backoffice.customers.contact_points import currents, earlier_verified
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.messages import catalogue
from backoffice.messages.composing import SEALED, TIMES, subject_of
from backoffice.messages.models import Message
from backoffice.sealed import seal
from backoffice.staff.models import User
from backoffice.trust.models import Contact, ContactChannel
from backoffice.trust.quiet_hours import next_allowed
from backoffice.trust.register import register

KIND_OF_CHANNEL: Mapping[str, str] = {
    ContactChannel.MAIL: ContactKind.MAIL,
    ContactChannel.SMS: ContactKind.PHONE,
    ContactChannel.LETTER: ContactKind.POSTAL,
}
WITNESS_DAYS = 30
"""How long a superseded address still gets notices (processes, contact change)."""


def tell(
    *,
    customer: Customer,
    case_id: UUID | None,
    case_reference: str,
    template: str,
    context: Mapping[str, str],
    channels: Sequence[str] = ("mail",),
    urgent: bool = False,
    by: Actor,
    now: datetime,
) -> list[Message]:
    """Writes a message for each channel for which the customer has an address in force; gives them, perhaps none.

    `context` holds only what the message may show (`catalogue.MessageKind.shows`): times as ISO 8601 in UTC,
    `last_four`, a code for a reason; never a name, an address or an amount. `urgent` leaves at once; without it,
    reminders and text messages leave only between 08:00 and 21:00 of the customer. What is about no case has no
    `case_id`, and "" as its reference.
    Raises `ValueError` for an unknown template, channel or key: a mistake of the caller, not of a person.
    """
    points = currents(customer=customer)
    kinds = [(channel, KIND_OF_CHANNEL.get(channel, "")) for channel in channels]
    if not all(kind for _channel, kind in kinds):
        raise ValueError(f"no messages go by {channels}")
    to = [(channel, points[kind]) for channel, kind in kinds if kind in points]
    return _write(customer, case_id, case_reference, template, context, to, urgent, by, now)


def tell_old_addresses(
    *,
    customer: Customer,
    case_id: UUID | None,
    case_reference: str,
    template: str,
    context: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> list[Message]:
    """Writes an urgent notice to each verified mail address and number that was superseded in the last 30 days.

    A notice of a change goes to the old addresses as well as to the new (NIST SP 800-63A, ICANN); `tell` does the new.
    """
    old = earlier_verified(
        customer=customer, kinds=(ContactKind.MAIL, ContactKind.PHONE), since=now - timedelta(days=WITNESS_DAYS)
    )
    by_address = {point.value_index: point for point in old}
    to = [(_channel_of(point), point) for point in by_address.values()]
    return _write(customer, case_id, case_reference, template, context, to, True, by, now)


def _channel_of(point: ContactPoint) -> str:
    return ContactChannel.SMS if point.kind == ContactKind.PHONE else ContactChannel.MAIL


def _write(
    customer: Customer,
    case_id: UUID | None,
    case_reference: str,
    template: str,
    context: Mapping[str, str],
    to: Sequence[tuple[str, ContactPoint]],
    urgent: bool,
    by: Actor,
    now: datetime,
) -> list[Message]:
    _check(template, context, {channel for channel, _point in to})
    if not to:
        return []
    kept = {key: seal(value) if key in SEALED else value for key, value in context.items() if value}
    subject = subject_of(template, customer=customer, case_reference=case_reference, context=kept)
    with transaction.atomic():
        sender = User.objects.filter(public_id=by.id).first() if by.kind == ActorKind.STAFF and by.id else None
        contacts = [
            Contact(
                customer=customer,
                case_id=case_id,
                case_reference=case_reference,
                channel=channel,
                purpose=template,
                subject="" if channel == ContactChannel.SMS else subject,
                address_masked=point.masked,
                address_index=point.value_index,
                by=sender,
                at=now,
            )
            for channel, point in to
        ]
        register(contacts=contacts)
        morning = next_allowed(at=now, time_zone=customer.time_zone)
        messages = Message.objects.bulk_create(
            Message(
                contact=contact,
                point=point,
                template=template,
                context=kept,
                send_after=morning if not urgent and _may_wait(template, channel) else now,
            )
            for contact, (channel, point) in zip(contacts, to, strict=True)
        )
        if urgent:
            transaction.on_commit(_wake, robust=True)
    return messages


def _may_wait(template: str, channel: str) -> bool:
    """Reminders, and whatever rings, wait for the morning. A mail that says what has just happened does not: in the
    morning it would be one of several that no longer hold."""
    return channel == ContactChannel.SMS or catalogue.known(template).notice.reminder


def _check(template: str, context: Mapping[str, str], channels: Iterable[str]) -> None:
    if unknown := set(context) - catalogue.known(template).shows:
        raise ValueError(f"a message holds no {sorted(unknown)}")
    for key in TIMES & set(context):
        if context[key] and datetime.fromisoformat(context[key]).tzinfo is None:
            raise ValueError(f"{key} has no time zone")
    if context.get("last_four") and not re.fullmatch(r"\d{4}", context["last_four"]):
        raise ValueError("last_four is four digits")
    if SEALED & set(context) and set(channels) - {ContactChannel.LETTER}:
        raise ValueError("a code goes by letter only")


def _wake() -> None:
    """Urgent messages do not wait for the sweep of beat. If the broker is away, the sweep sends them anyway."""
    from backoffice.messages.tasks import send_due

    send_due.delay()
