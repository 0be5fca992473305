"""What the return of a payout learns: whether there is something to take, and whether it was taken."""

from __future__ import annotations

from workflows.base.spec import Facts


class ReturnFound(Facts, frozen=True):
    """Whether something of the payout is still to be taken back."""

    due: bool


class TakenBack(Facts, frozen=True):
    """Not where the provider refused it: then the merchant owes it."""

    taken: bool
