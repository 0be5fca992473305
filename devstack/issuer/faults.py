"""The faults of the issuer: those of every simulator, and letters and wallets that go astray."""

from __future__ import annotations

from devstack.stripe_api.faults import OF_REQUESTS, OF_WEBHOOKS, Known

FAULTS: Known = {
    **OF_REQUESTS,
    "return_letter": {},
    "lose_letter": {"told": (bool, True)},
    "strand_wallet": {},
    **OF_WEBHOOKS,
}
CHANGES = frozenset({"create", "update"})
"""Of a card. Besides there are "look", "holder" and "step"."""
