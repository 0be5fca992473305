"""How much a customer may add to their balance by telephone, by currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from babel.numbers import get_territory_currencies
from django.db.models import Sum

from backoffice.customers.models import Customer
from backoffice.money import EXPONENTS, Money, parse
from backoffice.payments.merchants.limits import Limits
from backoffice.payments.risk import tightening
from backoffice.payments.top_up.models import MoneyState, TopUp

_CAPS = (
    *("EUR 500/1000/3000", "USD 500/1000/3000", "GBP 500/1000/3000", "CHF 500/1000/3000"),
    *("PLN 2000/4000/12000", "CZK 12000/24000/75000", "JPY 75000/150000/450000", "CNY 4000/8000/24000"),
)
DAY, MONTH = timedelta(days=1), timedelta(days=30)
_NOT_MOVED = (MoneyState.RELEASED, MoneyState.DECLINED)


class Beyond(StrEnum):
    """Which limit an amount passes."""

    LEAST = "least"
    PER_PAYMENT = "per_payment"
    PER_DAY = "per_day"
    PER_MONTH = "per_month"


def _read(written: str) -> Limits:
    currency, _blank, three = written.partition(" ")
    return Limits(*(parse(amount, currency, language="en") for amount in three.split("/")))


CAPS: Mapping[str, Limits] = {one.partition(" ")[0]: _read(one) for one in _CAPS}
"""The most of a payment, of a day and of thirty days. In other currencies there is no top-up."""


def usual_currency(customer: Customer) -> str:
    """That of the customer's country, where there is a top-up in it."""
    used = get_territory_currencies(customer.country)
    return next((one for one in used if one in CAPS), next(iter(CAPS)))


def of_units(units: int, currency: str) -> Money:
    """An amount as it is keyed in, without decimals."""
    return Money(units * 10 ** EXPONENTS[currency], currency)


def in_force(currency: str) -> Limits:
    """The caps as they hold now: divided like the amounts of the risk rules when more is lost than we promise, rounded
    down to whole units, since only these can be keyed in."""
    factor, unit, caps = tightening.factor_in_force(currency), of_units(1, currency).minor, CAPS[currency]
    each = (caps.per_payment, caps.per_day, caps.per_month)
    return Limits(*(Money(one.minor // factor // unit * unit, currency) for one in each))


def beyond(customer: Customer, amount: Money, *, now: datetime) -> tuple[Beyond, Money] | None:
    """Which limit this amount would pass now (aware), and how much would still be possible; None where it passes none.
    What is agreed and not yet known counts. Lock the customer's row where money follows."""
    caps = in_force(amount.currency)
    if not amount:
        return Beyond.LEAST, of_units(1, amount.currency)
    if amount > caps.per_payment:
        return Beyond.PER_PAYMENT, caps.per_payment
    for which, span, most in ((Beyond.PER_DAY, DAY, caps.per_day), (Beyond.PER_MONTH, MONTH, caps.per_month)):
        left = most - _agreed(customer, amount.currency, since=now - span)
        if amount > left:
            return which, max(left, Money(0, amount.currency))
    return None


def _agreed(customer: Customer, currency: str, *, since: datetime) -> Money:
    found = TopUp.objects.filter(case__customer=customer, currency=currency, agreed_at__gt=since)
    sum_of = found.exclude(money__in=_NOT_MOVED).aggregate(sum=Sum("amount"))["sum"]
    return Money(int(sum_of or 0), currency)
