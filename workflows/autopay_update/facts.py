"""What an autopay update learns and says, and the outcomes of its work items: counts, never whose bills they are."""

from __future__ import annotations

from workflows.base.spec import N_, Facts, Outcome


class AutopayOpening(Facts, frozen=True):
    """`under` is the process of the case above it; empty for a case that was opened by itself."""

    under: str = ""


class Inventory(Facts, frozen=True):
    """How many recurring payments the old number has."""

    lines: int = 0


class Waiting(Facts, frozen=True):
    """How many lines wait for the customer, and how many billers are to be written to."""

    lines: int = 0
    letters: int = 0


class AutopayMoved(Facts, frozen=True):
    """At the end: how many payments have the new number, and how many still have the old one."""

    moved: int = 0
    left: int = 0


class Ticked(Outcome):
    SOME = "some", N_("ticked off some of them")
    ALL = "all", N_("ticked off all of them")
    EXPIRED = "expired", N_("not done in time")
