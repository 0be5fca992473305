"""Payments by telephone on a running stack: what is ordered, and how far each is; runs beside the stack (`inside`)."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from django.conf import settings

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cases import opening
from backoffice.cases.models import Case
from backoffice.customers.models import ContactKind, Customer
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file import keeping
from backoffice.payments.top_up import codes
from backoffice.payments.top_up.models import TopUp, TopUpCall
from backoffice.payments.voice import ordering
from backoffice.payments.voice.models import MoneyState, VoiceCall, VoicePayment
from backoffice.telephony.adapters.voice_gateway import client
from backoffice.voice.contract import Capture, Command, Dial, HangUp, Item, Look, Role, State
from tests import factories
from tests.faults.driving import in_the_day
from tests.payments.making import make_agent, make_shop, make_voice_payment
from tests.playing import customer_actor

ON_FILE = {"number": "4242424242424242", "exp_month": "11", "exp_year": "2033", "cvc": "123"}


def ordered(*, phone: str, extension: str = "", mode: str = "call_out", last_four: str = "") -> str:
    """An order for the customer at this number. Without `last_four` the card is on file, and its security code is asked
    for. `extension` is that of an agent who stays with the customer. Gives the case's id."""
    customer = _customer_at(phone)
    if mode == "same_call":
        make_voice_payment(customer=customer, money=MoneyState.CAPTURED, at=datetime.now(UTC) - timedelta(days=60))
    if not last_four:
        _keep_card(customer)
    agent = make_agent(make_shop(), telephone=extension)
    told = {"amount": "25.00", "what_for": "tulips", "phone": phone, "last_four": last_four or "4242", "mode": mode}
    payment = ordering.order(agent=agent, data=told, key=str(uuid.uuid4()), by=as_agent(agent))
    return str(payment.case_id)


def as_agent(agent: MerchantAgent) -> Actor:
    return Actor(kind=ActorKind.OUTSIDE, id=str(agent.public_id), channel=Channel.API, proof="token")


def place(*, case_id: str) -> dict[str, Any]:
    """How far an order is."""
    payment = VoicePayment.objects.select_related("case").get(case_id=case_id)
    call = VoiceCall.objects.filter(payment=payment).order_by("number").last()
    of_call = ("item", "keying", "customer", "agent", "is_joined", "ended_at", "number")
    told = {name: getattr(call, name, "") for name in of_call}
    return {**told, "stage": payment.case.stage, "state": payment.case.state, "money": payment.money}


def take_now(*, case_id: str) -> None:
    """In the same call the agent has the payment taken."""
    payment = VoicePayment.objects.select_related("agent").get(case_id=case_id)
    ordering.take_now(payment=payment, by=as_agent(payment.agent), now=datetime.now(UTC))


def top_up(*, phone: str, seconds: float = 60) -> dict[str, str]:
    """A top-up that waits for its customer's call, and the twelve digits that the portal shows."""
    customer = _customer_at(phone)
    by = customer_actor(customer)
    case, _new = opening.open_by_form(
        process="top_up", customer=customer, by=by, key=str(uuid.uuid4()), data={"currency": "EUR"}
    )
    deadline = time.monotonic() + seconds
    while not codes.waits_for_call(Case.objects.get(pk=case.pk)):
        if time.monotonic() > deadline:
            raise TimeoutError("the top-up does not wait for a call")
        time.sleep(0.05)
    shown, _until = codes.show(case_id=case.id, by=by, now=datetime.now(UTC))
    return {"case": str(case.id), "digits": shown.replace(" ", "")}


def place_of_top_up(*, case_id: str) -> dict[str, Any]:
    """How far it is: the money, the step of the newest caller, and which risk rules spoke."""
    call, top_up = TopUpCall.objects.order_by("began_at").last(), TopUp.objects.get(case_id=case_id)
    return {"step": call.step if call else "", "money": top_up.money, "risk": top_up.risk}


def rings(*, number: str, conversation: str) -> None:
    """Has the gateway ring a number, by a command of its own."""
    _command(Dial(key=f"{conversation}:dial", conversation=conversation, role=Role.CUSTOMER, number=number))


def asks_for_card(*, conversation: str, seconds: float) -> bool:
    """Has it ask for a card number once, for so long; False while the telephone is not up."""
    looked = _command(Look(key=f"{conversation}:look", conversation=conversation))
    if [one.state for one in looked.telephones] != ["up"]:
        return False
    items = (Item.CARD_NUMBER, Item.EXPIRY)
    key = f"{conversation}:keys"
    _command(Capture(key=key, conversation=conversation, items=items, language="en", seconds=seconds, tries=1))
    return True


def hangs_up(*, conversation: str) -> None:
    _command(HangUp(key=f"{conversation}:end", conversation=conversation, after_prompt=True))


def _command(command: Command) -> State:
    return client(settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET).ask(command)


def _customer_at(phone: str) -> Customer:
    name = uuid.uuid4().hex[:8]
    contacts = {
        ContactKind.MAIL: f"{name}@example.org",
        ContactKind.PHONE: phone,
        ContactKind.POSTAL: factories.make_address(f"Herengracht {int(name[:2], 16)}"),
    }
    return factories.make_customer(days=4000, time_zone=in_the_day(), contacts=contacts)


def _keep_card(customer: Customer) -> None:
    """The customer has told the provider a card before."""
    told = {"type": "card", **{f"card[{name}]": value for name, value in ON_FILE.items()}}
    headers = {"Authorization": f"Bearer {settings.PAYMENTS_KEY}"}
    url = f"{settings.PAYMENTS_URL.rstrip('/')}/v1/payment_methods"
    made = requests.post(url, data=told, headers=headers, timeout=10).json()["id"]
    keeping.keep(customer=customer, token=made, by=customer_actor(customer), now=datetime.now(UTC))
