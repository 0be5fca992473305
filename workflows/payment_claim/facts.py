"""What a claim about a payment learns and says, and the outcomes of its work items. Amounts, reasons in words and what
was paid for stand in our own records only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Credit(StrEnum):
    """Who gives the credit that the customer has until the decision."""

    BY_ITSELF = "by_itself"
    BY_A_PERSON = "by_a_person"
    BY_THE_BANK = "by_the_bank"
    """The customer has gone to their bank, which holds the money for them while it decides: we give none."""


TEN_DAYS = 10 * 24 * 60 * 60


class ClaimOpening(Facts, frozen=True):
    """The dates, all aware UTC. They are counted in the back office and given to the process as facts, because holidays
    are data that change: a recorded history must not depend on today's calendar. `notice` is the seconds between the
    message that a credit will be taken back and that moment; claims of earlier versions do not have it."""

    credit: Credit
    credit_by: datetime
    decide_by: datetime
    latest_by: datetime
    notice: int = TEN_DAYS


class CreditDecided(Outcome):
    APPROVED = "approved", N_("Credit it now")
    REFUSED = "refused", N_("No credit before it was looked into")


class Found(Facts, frozen=True):
    """`until` (UTC) is the day that a holding letter names."""

    until: datetime | None = None


class Investigated(Outcome):
    MERCHANT = "merchant", N_("The customer keeps it, the merchant bears it")
    US = "us", N_("The customer keeps it, we bear it")
    WRONG = "wrong", N_("The payment was right: take the credit back")
    HOLD = "hold", N_("It takes longer: write a holding letter")
    EXPIRED = "expired", N_("Not decided in time")


class Decided(Outcome):
    MERCHANT = "merchant", N_("The customer keeps it, the merchant bears it")
    US = "us", N_("The customer keeps it, we bear it")
    WRONG = "wrong", N_("The payment was right: take the credit back")
    EXPIRED = "expired", N_("Not decided in time")


class Reviewed(Outcome):
    MERCHANT = "merchant", N_("The customer keeps it, the merchant bears it")
    US = "us", N_("The customer keeps it, we bear it")
    WRONG = "wrong", N_("It stays: take the credit back")


class Objected(Outcome):
    ANSWERED = "answered", N_("Answered")
    EXPIRED = "expired", N_("No answer came")


class Announce(Facts, frozen=True):
    """When the credit is taken back (aware UTC)."""

    until: datetime


class PaidTo(StrEnum):
    CARD = "card"
    BALANCE = "balance"
    """The provider cannot pay to the card any more, so the money stays on the customer's balance."""
    ELSEWHERE = "elsewhere"
    """All of it went back to the card by another way."""
    AT_THE_BANK = "at_the_bank"
    """Not yet: the customer's bank decides about the payment."""


class PaidBack(Facts, frozen=True):
    to: PaidTo
