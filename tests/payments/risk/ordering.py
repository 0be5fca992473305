"""Orders for the risk rules: one against which nothing speaks, and what is changed in it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.customers.models import ContactPoint, Customer
from backoffice.money import Money
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.risk.facts import Facts, OfCard, OfCustomer, OfNumber
from backoffice.payments.risk.limits import Amounts, Counts, Limits
from backoffice.payments.risk.orders import Order
from tests.payments.making import make_agent, make_card_on_file
from workflows.voice_payment.facts import Mode

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
AMOUNTS = {one.name: step * 100_00 for step, one in enumerate(fields(Amounts), start=1)}
"""So that each amount of these tests passes only the limits before it."""
LIMITS = Limits(Amounts(**{name: Money(minor, "EUR") for name, minor in AMOUNTS.items()}), Counts())


def an_order(**changed: Any) -> Order:
    """Of 100.00 EUR by call-out, with a card on file that is good until December. Nothing of it is in the database."""
    customer = Customer(pk=1)
    card = {"customer": customer, "expiry_year": 2026, "expiry_month": 12, **changed.pop("card", {})}
    order = Order(
        merchant=Merchant(currency="EUR"),
        agent=MerchantAgent(),
        customer=customer,
        point=ContactPoint(customer=customer),
        card=CardOnFile(**card),
        last_four="4242",
        amount=Money(100_00, "EUR"),
        mode=Mode.CALL_OUT,
    )
    return replace(order, **changed)


QUIET = Facts(
    at=AT,
    limits=LIMITS,
    standing="",
    agent_unpaid=0,
    merchant_unpaid=0,
    line_minutes=5,
    card=OfCard(orders=0, declines=0),
    number=OfNumber(hindrance=None, age=timedelta(days=400), shared=False, unpaid=0, unpaid_a_week=0),
    customer=OfCustomer(
        known_for=timedelta(days=400),
        verified=True,
        identified=True,
        moved=False,
        suspicious=False,
        has_paid=True,
        orders=0,
        declines=0,
    ),
)
"""Of which no rule takes notice."""


def known(**changed: Any) -> Facts:
    """`QUIET`, changed; `card`, `number` and `customer` change what is in them."""
    return replace(
        QUIET,
        card=replace(QUIET.card, **changed.pop("card", {})),
        number=replace(QUIET.number, **changed.pop("number", {})),
        customer=replace(QUIET.customer, **changed.pop("customer", {})),
        **changed,
    )


def order_of(customer: Customer, agent: MerchantAgent | None = None, **changed: Any) -> Order:
    """Of 25.00 EUR by call-out, as it is in the database."""
    agent = agent or make_agent()
    order = Order(
        merchant=agent.merchant,
        agent=agent,
        customer=customer,
        point=customer.contact_points.get(kind="phone", superseded_at=None),
        card=changed.pop("card", None) or make_card_on_file(customer),
        last_four="4242",
        amount=Money(25_00, "EUR"),
        mode=Mode.CALL_OUT,
    )
    return replace(order, **changed)
