"""What a complaint learns and says, and the outcomes of its work items: typed facts. What was written, whom it names
and how much money it is about stands in our own records only.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Rule(StrEnum):
    """Whose clock runs. `PAYMENTS`: PSD2, article 101(2), and FCA DISP 1.6.2A. `OTHERS`: FCA DISP 1.6.2."""

    PAYMENTS = "payments"
    OTHERS = "others"


class ComplaintOpening(Facts, frozen=True):
    """The clock, all aware UTC, counted from the day after we received it. It is counted in the back office and given
    to the process as facts, because holidays are data that change: what a recorded history says must not depend on
    today's calendar. By `summary_by` a complaint that is resolved needs no more than a summary (FCA DISP 1.5), by
    `final_by` the answer is due, and no letter moves it beyond `hard_stop`.

    `independent`: a supervisor is complained of, so compliance owns it. `by_letter`: the customer reads letters, not
    the portal. `rings`: they are on the telephone, so the number goes to it too.
    """

    rule: Rule
    summary_by: datetime
    final_by: datetime
    hard_stop: datetime
    independent: bool = False
    by_letter: bool = False
    rings: bool = False


class Moment(StrEnum):
    OPENING = "opening"
    ANSWER = "answer"
    REVIEW = "review"


class Gather(Facts, frozen=True):
    """When the evidence is gathered."""

    moment: Moment


class Owned(Facts, frozen=True):
    """The opaque id of the person who owns it; empty where nobody could be chosen, and the first who can takes it.
    `independent`: a supervisor is complained of by now, so compliance owns it."""

    owner: str = ""
    independent: bool = False


class Found(Facts, frozen=True):
    """What comes with a decision. `redress`: something is given. `above_limit`: a second person approves it first.
    `until` (UTC): the day that a holding letter names."""

    redress: bool = False
    above_limit: bool = False
    until: datetime | None = None


class Again(Facts, frozen=True):
    """By when (UTC) the person who looks at it again answers."""

    answer_by: datetime


class Answered(Outcome):
    UPHELD = "upheld", N_("Upheld: the customer is right")
    PARTLY = "partly", N_("Partly upheld")
    REJECTED = "rejected", N_("Rejected")
    HOLD = "hold", N_("Holding letter: the answer takes longer, for a reason that is not ours")
    EXPIRED = "expired", N_("not answered in time")


class Decided(Outcome):
    UPHELD = "upheld", N_("Upheld: the customer is right")
    PARTLY = "partly", N_("Partly upheld")
    REJECTED = "rejected", N_("Rejected")


class Reviewed(Outcome):
    UPHELD = "upheld", N_("Upheld: the customer is right")
    PARTLY = "partly", N_("Partly upheld")
    REJECTED = "rejected", N_("Rejected")
    EXPIRED = "expired", N_("not answered in time")


class Approved(Outcome):
    APPROVED = "approved", N_("Approve: the customer gets it")
    REJECTED = "rejected", N_("Reject: back to who answers the complaint")
    EXPIRED = "expired", N_("not decided in time")


class Given(Outcome):
    GIVEN = "given", N_("The customer has it")


class Reacted(Outcome):
    ACCEPTED = "accepted", N_("accepted the answer")
    REOPENED = "reopened", N_("wants another person to look at it")
    ESCALATED = "escalated", N_("goes to the ombudsman")
    EXPIRED = "expired", N_("did not say in time")


class ReactedAgain(Outcome):
    ACCEPTED = "accepted", N_("accepted the answer")
    ESCALATED = "escalated", N_("goes to the ombudsman")
    EXPIRED = "expired", N_("did not say in time")


class HandedOver(Outcome):
    HANDED_OVER = "handed_over", N_("The file is ready for the ombudsman")
