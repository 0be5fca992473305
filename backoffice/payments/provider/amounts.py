"""Amounts as the Stripe API has them, which differ from ISO 4217 for a few currencies:
https://docs.stripe.com/currencies#zero-decimal and #special-cases."""

from __future__ import annotations

from backoffice.payments.provider.ports import ProviderRefused, Refusal

_TIMES = {"ISK": 100, "UGX": 100}
"""They have no decimals, but the API wants two."""
_DIVIDED = {"MGA": 100}
"""It has two decimals, and the API none."""
_THREE_DECIMALS = {"BHD", "JOD", "KWD", "OMR", "TND"}
"""The API wants the last of the three to be 0."""


def told(amount: int, currency: str) -> int:
    """Our amount as the API wants it. Raises `ProviderRefused` where the API cannot have it."""
    currency = currency.upper()
    if amount <= 0 or amount % _step(currency):
        raise ProviderRefused(Refusal.AMOUNT)
    return amount * _TIMES.get(currency, 1) // _DIVIDED.get(currency, 1)


def payable(amount: int, currency: str) -> int:
    """The most of this amount, which may be nothing or less, that `told` can say."""
    step = _step(currency.upper())
    return max(amount, 0) // step * step


def read(amount: int, currency: str) -> int:
    """The API's amount as ours."""
    currency = currency.upper()
    return amount * _DIVIDED.get(currency, 1) // _TIMES.get(currency, 1)


def _step(currency: str) -> int:
    """Our amounts that the API can have are multiples of it."""
    return 10 if currency in _THREE_DECIMALS else _DIVIDED.get(currency, 1)
