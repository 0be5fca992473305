"""How much is credited without a person, so that nobody lives on claims (trust.md, threat 20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from backoffice.customers.models import Customer
from backoffice.money import Money
from backoffice.payments.claims.models import Came, NeedsPerson, PaymentClaim, Verdict
from backoffice.payments.voice.models import VoicePayment

TOGETHER_IN = timedelta(days=30)
MOST_CREDITS = 3
"""Without a person, in `TOGETHER_IN`, whatever they come to."""
WRONG_COUNTS_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Caps:
    """In minor units: what one claim gets by itself, and what all of a customer get in 30 days."""

    claim: int
    together: int


CAPS: Mapping[str, Caps] = {
    **dict.fromkeys(("EUR", "USD", "GBP", "CHF"), Caps(150_00, 300_00)),
    "PLN": Caps(600_00, 1_200_00),
    "CZK": Caps(4_000_00, 8_000_00),
    "JPY": Caps(25_000, 50_000),
    "KWD": Caps(45_000, 90_000),
}
"""By currency. In any other one a person decides on each credit."""


def needs_person(*, payment: VoicePayment, customer: Customer, amount: Money, now: datetime) -> NeedsPerson:
    """Why a person must decide on a credit of this much. Claims about parts of one payment count as one. Call it under
    the lock of the customer's row, and keep what it says in the same transaction: of claims that race for what is left,
    only as many get it as fit. `now` is aware."""
    caps = CAPS.get(amount.currency)
    if caps is None:
        return NeedsPerson.CURRENCY
    claims = PaymentClaim.objects.filter(customer=customer)
    parts = claims.filter(payment=payment).exclude(came=Came.BANK).aggregate(sum=Sum("amount", default=0))
    if int(parts["sum"]) + amount.minor > caps.claim:
        return NeedsPerson.CAP
    if claims.filter(verdict=Verdict.WRONG, decided_at__gt=now - WRONG_COUNTS_FOR).exists():
        return NeedsPerson.WRONG_BEFORE
    by_itself = claims.filter(needs=NeedsPerson.NO, received_at__gt=now - TOGETHER_IN).exclude(came=Came.BANK)
    if by_itself.count() >= MOST_CREDITS:
        return NeedsPerson.COUNT
    sums = by_itself.filter(currency=amount.currency).aggregate(sum=Sum("amount", default=0))
    return NeedsPerson.TOGETHER if int(sums["sum"]) + amount.minor > caps.together else NeedsPerson.NO
