"""A customer with a blocked card, signed in, whose case waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from backoffice.cards.models import Card
from backoffice.cases.models import Case
from backoffice.customers.models import Customer
from tests.factories import make_card, make_customer
from tests.playing import advance, open_card_case

PAYMENTS = [
    {"id": "p1", "amount": "899.00", "currency": "EUR", "merchant": "Elektra", "at": "2026-11-22T10:00:00+00:00"},
    {"id": "p2", "amount": "12.50", "currency": "EUR", "merchant": "Bakery Noord", "at": "2026-11-22T09:00:00+00:00"},
]


@dataclass(frozen=True)
class Person:
    """A customer in front of a browser. `secret` is that of the authenticator."""

    customer: Customer
    card: Card
    client: Client
    secret: str


def make_person(*, authenticator: bool = True, **fields: Any) -> Person:
    customer = make_customer(**fields)
    secret = generate_totp_secret()
    if authenticator:
        TOTP.activate(customer.user, secret)
    client = Client()
    assert customer.user is not None
    client.force_login(customer.user, backend="django.contrib.auth.backends.ModelBackend")
    return Person(customer, make_card(customer=customer), client, secret)


def open_blocked(card: Card) -> Case:
    """A fraud case as far as the customer being told."""
    case = open_card_case(card, payments=PAYMENTS)
    advance(case, stage="blocked")
    advance(case, stage="told")
    return case


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def maria(db: None) -> Person:
    return make_person()


@pytest.fixture
def case(maria: Person) -> Case:
    return open_blocked(maria.card)
