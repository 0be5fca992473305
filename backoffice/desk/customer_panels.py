"""What pages show about a customer: how to reach them, who contacted whom, and who looked at the record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.cases import keeping_from
from backoffice.cases.models import Case
from backoffice.customers import contact_points, reading
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.desk import worklist_rows
from backoffice.messages.catalogue import kind_of
from backoffice.messages.models import MessageState
from backoffice.trust.models import Contact, Direction

MOST = 8
"""Lines in a panel of a page."""


@dataclass(frozen=True)
class PointLine:
    label: str
    masked: str
    warning: str


def point_lines(customer: Customer, *, now: datetime) -> list[PointLine]:
    """The addresses in force, masked, each with a warning if it is doubtful."""
    points = contact_points.currents(customer=customer)
    superseding = set(
        ContactPoint.objects.filter(customer=customer, superseded_by__isnull=False).values_list(
            "superseded_by", flat=True
        )
    )
    return [
        PointLine(str(ContactKind(kind).label), point.masked, _warning(point, changed=point.pk in superseding, now=now))
        for kind, point in sorted(points.items())
    ]


def _warning(point: ContactPoint, *, changed: bool, now: datetime) -> str:
    if point.sim_swapped_at:
        return _("the SIM was swapped or the number ported")
    if changed and now - point.since < contact_points.RISK_AGE:
        return worklist_rows.changed_sentence(point, now=now)
    if point.kind == ContactKind.POSTAL and point.parts_checked_at is None:
        return _("its parts were split by a guess: check them before a card is posted")
    return "" if point.verified_at else _("not verified")


@dataclass(frozen=True)
class ContactLine:
    about: str
    channel: str
    to: str
    at: datetime
    reference: str
    inbound: bool
    state: str


def contact_lines(which: Q, *, most: int = MOST) -> list[ContactLine]:
    found = Contact.objects.filter(which).select_related("message").order_by("-at", "-pk")[:most]
    return [
        ContactLine(
            about=str(kind_of(contact.purpose).about),
            channel=contact.get_channel_display(),
            to=contact.address_masked,
            at=contact.at,
            reference=contact.reference,
            inbound=contact.direction == Direction.IN,
            state=_sending(contact),
        )
        for contact in found
    ]


def _sending(contact: Contact) -> str:
    message = getattr(contact, "message", None)
    if message is None or message.state == MessageState.SENT:
        return ""
    return _("could not be sent") if message.state == MessageState.FAILED else _("waits to be sent")


@dataclass(frozen=True)
class Reading:
    """One look at a customer's record: who, when, and the case or the reason."""

    who: str
    why: str
    at: datetime


def _for_case(reference: str) -> str:
    return _("for case %(reference)s") % {"reference": reference} if reference else _("for another case")


def readings(customer: Customer, *, reader: Actor) -> list[Reading]:
    """Who looked, the newest first. A case that the reader is kept from is not named to them."""
    found = list(reading.openings_of(customer=customer)[:MOST])
    seen = Case.objects.filter(keeping_from.visible(reader))
    cases = seen.filter(id__in=[one.case_id for one in found if one.case_id])
    references: dict[uuid.UUID | None, str] = {case.id: case.reference for case in cases}
    return [
        Reading(
            one.user.get_full_name() or one.user.get_username(),
            one.reason or _for_case(references.get(one.case_id, "")),
            one.at,
        )
        for one in found
    ]
