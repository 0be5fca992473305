"""Calls in any state, by rules only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from backoffice.actors import Actor, Channel
from backoffice.celery import app as celery_app
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.staff.models import User
from backoffice.staff.roles import actor_of
from backoffice.telephony import announcing, states, waking
from backoffice.telephony.models import Call, CallState
from tests.factories import make_customer, make_staff

NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)
"""A Wednesday, 12:00 in Amsterdam."""
DIALLED = (CallState.DIALLING,)
RINGS = (*DIALLED, CallState.RINGING)
TALKING = (*RINGS, CallState.ANSWERED)


def phone(customer: Customer) -> ContactPoint:
    return customer.contact_points.get(kind=ContactKind.PHONE, superseded_at=None)


def actor(user: User) -> Actor:
    return actor_of(user=user, channel=Channel.DESK)


def announced(customer: Customer | None = None, agent: User | None = None, **fields: Any) -> Call:
    """A call that was announced at noon, about a case of the customer's."""
    customer, agent = customer or make_customer(days=4000), agent or make_staff()
    told: dict[str, Any] = {
        "customer": customer,
        "point": phone(customer),
        "purpose": "call_back",
        "matter": uuid.uuid4().hex,
        "case_id": uuid.uuid4(),
        "case_reference": "K7Q-4MX-2",
        "agent": agent,
        "asked_by_customer": False,
        "key": uuid.uuid4().hex,
        "by": actor(agent),
        "now": NOON,
    }
    return announcing.announce(**(told | fields))


def prepared(customer: Customer | None = None, agent: User | None = None, **fields: Any) -> Call:
    """One whose sheet its agent has open."""
    call = announced(customer, agent, **fields)
    return states.open_sheet(call_id=call.pk, by=own(call), now=fields.get("now", NOON))


def in_state(*reached: CallState, **fields: Any) -> Call:
    """One that went through these states after its sheet was open."""
    return go(prepared(**fields), reached, now=fields.get("now", NOON))


def woken_for(call: Call) -> int:
    """How often the workers were told to see to the call, since somebody asked last."""
    told = 0
    with celery_app.connection() as broker:
        waiting = broker.SimpleQueue("celery")
        while len(waiting):
            message = waiting.get(block=False)
            message.ack()
            told += message.headers["task"] == waking.SEE_TO and message.payload[0] == [str(call.pk)]
        waiting.close()
    return told


def own(call: Call) -> Actor:
    assert call.agent is not None
    return actor(call.agent)


def go(call: Call, reached: Sequence[CallState], *, now: datetime = NOON) -> Call:
    for state in reached:
        call = states.move(call_id=call.pk, to=state, by=own(call), now=now)
    return call
