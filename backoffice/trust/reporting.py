"""Somebody reports a contact that seems strange. It goes into the register as an inbound contact, and to whoever
listens: the process that looks into it. Rooms that cannot know that process report through here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.actors import Actor, ActorKind
from backoffice.customers.addresses import index_of, mask
from backoffice.customers.models import ContactKind, Customer
from backoffice.references import ALPHABET, check_character, grouped
from backoffice.refusals import Forbidden
from backoffice.staff import rights
from backoffice.staff.models import User
from backoffice.trust.comparing import is_our_address, our_phone
from backoffice.trust.extracting import extract, mails_in
from backoffice.trust.models import Contact, ContactChannel, Direction
from backoffice.trust.register import register

PURPOSE = "reported_suspicious"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is reported. `by` is who says so; `customer` for whom, None where nobody knows. `user` is the member of
    staff who notes it. The face makes the `key`: the same key twice is one report. `aside` is the id of a case that is
    looked after already, which this report is about: it and its family are left alone. `now` is UTC."""

    pasted: str
    channel: str
    key: uuid.UUID
    by: Actor
    now: datetime
    user: User | None = None
    customer: Customer | None = None
    aside: uuid.UUID | None = None


Hears = Callable[[Report, Contact], None]
_listeners: list[Hears] = []


def listen(hears: Hears) -> None:
    """Calls `hears` with each report and its row of the register, in the transaction that writes it."""
    if hears not in _listeners:
        _listeners.append(hears)


@rights.needs(rights.REPORT)
def report_suspicious(
    *, pasted: str, channel: str, key: uuid.UUID, by: Actor, user: User, now: datetime, customer: Customer | None = None
) -> Contact:
    """Notes that somebody contacted a customer in our name, as one of us was told. `now` is UTC. A channel that we do
    not know is noted as “in another way”: the report counts all the same. Raises `Forbidden` for anybody but staff.
    """
    if by.kind is not ActorKind.STAFF or by.id != str(user.public_id):
        raise Forbidden("staff_only", _("Only staff can note a report here."))
    return hear(Report(pasted=pasted, channel=channel, key=key, by=by, user=user, now=now, customer=customer))


@transaction.atomic
def hear(report: Report) -> Contact:
    """Notes a report for a rule that has checked who makes it, and tells whoever listens, once."""
    contact, new = note(report)
    if new:
        for hears in _listeners:
            hears(report, contact)
    return contact


def note(report: Report) -> tuple[Contact, bool]:
    """The row of the register, and whether it is new. Only the sender, a mail address or a number, is stored: masked,
    and as a blind index by which later reports of the same sender are found. The text may hold anything, and is not
    stored here."""
    reference = _reference(report.key)
    known = Contact.objects.filter(reference=reference).first()
    if known is not None and known.purpose == PURPOSE:
        return known, False
    masked, index = _sender(report.pasted)
    contact = Contact(
        reference=reference,
        customer=report.customer,
        channel=report.channel if report.channel in ContactChannel.values else ContactChannel.OTHER,
        direction=Direction.IN,
        purpose=PURPOSE,
        address_masked=masked,
        address_index=index,
        by=report.user,
        at=report.now,
    )
    register(contacts=[contact])
    return contact, True


def reports_of(*, contact: Contact) -> int:
    """How often the same sender was reported, including this time; 1 when no address was found."""
    if not contact.address_index:
        return 1
    return Contact.objects.filter(purpose=PURPOSE, address_index=contact.address_index).count()


def _reference(key: uuid.UUID) -> str:
    """Thirteen characters and a check character, made from the key, so that the same key finds its report again."""
    body = "".join(ALPHABET[key.int // len(ALPHABET) ** place % len(ALPHABET)] for place in range(13))
    return grouped(body + check_character(body))


def _sender(pasted: str) -> tuple[str, str]:
    """The sender that it names, else the first address or number in it that is neither ours nor one to which it went:
    masked, and as a blind index."""
    found = extract(pasted)
    named = [mail for value in found.headers("from")[-1:] for mail in mails_in(value)]
    went_to = {mail for value in found.headers("to") for mail in mails_in(value)}
    mails = named or [mail for mail in found.mails if mail not in went_to and not is_our_address(mail)]
    phones = [phone for phone in found.phones if phone != our_phone()]
    for kind, values in ((ContactKind.MAIL, mails), (ContactKind.PHONE, phones)):
        for value in values:
            return mask(kind=kind, value=value), index_of(kind=kind, value=value)
    return "", ""
