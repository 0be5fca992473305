"""What the case of a refund that did not arrive starts with and learns: opaque ids and codes only."""

from __future__ import annotations

from workflows.base.spec import N_, Facts, Outcome


class ReturnOpening(Facts, frozen=True):
    """`refund` is the provider's id of the refund."""

    refund: str


class PaidOtherwise(Outcome):
    TRANSFERRED = "transferred", N_("Paid to the customer's own bank account")
    KEPT = "kept", N_("It stays on the customer's balance, as they want it")
