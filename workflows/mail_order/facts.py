"""What an order by mail learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Verdict(StrEnum):
    """What the headers of a mail say about its sender. It is a hint: nothing is ever done because of it."""

    AGREES = "agrees"
    SUSPICIOUS = "suspicious"
    FORGED = "forged"


class MailOrderOpening(Facts, frozen=True):
    """`asks` is the name of the process that the mail asks for, `verdict` the hint when the case was opened."""

    asks: str
    verdict: Verdict


class Told(Outcome):
    """What the customer says of the mail."""

    MINE = "mine", N_("wrote the mail")
    NOT_MINE = "not_mine", N_("did not write the mail")
    EXPIRED = "expired", N_("did not say in time")


class LookedInto(Outcome):
    """What compliance finds after the customer did not know the mail."""

    FORGED = "forged", N_("Confirmed: somebody else wrote in the customer's name")
    MISTAKEN = "mistaken", N_("Cleared: the mail was the customer's after all")
