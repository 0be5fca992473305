"""Merchants, their agents, cards on file and voice payments as rows, without playing the processes that make them."""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime, timedelta
from typing import Any

from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.merchants.trading_names import key_of
from backoffice.payments.voice.models import MoneyState, VoicePayment
from tests.factories import make_customer, now
from tests.payments.merchants.applying import IBAN, a_name, make_company

_numbers = itertools.count(1)


def make_case(process: str, customer: Customer, **fields: Any) -> Case:
    """The row of a case, which no process plays."""
    key = str(uuid.uuid4())
    return Case.objects.create(
        **{"process": process, "customer": customer, "opened_at": now(), "opening_key": key, **fields}
    )


def make_shop(**fields: Any) -> Merchant:
    """An admitted merchant: up to 500.00 EUR a payment, 2,000.00 a day, 20,000.00 a month."""
    company, name = fields.pop("company", None) or make_company(), fields.pop("trading_name", None) or a_name()
    defaults: dict[str, Any] = {
        "case": make_case("merchant_admission", company),
        "company": company,
        "trade": "5992",
        "trading_name": name,
        "name_key": key_of(name),
        "iban": IBAN.replace(" ", ""),
        "currency": "EUR",
        "per_payment": 500_00,
        "per_day": 2_000_00,
        "per_month": 20_000_00,
        "admitted_at": now() - timedelta(days=90),
        "review_due": now() + timedelta(days=275),
    }
    return Merchant.objects.create(**{**defaults, **fields})


def make_agent(merchant: Merchant | None = None, **fields: Any) -> MerchantAgent:
    """An agent without a sign-in, at the extension 6001."""
    defaults: dict[str, Any] = {"name": "Robin", "telephone": "6001", "added_at": now(), "added_by": "test"}
    return MerchantAgent.objects.create(merchant=merchant or make_shop(), **{**defaults, **fields})


def make_card_on_file(customer: Customer | None = None, **fields: Any) -> CardOnFile:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "reference": f"pm_test_{number}",
        "provider_customer": "cus_test",
        "fingerprint": f"{number:064d}",
        "brand": "visa",
        "last_four": "4242",
        "expiry_month": 9,
        "expiry_year": now().year + 2,
        "kept_at": now() - timedelta(days=30),
    }
    return CardOnFile.objects.create(customer=customer or make_customer(), **{**defaults, **fields})


def make_voice_payment(
    *, agent: MerchantAgent | None = None, customer: Customer | None = None, at: datetime | None = None, **fields: Any
) -> VoicePayment:
    """An order of 25.00 EUR with a card on file, of which nothing was done yet. With `money=MoneyState.CAPTURED` it is
    paid; the ledger knows nothing of it."""
    agent, customer, at = agent or make_agent(), customer or make_customer(), at or now()
    card = fields.pop("card", None) or make_card_on_file(customer)
    paid = fields.get("money") in (MoneyState.CAPTURED, MoneyState.REFUNDED)
    defaults: dict[str, Any] = {
        "case": make_case("voice_payment", customer, opened_at=at),
        "merchant": agent.merchant,
        "agent": agent,
        "what_for": "two bunches of tulips",
        "amount": 25_00,
        "currency": "EUR",
        "mode": "call_out",
        "card": card,
        "last_four": card.last_four,
        "point": customer.contact_points.get(kind="phone", superseded_at=None),
        "ordered_at": at,
        **({"captured_at": at, "provider_payment": f"pi_test_{next(_numbers)}"} if paid else {}),
    }
    return VoicePayment.objects.create(**{**defaults, **fields})
