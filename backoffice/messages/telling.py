"""Telling a customer: the contact is registered and the message is written in the transaction of its cause.

Nothing is sent here. What is rolled back was never written; what is committed is sent by `sending.py`, sooner or later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from backoffice.actors import Actor, ActorKind
from backoffice.customers.contact_points import Reach, reach_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.messages import catalogue
from backoffice.messages.composing import SEALED, TIMES, subject_of
from backoffice.messages.models import TO, Message
from backoffice.messages.waking import wake_sender
from backoffice.sealed import seal
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.statements import insert_linked
from backoffice.trust.models import Contact, ContactChannel
from backoffice.trust.quiet_hours import next_allowed

KIND_OF_CHANNEL: Mapping[str, str] = {
    ContactChannel.MAIL: ContactKind.MAIL,
    ContactChannel.SMS: ContactKind.PHONE,
    ContactChannel.LETTER: ContactKind.POSTAL,
}
CHANNEL_OF_KIND: Mapping[str, str] = {kind: channel for channel, kind in KIND_OF_CHANNEL.items()}
WITNESS_DAYS = 30
"""How long a superseded address still gets notices (processes, contact change)."""


@dataclass(frozen=True)
class Notice:
    """What is told, and by which channels; an `urgent` one leaves at once, others may wait for the morning.

    `context` holds only what the message may show: times as ISO 8601 in UTC, `last_four`, a code for a reason; never
    a name, an address or an amount. `to_old` sends it, urgently, to each verified mail address and number as well that
    was superseded in the last 30 days: a notice of a change goes to the old addresses and to the new (NIST SP 800-63A,
    ICANN). `to_new` sends it to an address that is not on file, and to no other: a `ContactPoint` that is not saved.
    `not_to` are the indexes (`ContactPoint.value_index`) of addresses that are in other hands: they get nothing.
    """

    template: str
    context: Mapping[str, str] = field(default_factory=dict)
    channels: Sequence[str] = (ContactChannel.MAIL,)
    urgent: bool = False
    to_old: bool = False
    to_new: ContactPoint | None = None
    not_to: frozenset[str] = frozenset()


Draft = tuple[Notice, str, ContactPoint]
"""A notice, one of its channels, and the address that it goes to."""


@rights.needs(rights.WRITE)
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
) -> None:
    """Writes one notice, see `tell_all`."""
    notice = Notice(template, context, channels, urgent)
    tell_all(customer=customer, case_id=case_id, case_reference=case_reference, notices=(notice,), by=by, now=now)


@rights.needs(rights.WRITE)
def tell_old_addresses(
    *,
    customer: Customer,
    case_id: UUID | None,
    case_reference: str,
    template: str,
    context: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> None:
    """Writes one notice to the customer's old addresses alone, see `Notice.to_old`."""
    notice = Notice(template, context, channels=(), urgent=True, to_old=True)
    tell_all(customer=customer, case_id=case_id, case_reference=case_reference, notices=(notice,), by=by, now=now)


@rights.needs(rights.WRITE)
def tell_all(
    *,
    customer: Customer,
    case_id: UUID | None,
    case_reference: str,
    notices: Sequence[Notice],
    by: Actor,
    now: datetime,
) -> None:
    """Writes a message for each channel of each notice for which the customer has an address in force.

    However many they are, the addresses are read once, and one statement inserts them. Reminders and text messages that
    are not urgent leave only between 08:00 and 21:00 of the customer. What is about no case has no `case_id`, and "" as
    its reference. Raises `ValueError` for an unknown template, channel or key: a mistake of the caller.
    """
    for notice in notices:
        _check(notice)
    since = now - timedelta(days=WITNESS_DAYS) if any(notice.to_old for notice in notices) else None
    reach = reach_of(customer=customer, since=since)
    drafts = [
        draft for notice in notices for draft in _drafts(notice, reach) if draft[2].value_index not in notice.not_to
    ]
    contacts = _contacts(drafts, customer, case_id, case_reference, by, now)
    insert_linked(_messages(drafts, contacts, customer, now), link="contact", by="reference")
    if any(notice.urgent for notice, _channel, _point in drafts):
        transaction.on_commit(wake_sender, robust=True)


