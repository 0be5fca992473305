"""Orders of a merchant's agent, and what the gateway and the process do of them, played without an engine."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import calls
from backoffice.cases.models import Case, CaseState, Command
from backoffice.customers.models import Customer
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.voice import hearing, ordering
from backoffice.payments.voice.models import VoiceCall, VoicePayment
from backoffice.payments.voice.watching import GATEWAY
from backoffice.voice.contract import Answered, Asked, Event, Role, What
from tests.factories import make_customer
from tests.payments.making import make_agent, make_card_on_file
from tests.playing import advance
from workflows.base.contracts import DoEffect, Done, MakeCall, OutsideCall, Said

TULIPS = "two bunches of tulips"
NOON = (datetime.now(UTC) + timedelta(days=1)).replace(hour=11, minute=0, second=0, microsecond=0)
"""Of tomorrow: where a unit of work takes the later of its time and the clock's, it is this one at every hour."""
"""Of today, in Amsterdam: at any hour at which the tests run."""


def as_agent(agent: MerchantAgent) -> Actor:
    return Actor(kind=ActorKind.OUTSIDE, id=str(agent.public_id), channel=Channel.API, proof="token")


def phone_of(customer: Customer) -> str:
    return str(customer.contact_points.get(kind="phone", superseded_at=None).value)


def order(
    agent: MerchantAgent | None = None, customer: Customer | None = None, *, key: str = "", **data: Any
) -> VoicePayment:
    """Of 25.00 EUR, with the card on file that ends in 4242, at noon."""
    agent = agent or make_agent()
    if customer is None:
        customer = make_customer()
        make_card_on_file(customer)
    told = {
        "amount": "25.00",
        "what_for": TULIPS,
        "phone": phone_of(customer),
        "last_four": "4242",
        "mode": "call_out",
        **data,
    }
    return ordering.order(agent=agent, data=told, key=key or str(uuid.uuid4()), by=as_agent(agent), now=NOON)


def prepared(payment: VoicePayment, *, at: datetime = NOON) -> VoiceCall:
    """The process is about to ring."""
    advance(payment.case, effects=(DoEffect("prepare_voice_call"),), at=at)
    return VoiceCall.objects.get(payment=payment, ended_at=None)


def ask(case: Case, name: str, *, number: int = 1, args: dict[str, Any] | None = None) -> Done:
    """The process calls an outside system, for the `number`th time."""
    case.refresh_from_db()
    call = MakeCall(name, f"{case.id}:{name}:{number}", NOON, args or {}, Said())
    return calls.call_outside(OutsideCall(str(case.id), NOON, call, compensating=case.state == CaseState.STOPPING))


def tells(call: VoiceCall, what: What, *, number: int = 0, instance: str = "gateway-1", at: datetime = NOON) -> bool:
    """An event of the gateway: the next one, unless its number is given."""
    call.refresh_from_db()
    event = Event(
        instance=instance, conversation=call.conversation, number=number or call.last_event + 1, at=at, what=what
    )
    return hearing.take(event, by=GATEWAY, now=at)


def read_to(call: VoiceCall, *, digits: str | None = "1", number: int = 1) -> None:
    """The customer answered, heard it, and pressed a key."""
    if call.customer != "up":
        tells(call, Answered(role=Role.CUSTOMER))
    ask(call.payment.case, "read_out", number=number)
    version = VoicePayment.objects.get(pk=call.payment_id).version
    tells(call, Asked(key=f"{call.id}:read:{version}:{number}", digits=digits))


def begins(payment: VoicePayment) -> bool:
    """Whether the bank may be asked."""
    return bool(advance(payment.case, effects=(DoEffect("begin_authorising"),), at=NOON).facts["begun"])


def heard_by_process(payment: VoicePayment) -> list[str]:
    """What the process was told of its calls, in order."""
    commands = Command.objects.filter(case_id=payment.case_id, signal="happened").order_by("number")
    return [one.payload["facts"]["what"] for one in commands if one.payload["kind"] == "voice_told"]
