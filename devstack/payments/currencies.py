"""How the API counts each currency: https://docs.stripe.com/currencies. It differs from ISO 4217 for some (ISK, MGA,
UGX)."""

from __future__ import annotations

from babel.numbers import list_currencies

from devstack.stripe_api.errors import ApiError, missing
from devstack.stripe_api.store import Json

NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMALS = {"BHD", "JOD", "KWD", "OMR", "TND"}
"""Their last digit must be 0."""
LEAST = {"EUR": 50, "USD": 50, "GBP": 30, "JPY": 50, "PLN": 200}
"""https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts."""


def currency_of(told: Json) -> str:
    """In lower case, as the API writes it."""
    currency = str(told.get("currency") or "").lower()
    if not currency:
        raise missing("currency")
    if currency.upper() not in list_currencies():
        raise ApiError(f"Invalid currency: {currency[:3]}", param="currency")
    return currency


def check(amount: int, currency: str, *, param: str) -> None:
    code = currency.upper()
    if code in THREE_DECIMALS and amount % 10:
        raise ApiError("Amounts in this currency must end with a 0.", code="parameter_invalid_integer", param=param)
    if amount < LEAST.get(code, 1):
        raise ApiError("The amount is below the least one of its currency.", code="amount_too_small", param=param)


def shown(amount: int, currency: str) -> str:
    """ "1,250.00 EUR"."""
    code = currency.upper()
    decimals = 0 if code in NO_DECIMALS else 3 if code in THREE_DECIMALS else 2
    whole, rest = divmod(amount, 10**decimals)
    return f"{whole:,}.{rest:0{decimals}d} {code}" if decimals else f"{whole:,} {code}"
