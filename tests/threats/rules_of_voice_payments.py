"""The calls of `rule_calls` for payments by telephone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from backoffice.actors import Actor
from backoffice.money import Money
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.fees import noting
from backoffice.payments.payouts import catching_up, freeing
from backoffice.payments.voice import fulfilling, hearing, ordering
from backoffice.payments.voice.models import VoicePayment
from backoffice.staff.models import User
from backoffice.telephony import by_voice
from backoffice.voice.contract import Event, Ringing, Role
from tests.factories import now
from tests.threats.people import World
from tests.threats.rules_of_merchants import merchant

TULIPS = "two bunches of tulips"


def agent(world: World) -> MerchantAgent:
    """Of a merchant whose admission is the own case."""
    return MerchantAgent.objects.create(merchant=merchant(world), name="Robin", added_at=now(), added_by="test")


def payment(world: World) -> VoicePayment:
    """Of the own customer, whose case is the own one."""
    ordered_by, customer = agent(world), world.customer()
    return VoicePayment.objects.create(
        case=world.cases["own"],
        merchant=ordered_by.merchant,
        agent=ordered_by,
        what_for=TULIPS,
        amount=25_00,
        currency="EUR",
        mode="call_out",
        last_four="4242",
        point=customer.contact_points.get(kind="phone", superseded_at=None),
        ordered_at=now(),
    )


def _event() -> Event:
    conversation = f"pay-{uuid.uuid4()}"
    return Event(instance="1", conversation=conversation, number=1, at=now(), what=Ringing(role=Role.CUSTOMER))


def dial(world: World, by: Actor) -> object:
    customer = world.customer()
    return by_voice.dial(
        customer=customer,
        point=customer.contact_points.get(kind="phone", superseded_at=None),
        purpose="voice_payment",
        case_id=uuid.uuid4(),
        case_reference="",
        key=str(uuid.uuid4()),
        by=by,
        now=now().replace(hour=12),
    )


CALLS: Mapping[str, Callable[[World, Actor, User], object]] = {
    "telephony.by_voice.dial": lambda w, by, user: dial(w, by),
    "payments.voice.ordering.order": lambda w, by, user: ordering.order(agent=agent(w), data={}, key="1", by=by),
    "payments.voice.ordering.change": lambda w, by, user: ordering.change(
        payment=payment(w), amount=Money(1, "EUR"), what_for=TULIPS, by=by, now=now()
    ),
    "payments.voice.ordering.cancel": lambda w, by, user: ordering.cancel(payment=payment(w), by=by, now=now()),
    "payments.voice.ordering.take_now": lambda w, by, user: ordering.take_now(payment=payment(w), by=by, now=now()),
    "payments.voice.fulfilling.report": lambda w, by, user: fulfilling.report(
        payment=payment(w), fulfilled=True, by=by, now=now()
    ),
    "payments.fees.noting.note_all": lambda w, by, user: noting.note_all(by=by, now=now()),
    "payments.payouts.catching_up.catch_up": lambda w, by, user: catching_up.catch_up(by=by, now=now()),
    "payments.payouts.freeing.free_all": lambda w, by, user: freeing.free_all(by=by, now=now()),
    "payments.payouts.freeing.alarm_all": lambda w, by, user: freeing.alarm_all(by=by, now=now()),
    "payments.voice.hearing.take": lambda w, by, user: hearing.take(_event(), by=by, now=now()),
    "payments.voice.hearing.lost": lambda w, by, user: hearing.lost(call_id=uuid.uuid4(), by=by, now=now()),
}
