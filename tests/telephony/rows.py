"""Rows of calls as the room's rules leave them, written at once for tests of what is computed from them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.telephony.models import OVER, Call, CallOutcome, CallState
from backoffice.trust.models import Contact, ContactChannel


def number_of(customer: Customer) -> ContactPoint:
    return ContactPoint.objects.get(customer=customer, kind=ContactKind.PHONE, superseded_at=None)


def write_call(
    customer: Customer,
    *,
    at: datetime,
    matter: str = "matter",
    state: CallState = CallState.ANNOUNCED,
    point: ContactPoint | None = None,
    **fields: Any,
) -> Call:
    """A call that was announced, and dialled where its state says so, at `at`; over at once where it is over."""
    reached: dict[str, Any] = {"sheet_opened_at": at}
    if state != CallState.ANNOUNCED:
        reached["dialled_at"] = at
    if state in OVER:
        reached |= {"ended_at": at, "wrapped_at": at, "outcome": CallOutcome.NO_ANSWER}
    contact = Contact.objects.create(customer=customer, channel=ContactChannel.CALL, purpose="call", at=at)
    return Call.objects.create(
        **{
            "contact": contact,
            "customer": customer,
            "point": point or number_of(customer),
            "purpose": "call",
            "matter": matter,
            "key": str(uuid.uuid4()),
            "state": state,
            "announced_at": at,
        }
        | reached
        | fields
    )