def _drafts(notice: Notice, reach: Reach) -> Iterator[Draft]:
    if notice.to_new is not None:
        yield notice, CHANNEL_OF_KIND[notice.to_new.kind], notice.to_new
        return
    for channel in notice.channels:
        if point := reach.in_force.get(KIND_OF_CHANNEL[channel]):
            yield notice, channel, point
    if notice.to_old:
        at_once = replace(notice, urgent=True)
        for point in reach.earlier:
            if point.kind in (ContactKind.MAIL, ContactKind.PHONE):
                yield at_once, CHANNEL_OF_KIND[point.kind], point


def _contacts(
    drafts: Sequence[Draft],
    customer: Customer,
    case_id: UUID | None,
    case_reference: str,
    by: Actor,
    now: datetime,
) -> list[Contact]:
    sender = None
    if by.kind == ActorKind.STAFF and by.id:
        sender = User.objects.filter(public_id=by.id).values_list("pk", flat=True).first()
    subjects = {
        notice.template: subject_of(
            notice.template, customer=customer, case_reference=case_reference, context=notice.context
        )
        for notice, _channel, _point in drafts
    }
    return [
        Contact(
            customer=customer,
            case_id=case_id,
            case_reference=case_reference,
            channel=channel,
            purpose=notice.template,
            subject="" if channel == ContactChannel.SMS else subjects[notice.template],
            address_masked=point.masked,
            address_index=point.value_index,
            by_id=sender,
            at=now,
        )
        for notice, channel, point in drafts
    ]


def _messages(drafts: Sequence[Draft], contacts: Sequence[Contact], customer: Customer, now: datetime) -> list[Message]:
    morning = next_allowed(at=now, time_zone=customer.time_zone)
    return [
        Message(
            contact=contact,
            point=point if notice.to_new is None else None,
            template=notice.template,
            context=_kept(notice),
            send_after=morning if not notice.urgent and _may_wait(notice.template, channel) else now,
        )
        for contact, (notice, channel, point) in zip(contacts, drafts, strict=True)
    ]


def _kept(notice: Notice) -> dict[str, str]:
    kept = {key: seal(value) if key in SEALED else value for key, value in notice.context.items() if value}
    if notice.to_new is not None:
        address = {name: getattr(notice.to_new, name) for name in ("kind", "value", "parts")}
        kept[TO] = seal(json.dumps(address))
    return kept


def _may_wait(template: str, channel: str) -> bool:
    """Reminders, and whatever rings, wait for the morning. A mail that says what has just happened does not: in the
    morning it would be one of several that no longer hold."""
    return channel == ContactChannel.SMS or catalogue.known(template).notice.reminder


def _check(notice: Notice) -> None:
    context, channels = notice.context, notice.channels
    if not set(channels) <= set(KIND_OF_CHANNEL):
        raise ValueError(f"no messages go by {channels}")
    if unknown := set(context) - catalogue.known(notice.template).shows:
        raise ValueError(f"a message holds no {sorted(unknown)}")
    for key in TIMES & set(context):
        if context[key] and datetime.fromisoformat(context[key]).tzinfo is None:
            raise ValueError(f"{key} has no time zone")
    if context.get("last_four") and not re.fullmatch(r"\d{4}", context["last_four"]):
        raise ValueError("last_four is four digits")
    if (notice.to_new is not None) != catalogue.known(notice.template).notice.proves_address:
        raise ValueError("only what proves a new address goes to one that is not on file, and it goes nowhere else")
    if notice.to_new is not None:
        return
    by_mail = {ContactChannel.MAIL} if catalogue.known(notice.template).notice.enrols else set()
    if SEALED & set(context) and (notice.to_old or set(channels) - {ContactChannel.LETTER} - by_mail):
        raise ValueError("a code goes by letter only")
