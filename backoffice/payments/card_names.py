"""A card as people read of it: the name of its network, and its last four digits."""

from __future__ import annotations

from collections.abc import Mapping

_NETWORKS: Mapping[str, str] = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "Eftpos",
    "jcb": "JCB",
    "link": "Link",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
"""By the provider's code (https://docs.stripe.com/api/payment_methods/object, card.brand)."""


def card_name(brand: str, last_four: str) -> str:
    """`visa` and `4242` as "Visa ····4242"; a network that we have no name for is left out."""
    return f"{_NETWORKS.get(brand, '')} ····{last_four}".strip()
