"""What a phone authorisation learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class CallOpening(Facts, frozen=True):
    """`agent` is the opaque id of the member of staff who talks to the caller."""

    agent: str


class CallResult(StrEnum):
    """What came of the question for the code."""

    PROVEN = "proven"
    NO_CODE = "no_code"
    NOT_PROVEN = "not_proven"
    DENIED = "denied"
    SILENT = "silent"


class CallClosing(Facts, frozen=True):
    result: CallResult | None = None


class CallEnded(Facts, frozen=True):
    result: CallResult


class Typed(Outcome):
    PROVEN = "proven", N_("the code fits")
    NO_CODE = "no_code", N_("the caller has no code")
    NOT_PROVEN = "not_proven", N_("no code fitted in three tries")
    EXPIRED = "expired", N_("no code was typed in time")


class Shown(Outcome):
    SHOWN = "shown", N_("the customer had the code shown")
    DENIED = "denied", N_("the customer is not talking to us")
    EXPIRED = "expired", N_("not opened in time")


class WrappedUp(Outcome):
    WRITTEN = "written", N_("written down")
    EXPIRED = "expired", N_("not written down in time")


class WrappedUpLate(Outcome):
    WRITTEN = "written", N_("written down")


class LookedInto(Outcome):
    HARMLESS = "harmless", N_("All is well: the customer and the caller belong together")
    SUSPECT = "suspect", N_("Somebody pretended to be the customer")
