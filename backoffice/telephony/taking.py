"""Calls that come in: who may be calling, about which case, and whether it is somebody whom we rang.

A display shows whatever number the caller wants it to show. So a number finds whom it may be, and proves nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.actors import Actor
from backoffice.customers.addresses import clean, index_of, mask
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.refusals import Conflict
from backoffice.staff.models import User
from backoffice.staff.rights import needs
from backoffice.telephony import rights, states
from backoffice.telephony.announcing import check_own_name, lock_agent, refuse_second
from backoffice.telephony.models import Call, CallState
from backoffice.trust import register
from backoffice.trust.models import Contact, ContactChannel, Direction

PURPOSE = "call_in"
MATTER = "call_in"
"""Of a call about no case. Calls that come in cost nothing of the budget."""
RINGS_BACK_WITHIN = timedelta(hours=24)
"""How long after our call somebody who rings back keeps their place."""
MOST = 10
"""Of those who share a number, as many are offered."""


@dataclass(frozen=True)
class Shown:
    """The number that the display shows, as it is kept; all empty where it is withheld."""

    masked: str = ""
    index: str = ""


@needs(rights.TAKE_IN)
def take_in(
    *,
    number: str,
    agent: User,
    by: Actor,
    now: datetime,
    key: str,
    customer: Customer | None = None,
    case_id: uuid.UUID | None = None,
    case_reference: str = "",
) -> Call:
    """Writes a call that came in and that `agent` has answered, with its row of the register. The same `key` again
    returns the same call.

    `number` is what the display shows, as people write it, empty where it is withheld. Without `customer`, whom the
    agent found by the case, it is the one whose number it is, if it is only one's. Raises `Invalid` on `number`,
    `Forbidden` for a call in another's name, `Conflict` while the agent has a call that is not wrapped up, or for a key
    that was used for something else.
    """
    check_own_name(by, agent)
    shown = read_shown(number)
    with transaction.atomic():
        lock_agent(agent)
        if (known := Call.objects.filter(key=key).select_related("contact").first()) is not None:
            if known.direction != Direction.IN or known.agent_id != agent.pk:
                raise Conflict("key_used", _("This key was used for another call."))
            return known
        refuse_second(agent)
        customer = customer or the_only_one(shown)
        contact = Contact(
            customer=customer,
            case_id=case_id,
            case_reference=case_reference,
            channel=ContactChannel.CALL,
            direction=Direction.IN,
            purpose=PURPOSE,
            address_masked=shown.masked,
            address_index=shown.index,
            by=agent,
            at=now,
        )
        register.register(contacts=[contact])
        return Call.objects.create(
            contact=contact,
            customer=customer,
            point=_point(shown, customer),
            agent=agent,
            direction=Direction.IN,
            purpose=PURPOSE,
            matter=case_id.hex if case_id else MATTER,
            case_id=case_id,
            case_reference=case_reference,
            key=key,
            state=CallState.ANSWERED,
            times={CallState.ANSWERED.value: now.isoformat()},
            announced_at=now,
            answered_at=now,
            seen_at=now,
        )


@needs(rights.TAKE_IN)
def say_about(
    *,
    call_id: uuid.UUID,
    customer: Customer,
    case_id: uuid.UUID | None,
    case_reference: str,
    by: Actor,
    now: datetime,
    matter: str = "",
) -> Call:
    """Notes whom and which case a call that came in is about, once the caller has said so. `matter` is by what the
    budget counts, where that is not this case.

    Raises `NotFound`, `Forbidden` for another agent's call, `Conflict` for a call of ours, or one that is over.
    """
    with transaction.atomic():
        call = states.locked(call_id)
        states.check_own(call, by)
        if call.direction != Direction.IN or call.is_over:
            raise Conflict("not_open", _("This can be said only of a call that came in and is going on."))
        call.customer, call.case_id, call.case_reference = customer, case_id, case_reference
        call.matter = matter or (case_id.hex if case_id else MATTER)
        call.point = _point(Shown(index=call.contact.address_index), customer)
        call.seen_at = now
        call.save(update_fields=["customer", "case_id", "case_reference", "matter", "point", "seen_at"])
        told = {"customer": customer, "case_id": case_id, "case_reference": case_reference}
        Contact.objects.filter(pk=call.contact.pk).update(**told)
        return call


def may_be(*, number: str) -> Sequence[Customer]:
    """The customers whose number in force this is; they may share it. Raises `Invalid` on `number`."""
    return _holders(read_shown(number))


def whom_we_rang(*, call: Call, now: datetime) -> Call | None:
    """Our latest call of the last day to the number, or to the customer, of a call that came in: is it the one whom we
    rang? None without one, and for a call of ours."""
    if call.direction != Direction.IN:
        return None
    which = Q(customer=call.customer) if call.customer else Q(pk__in=[])
    if call.contact.address_index:
        which |= Q(contact__address_index=call.contact.address_index)
    ours = Call.objects.filter(which, direction=Direction.OUT, dialled_at__gt=now - RINGS_BACK_WITHIN)
    return ours.select_related("contact", "customer", "point", "agent").order_by("-dialled_at").first()


def read_shown(number: str) -> Shown:
    """A number without its country is read as one of ours."""
    if not number.strip():
        return Shown()
    country = phonenumbers.region_code_for_number(phonenumbers.parse(settings.COMPANY_PHONE)) or ""
    value = clean(kind=ContactKind.PHONE, value=number, country=country, field="number")
    return Shown(mask(kind=ContactKind.PHONE, value=value), index_of(kind=ContactKind.PHONE, value=value))


def _holders(shown: Shown) -> list[Customer]:
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index=shown.index, superseded_at=None)
    return [point.customer for point in points.select_related("customer")[:MOST]] if shown.index else []


def the_only_one(shown: Shown) -> Customer | None:
    holders = _holders(shown)
    return holders[0] if len(holders) == 1 else None


def _point(shown: Shown, customer: Customer | None) -> ContactPoint | None:
    if customer is None or not shown.index:
        return None
    points = ContactPoint.objects.filter(customer=customer, kind=ContactKind.PHONE, value_index=shown.index)
    return points.order_by("-since").first()
