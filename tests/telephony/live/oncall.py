"""Calls that are on, snapshots of them, and the clocks of a reader that a test turns."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from backoffice.customers.models import ContactKind, Customer
from backoffice.telephony.live.snapshots import Latest, Snapshot
from backoffice.telephony.live.states import OnCall
from backoffice.telephony.models import OVER, Call, CallState
from backoffice.trust.models import Contact, ContactChannel
from tests.factories import make_staff

CASE = "K7Q-4MX-4"
NOON = 1_780_000_000.0
"""Seconds since 1970, of the clocks that a test turns."""


class Clocks:
    """The two clocks of a reader."""

    def __init__(self) -> None:
        self.wall, self.steady = NOON, 50.0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def latest(self) -> Latest:
        return Latest(lambda: self.wall, lambda: self.steady)


def on_call(**fields: Any) -> OnCall:
    told: dict[str, Any] = {
        "talking": True,
        "agent": "Hanna",
        "team": "the cards team",
        "case": CASE,
        "number": "+31 ••• ••12",
        "since": NOON,
        "heard": NOON,
    }
    return OnCall(**(told | fields))


def snapshot(*calls: OnCall, at: float = NOON, key: str = "her", ended: Iterable[str] = ()) -> Snapshot:
    return Snapshot.taken(at, [([key], call) for call in calls], ended=ended)


def make_call(customer: Customer, state: CallState, **fields: Any) -> Call:
    """A row in this state since now, of Hanna's, whose console is open."""
    now = timezone.now()
    point = customer.contact_points.get(kind=ContactKind.PHONE, superseded_at=None)
    contact = Contact.objects.create(
        customer=customer, channel=ContactChannel.CALL, purpose="call_back", address_masked=point.masked, at=now
    )
    told: dict[str, Any] = {
        "contact": contact,
        "customer": customer,
        "point": point,
        "agent": make_staff(first_name="Hanna"),
        "purpose": "call_back",
        "matter": uuid.uuid4().hex,
        "case_id": uuid.uuid4(),
        "case_reference": CASE,
        "key": uuid.uuid4().hex,
        "state": state,
        "times": {state.value: now.isoformat()},
        "announced_at": now,
        "sheet_opened_at": now,
        "dialled_at": None if state == CallState.ANNOUNCED else now,
        "answered_at": now if state in {CallState.ANSWERED, CallState.COMPANY_PROVEN} else None,
        "ended_at": now if state in OVER else None,
        "outcome": "spoken" if state in OVER else "",
        "seen_at": now,
    }
    return Call.objects.create(**(told | fields))


def number_of(customer: Customer) -> str:
    return str(customer.contact_points.get(kind=ContactKind.PHONE, superseded_at=None).value)
