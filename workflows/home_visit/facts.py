"""What a home visit learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class VisitOpening(Facts, frozen=True):
    """`under` is the process of the case above; empty for a visit without one."""

    under: str = ""


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


class VisitClosing(Facts, frozen=True):
    """The result, and the other way that the customer chose instead of a visit."""

    result: VisitResult | None = None
    alternative: OtherWay | None = None


class Choice(Facts, frozen=True):
    """A window that was booked (aware UTC), or the other way that was chosen instead."""

    starts: datetime | None = None
    ends: datetime | None = None
    alternative: OtherWay | None = None


class Window(Facts, frozen=True):
    """The agreed window, aware UTC."""

    starts: datetime
    ends: datetime


class Cancelled(Facts, frozen=True):
    alternative: OtherWay


class Visitor(Facts, frozen=True):
    """The opaque id of the visitor; empty when nobody is free."""

    visitor: str = ""


class Alarm(StrEnum):
    """Why somebody must look into a visit."""

    NOBODY_EXPECTED = "nobody_expected"
    HALF_DIFFERENT = "half_different"
    VISITOR_UNSAFE = "visitor_unsafe"
    NO_RESULT = "no_result"
    NOT_PROVEN = "not_proven"


class AlarmRaised(Facts, frozen=True):
    why: Alarm


class Chosen(Outcome):
    BOOKED = "booked", N_("a time was booked")
    DECLINED = "declined", N_("another way was chosen")
    EXPIRED = "expired", N_("not chosen in time")


class Alternative(Outcome):
    BRANCH = "branch", N_("at a branch")
    REMOTE = "remote", N_("by video")
    POST = "post", N_("by a letter with a code")
    EXPIRED = "expired", N_("not chosen in time")


class Assigned(Outcome):
    ASSIGNED = "assigned", N_("a visitor was found")
    NOBODY = "nobody", N_("nobody can go")
    EXPIRED = "expired", N_("not done in time")


class CheckedIn(Outcome):
    ARRIVED = "arrived", N_("arrived")
    EXPIRED = "expired", N_("not done in time")


class Met(Outcome):
    OPENED = "opened", N_("the customer opened")
    NOT_HOME = "not_home", N_("nobody was at home")
    REFUSED = "refused", N_("the customer refused the visit")
    EXPIRED = "expired", N_("nothing was heard")


class Compared(Outcome):
    SAME = "same", N_("the visitor's half fits")
    DIFFERENT = "different", N_("the visitor's half does not fit")


class Entered(Outcome):
    PROVEN = "proven", N_("the customer's half fits")
    NOT_PROVEN = "not_proven", N_("the customer's half did not fit")
    AGAIN = "again", N_("the time ran out: new halves")
    REFUSED = "refused", N_("the customer does not want to go on")
    EXPIRED = "expired", N_("nothing was heard")


class Checked(Outcome):
    MATCH = "match", N_("the identity matches")
    MISMATCH = "mismatch", N_("the identity does not match")
    REFUSED = "refused", N_("no document was shown")
    EXPIRED = "expired", N_("nothing was heard")


class Reviewed(Outcome):
    PASSED = "passed", N_("Passed: it was the customer")
    REPEAT = "repeat", N_("The visit must be made again")
    MISMATCH = "mismatch", N_("It was not the customer: freeze the case and look into it")


class AlarmLookedInto(Outcome):
    NEW_VISIT = "new_visit", N_("All is well: offer the customer a new visit")
    ALTERNATIVE = "alternative", N_("No visit any more: offer the customer another way")


class MismatchLookedInto(Outcome):
    CONFIRMED = "confirmed", N_("Confirmed: it was not the customer. Reject the case")
    CLEARED = "cleared", N_("Cleared: it may be the customer. Offer a new visit")
