"""What a top-up by telephone learns and says: never an amount, and nothing of a card."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Bank(StrEnum):
    """What the bank of the card said."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    STOLEN = "stolen"
    """Declined, because the card was reported as stolen or lost."""


class BankSaid(Facts, frozen=True):
    bank: Bank


class Confirmed(Outcome):
    CONFIRMED = "confirmed", N_("It is the customer who adds this")
    NOT_MINE = "not_mine", N_("The customer adds nothing")
    EXPIRED = "expired", N_("Not answered in time")


class Verdict(StrEnum):
    """What the voice says in the end, if the customer is still on the line."""

    ADDED = "added"
    DECLINED = "declined"


class Saying(Facts, frozen=True):
    verdict: Verdict
