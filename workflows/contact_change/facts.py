"""What a contact change learns and says, and the outcomes of its work items: typed facts, never an address."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class What(StrEnum):
    """What is changed; the values are those of `customers.models.ContactKind`."""

    MAIL = "mail"
    PHONE = "phone"
    POSTAL = "postal"


class ChangeOpening(Facts, frozen=True):
    """`abroad`: the code goes by a letter to another country, which takes longer. `at_branch`: the customer has no
    sign-in in which they could confirm the change and enter a code; they show who they are at a branch instead."""

    what: What
    abroad: bool = False
    at_branch: bool = False


class Risk(StrEnum):
    LOW = "low"
    HIGH = "high"


class Assessed(Facts, frozen=True):
    """`witnessed`: there is an old channel besides the one that is changed, by which its owner can stop it in time;
    never for a number whose SIM was swapped. `by_letter`: a letter goes to the old postal address too. `no_home`: there
    is no address at which a visitor could come. `overtaken`: the address that was to be replaced is no longer the one
    in force. `refused`: it costs extra to ring the new number.
    """

    risk: Risk
    witnessed: bool = False
    by_letter: bool = False
    no_home: bool = False
    overtaken: bool = False
    refused: bool = False


class NumberLookedAt(Facts, frozen=True):
    """It is `refused` where it costs extra to ring the new number: then no code goes there."""

    refused: bool = False


class Applied(Facts, frozen=True):
    """Whether the new address is in force; it is not where the old one was replaced by another meanwhile, or where the
    new number is `refused`."""

    applied: bool
    refused: bool = False


class VisitResult(StrEnum):
    """With the same values as in the visit's own process."""

    PASSED = "passed"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    MISMATCH = "mismatch"
    REFUSED = "refused"


class OtherWay(StrEnum):
    BRANCH = "branch"
    REMOTE = "remote"
    POST = "post"


class Visited(Facts, frozen=True):
    """The result of the visit; None when it ended without one."""

    result: VisitResult | None = None
    alternative: OtherWay | None = None


class Confirmed(Outcome):
    CONFIRMED = "confirmed", N_("confirmed")
    EXPIRED = "expired", N_("not done in time")


class CodeEntered(Outcome):
    MATCHED = "matched", N_("the code was right")
    EXPIRED = "expired", N_("not done in time")


class Identified(Outcome):
    MATCHED = "matched", N_("Portrait and document are the customer's")
    MISMATCH = "mismatch", N_("They are not")
    NOT_SEEN = "not_seen", N_("The customer did not come")


class Approved(Outcome):
    APPROVED = "approved", N_("Approve: put the new address in force")
    REJECTED = "rejected", N_("Reject: end the case")
