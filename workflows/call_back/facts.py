"""What a call-back learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Child, Facts, Outcome


class Booked(Facts, frozen=True):
    """The window that was booked (aware UTC); none where no time is staffed, or nothing was chosen."""

    starts: datetime | None = None
    ends: datetime | None = None


class CallBackOpening(Facts, frozen=True):
    """`under` is the process of the case above, or empty. `supervisor` has a supervisor call. With `soon` the next free
    time is taken without asking first. `booked` is the window that was chosen with the wish. With `survey` the call was
    made in another case, and only its two questions are left."""

    under: str = ""
    supervisor: bool = False
    soon: bool = False
    survey: bool = False
    booked: Booked = Booked()


class CallBackResult(StrEnum):
    SPOKEN = "spoken"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"


class CalledBack(Facts, frozen=True):
    """What the case above learns. Whoever called it off has declined it."""

    result: CallBackResult | None = None


CALL_BACK = Child(process="call_back", facts=CalledBack)
"""For a parent: `await self.child(CALL_BACK)`; what the call is about says its process's `call_sheet`."""


class Window(Facts, frozen=True):
    """The window that was agreed, aware UTC."""

    starts: datetime
    ends: datetime


class MayCall(Facts, frozen=True):
    """`number`: there is one that may be called. `until` is when the contact budget or the quiet hours end (aware UTC);
    None where we may call now."""

    number: bool = True
    until: datetime | None = None


class Dialled(Facts, frozen=True):
    """The opaque id of the member of staff who talks, or tries to."""

    agent: str


class KeptUntil(Facts, frozen=True):
    """Until when the customer's place is kept (aware UTC)."""

    until: datetime


class GivenUp(Facts, frozen=True):
    """Whether the window passed without a call; false where somebody dialled a moment before."""

    missed: bool


class CalledOff(Facts, frozen=True):
    """`for_good`: "do not call me about this"; else this call is not needed any more."""

    for_good: bool = False


class Reached(StrEnum):
    """How far a call has come."""

    ANSWERED = "answered"
    COMPANY_PROVEN = "company_proven"
    TALK = "talk"
    OVER = "over"
    WRAPPED_UP = "wrapped_up"


class CallMade(Outcome):
    """What came of a call. All but the first, the third and the last one lead to another try."""

    SPOKEN = "spoken", N_("I spoke with the customer")
    NOT_REACHED = "not_reached", N_("Not reached: nobody answered, busy, voicemail, no connection")
    RINGS_BACK = "rings_back", N_("The customer rings back to be sure")
    OTHER_PERSON = "other_person", N_("Somebody else answered; I told them nothing")
    BROKEN_OFF = "broken_off", N_("The call broke off")
    DECLINED = "declined", N_("The customer does not want to be called about this")


LEAVES_AS_IT_WAS = frozenset({CallMade.OTHER_PERSON, CallMade.BROKEN_OFF})
"""After these a call that somebody made to us changes nothing of what was agreed with the customer."""


class Progress(Facts, frozen=True):
    """`outcome` comes with the wrap-up."""

    to: Reached
    outcome: CallMade | None = None


class Chosen(Outcome):
    BOOKED = "booked", N_("a time was chosen")
    DECLINED = "declined", N_("no call is wanted")
    EXPIRED = "expired", N_("not chosen in time")


class TimeFound(Outcome):
    FOUND = "found", N_("a time was found")
    NOBODY = "nobody", N_("nobody can call")


class Surveyed(Outcome):
    CONTENT = "content", N_("content")
    DISCONTENT = "discontent", N_("not content: a supervisor calls")
    EXPIRED = "expired", N_("not answered")
