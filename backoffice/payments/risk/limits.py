"""The numbers of the risk rules: amounts by currency, counts and days for all (`RISK_LIMITS` sets others)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backoffice.money import EXPONENTS, Money, parse
from backoffice.refusals import Refused

USUAL_AMOUNTS = (
    *("EUR 25/100/250/1000/2000", "USD 25/100/250/1000/2000", "GBP 25/100/250/1000/2000"),
    *("CHF 25/100/250/1000/2000", "PLN 100/400/1000/4000/8000", "CZK 600/2500/6000/25000/50000"),
    *("JPY 4000/15000/40000/150000/300000", "KWD 8/30/75/300/600", "CNY 200/800/2000/8000/16000"),
)
"""Where `RISK_LIMITS` names no others, in the order of `Amounts`."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """The most that a rule lets pass in one payment: the rule holds for more."""

    unidentified: Money
    """Of a customer of whom we know neither a national id nor a document."""
    same_call: Money
    identity: Money
    document: Money
    highest: Money
    """Of any payment by telephone, whatever the merchant may take."""

    def tightened(self, factor: int) -> Amounts:
        """Each divided by `factor`, rounded down to the smallest unit."""
        named = ((one.name, getattr(self, one.name)) for one in fields(self))
        return Amounts(**{name: Money(amount.minor // factor, amount.currency) for name, amount in named})


@dataclass(frozen=True, slots=True)
class Counts:
    """The most that a rule lets pass, in the last 60 minutes, 24 hours or 7 days; of an age the least, in days."""

    number_days: int = 30
    customer_days: int = 30
    card_orders_a_day: int = 10
    card_declines_a_day: int = 2
    unpaid_orders_to_a_number_a_day: int = 5
    """Nobody is harassed by orders (trust.md, threat 22)."""
    unpaid_orders_to_a_number_a_week: int = 15
    customer_orders_an_hour: int = 5
    customer_declines_a_week: int = 5
    unpaid_orders_of_an_agent_an_hour: int = 10
    """Since their last order that was paid."""
    unpaid_orders_of_a_merchant_a_day: int = 30
    """Likewise."""
    line_minutes_of_a_merchant_a_day: int = 1_000
    """For which telephones ring or are connected (`minutes.py`): nobody earns money by numbers that we ring."""
    card_on_file_days: int = 1
    """Of a card that pays for a top-up."""
    top_ups_from_a_number_a_day: int = 5
    """Agreed to in calls that showed this number, of all customers."""
    top_ups_an_hour: int = 3
    """Of a customer."""


@dataclass(frozen=True, slots=True)
class Limits:
    amounts: Amounts
    counts: Counts


def usual(currency: str) -> Limits:
    """The limits of a currency before anything tightens them. Of one that nobody set, each amount is zero, which every
    payment passes."""
    amounts, counts = _read(tuple(settings.RISK_LIMITS))
    nothing = Money(0, currency)
    return Limits(amounts.get(currency, Amounts(*[nothing] * len(fields(Amounts)))), counts)


def currencies() -> tuple[str, ...]:
    """Those that have amounts, in alphabetical order."""
    return tuple(sorted(_read(tuple(settings.RISK_LIMITS))[0]))


@cache
def _read(written: tuple[str, ...]) -> tuple[Mapping[str, Amounts], Counts]:
    """Of settings such as `EUR 25/100/250/1000/2000` and `number_days 14`. Raises `ImproperlyConfigured` for one that
    is neither, and for amounts that shrink."""
    amounts: dict[str, Amounts] = {}
    counts, names = Counts(), {one.name for one in fields(Counts)}
    for one in (*USUAL_AMOUNTS, *written):
        name, _blank, value = one.partition(" ")
        if name in names and value.isdecimal():
            counts = replace(counts, **{name: int(value)})
        elif name in EXPONENTS:
            amounts[name] = _amounts(one, name, value)
        else:
            raise ImproperlyConfigured(f"RISK_LIMITS: “{one}” sets neither the amounts of a currency nor a count")
    return amounts, counts


def _amounts(written: str, currency: str, value: str) -> Amounts:
    try:
        found = [parse(amount, currency, language="en") for amount in value.split("/")]
    except Refused:
        found = []
    if len(found) != len(fields(Amounts)) or any(later < earlier for earlier, later in pairwise(found)):
        raise ImproperlyConfigured(f"RISK_LIMITS: “{written}” does not read like “EUR 25/100/250/1000/2000”")
    return Amounts(*found)
