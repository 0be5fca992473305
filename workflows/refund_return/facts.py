"""What the case of a refund that did not arrive starts with and learns: opaque ids and codes only."""

from __future__ import annotations

from workflows.base.spec import N_, Facts, Outcome


class ReturnOpening(Facts, frozen=True):
    """`refund` is the provider's id of the refund. `anonymous`: it is of a bill, and nobody knows who paid it, so that
    nobody can be written to."""

    refund: str
    anonymous: bool = False


class PaidOtherwise(Outcome):
    TRANSFERRED = "transferred", N_("Paid to the customer's own bank account")
    KEPT = "kept", N_("It stays on the customer's balance, as they want it")


class PaidWhoever(Outcome):
    TRANSFERRED = "transferred", N_("Paid to the bank account of whoever had paid")
    UNCLAIMED = "unclaimed", N_("Nobody has asked for it: we owe it to whoever shows the receipt")
