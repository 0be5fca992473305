"""What a card reissue learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Child, Facts, Outcome


class Reason(StrEnum):
    LOST = "lost"
    STOLEN = "stolen"
    FRAUD = "fraud"
    DAMAGED = "damaged"
    EXPIRING = "expiring"


BLOCKED_AT_ONCE = frozenset({Reason.LOST, Reason.STOLEN, Reason.FRAUD})


class Risk(StrEnum):
    LOW = "low"
    HIGH = "high"


class ReissueOpening(Facts, frozen=True):
    reason: Reason


class RiskAssessed(Facts, frozen=True):
    risk: Risk


class CodePosted(Facts, frozen=True):
    """`until` is when the posted code expires; None when no letter was sent."""

    until: datetime | None = None


class LetterExpected(Facts, frozen=True):
    """`expected_by` is when the letter counts as lost. `abroad` gives more time to activate the card."""

    expected_by: datetime
    abroad: bool = False


class OfPosting(Facts, frozen=True):
    """The number of the posting that it is about, from 1."""

    posting: int


class Letter(StrEnum):
    """What became of a letter with a card. `HELD`: its customer has it; `ACTIVATED`: and has activated the card."""

    HELD = "held"
    ACTIVATED = "activated"
    RETURNED = "returned"
    LOST = "lost"


class VisitResult(StrEnum):
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


class PaymentsMoved(Facts, frozen=True):
    """How many recurring payments have the new number, and how many still have the old one."""

    moved: int = 0
    left: int = 0


AUTOPAY_UPDATE = Child(process="autopay_update", facts=PaymentsMoved)
"""After the old card is closed: the recurring payments get the new number."""


class Told(StrEnum):
    """What a customer told somebody who asked for a secret. `CARD` is of use with the card alone, such as its PIN;
    `ACCOUNT` may open more than that, such as a password or a one-time code."""

    NOTHING = "nothing"
    CARD = "card"
    ACCOUNT = "account"


class Answers(Facts, frozen=True):
    """What the survey tells the process beside its outcome."""

    told: Told = Told.NOTHING


class Proven(Outcome):
    PROVEN = "proven", N_("proven")
    EXPIRED = "expired", N_("not done in time")


class Surveyed(Outcome):
    ANSWERED = "answered", N_("answered")
    ADDRESS_WRONG = "address_wrong", N_("answered: somebody must look at the address")
    EXPIRED = "expired", N_("not done in time")


class Called(Outcome):
    REACHED = "reached", N_("I reached the customer; ask again")
    NOT_REACHED = "not_reached", N_("Not reached; let the case end")


class CalledAboutSecret(Outcome):
    SPOKEN = "spoken", N_("I spoke with the customer")
    NOT_REACHED = "not_reached", N_("Not reached; go on without")


class Corrected(Outcome):
    CORRECTED = "corrected", N_("The address is right now")
    GIVEN_UP = "given_up", N_("It cannot be corrected")


class Identified(Outcome):
    MATCHED = "matched", N_("Portrait and document are the customer's")
    MISMATCH = "mismatch", N_("They are not")
    NOT_SEEN = "not_seen", N_("The customer did not come")


class CodeEntered(Outcome):
    MATCHED = "matched", N_("the code was right")
    EXPIRED = "expired", N_("not done in time")


class Approved(Outcome):
    APPROVED = "approved", N_("Approve: order the new card")
    REJECTED = "rejected", N_("Reject: end the case")


class LetterCame(Outcome):
    CAME = "came", N_("it has come")
    NOT_COME = "not_come", N_("it has not come")
    EXPIRED = "expired", N_("not done in time")


class Collected(Outcome):
    COLLECTED = "collected", N_("Handed over to the customer, who showed a document")
    NOT_COLLECTED = "not_collected", N_("Not collected")


class Activated(Outcome):
    ACTIVATED = "activated", N_("activated")
    EXPIRED = "expired", N_("not done in time")
