"""What a top-up by telephone learns and says: never an amount, and nothing of a card."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import Facts


class Bank(StrEnum):
    """What the bank of the card said."""

    AUTHORISED = "authorised"
    DECLINED = "declined"


class BankSaid(Facts, frozen=True):
    bank: Bank


class Verdict(StrEnum):
    """What the voice says in the end, if the customer is still on the line."""

    ADDED = "added"
    DECLINED = "declined"


class Saying(Facts, frozen=True):
    verdict: Verdict
