"""The faults of the payment provider: those of every simulator, one that acts and then fails for good, and declines."""

from __future__ import annotations

from devstack.stripe_api.faults import OF_REQUESTS, OF_WEBHOOKS, Known

FAULTS: Known = {
    **OF_REQUESTS,
    "act_then_fail": {"status": (int, 500), "on": (str, "change")},
    "decline": {"code": (str, "generic_decline"), "on": (str, "change")},
    **OF_WEBHOOKS,
}
"""After `act_then_fail`, the same key gets the same error for a day, as with the real API. `decline` has the code of
https://docs.stripe.com/declines/codes."""
CHANGES = frozenset({"card", "authorise", "capture", "cancel", "refund", "verify", "checkout", "transfer", "reverse"})
"""Besides there is "look"."""
