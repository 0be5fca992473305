"""What the payment of a bill starts with and learns: opaque ids and codes, never an amount or a name."""

from __future__ import annotations

from workflows.base.spec import Facts


class BillPaymentOpening(Facts, frozen=True):
    """`page` is the id of the page on which it was paid."""

    page: str


class Booked(Facts, frozen=True):
    """Whether exactly this much was still to be paid, so that it is booked."""

    booked: bool
