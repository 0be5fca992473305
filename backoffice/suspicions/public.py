"""Reports by anybody, without signing in, and the receipt by which they learn what came of theirs.

The answer, its words, its status and its time are the same whether or not we know who is named: nobody learns here who
is a customer of ours. What nobody vouches for pauses at most once (`pausing.py`).
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.actors import Channel, system
from backoffice.customers.addresses import index_of
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.references import tidy_reference
from backoffice.refusals import Refused
from backoffice.suspicions import receiving
from backoffice.suspicions.matching import Reported
from backoffice.suspicions.models import GroupState, Match, Report, Source
from backoffice.trust import warnings
from backoffice.trust.extracting import extract
from backoffice.trust.limits import Limit, allowed
from backoffice.trust.models import FraudWarning
from backoffice.trust.padding import pad
from backoffice.trust.verdicts import Seen, seen_of

PER_NETWORK = Limit("suspicion-reports-network", times=12, per=timedelta(hours=1))
IN_ALL = Limit("suspicion-reports", times=1200, per=timedelta(hours=1))
LOOKS_PER_NETWORK = Limit("suspicion-receipts-network", times=30, per=timedelta(minutes=10))
LOOKS_IN_ALL = Limit("suspicion-receipts", times=1200, per=timedelta(minutes=10))
PADDED_TO = timedelta(milliseconds=400)
"""An answer takes a multiple of this: more than all the work for a customer whom we know."""


class TooMany(Refused):
    """Too much came from there, or in all."""

    status = 429

    def __init__(self) -> None:
        sentence = _("Too many reports came in the last hour. If you need help now, call us: %(phone)s.")
        super().__init__("too_many", sentence % {"phone": settings.COMPANY_PHONE})


class Came(StrEnum):
    """What came of a report, as anybody who has its reference may know."""

    LOOKED_INTO = "looked_into"
    FRAUD = "fraud"
    HARMLESS = "harmless"
    OURS = "ours"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Receipt:
    """`warning` is what is going round, where the report is about that: it is public anyway. `ours` is what it was,
    where the whole message of ours was reported."""

    reference: str
    warning: FraudWarning | None
    ours: Seen | None


def report(
    *, reported: Reported, named: str, key: uuid.UUID, network: str, now: datetime, padded: bool = True
) -> Receipt:
    """Takes a report of anybody in. `named` is a mail address or telephone number of whom it concerns, or empty.
    Raises `TooMany`, and `CannotCount` while the limits cannot be counted."""
    began = time.monotonic()
    if not (allowed(PER_NETWORK, network, now=now) and allowed(IN_ALL, "", now=now)):
        raise TooMany
    incoming = receiving.Incoming(
        reported=reported, key=key, source=Source.PUBLIC, customer=_named(named), origin=network or "unknown"
    )
    taken = receiving.receive(incoming=incoming, by=replace(system(), channel=Channel.PORTAL), now=now)
    warning = warnings.matching(text=reported.text, sender=reported.sender, now=now)
    if padded:
        pad(began, to=PADDED_TO)
    return Receipt(taken.contact.reference, warning, seen_of(taken.ours) if taken.ours else None)


def came_of(*, typed: str, network: str, now: datetime, padded: bool = True) -> Came:
    """What came of the report with this reference; nothing of who made it, for whom, or what it says. The reference
    has 63 bits, and guesses are limited. Raises `TooMany` and `CannotCount`."""
    began = time.monotonic()
    if not (allowed(LOOKS_PER_NETWORK, network, now=now) and allowed(LOOKS_IN_ALL, "", now=now)):
        raise TooMany
    reference = tidy_reference(typed) or "-"
    found = Report.objects.select_related("group").filter(contact__reference=reference).first()
    came = _came_of(found)
    if padded:
        pad(began, to=PADDED_TO)
    return came


def _came_of(found: Report | None) -> Came:
    if found is None:
        return Came.UNKNOWN
    if found.match == Match.OURS or found.group is None:
        return Came.OURS
    states = {GroupState.CONFIRMED: Came.FRAUD, GroupState.CLEARED: Came.HARMLESS}
    return states.get(GroupState(found.group.state), Came.LOOKED_INTO)


def _named(named: str) -> Customer | None:
    """Whose address or number it is now. Two look-ups, whatever was typed."""
    found = extract(named[:200])
    mail, phone = (found.mails or ["-"])[0], (found.phones or ["-"])[0]
    pairs = ((ContactKind.MAIL, mail), (ContactKind.PHONE, phone))
    points = [
        ContactPoint.objects.filter(kind=kind, value_index=index_of(kind=kind, value=value), superseded_at=None).first()
        for kind, value in pairs
    ]
    point = next((one for one in points if one is not None), None)
    return Customer.objects.get(pk=point.customer_id) if point else None
