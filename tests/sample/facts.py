"""What the handover of a locker learns and says: typed facts, never personal data."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class HandoverOpening(Facts, frozen=True):
    """`locker` is its number, as on its door."""

    locker: int


class Locker(Facts, frozen=True):
    number: int


class Agreement(Facts, frozen=True):
    """`keys` are those that the holder gives up. `at_home` asks for a visit to see who they are."""

    keys: int = 0
    at_home: bool = False


class HandedOver(Facts, frozen=True):
    locker: int
    keys: int


class VisitResult(StrEnum):
    """With the same values as in the visit's own process."""

    PASSED = "passed"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    MISMATCH = "mismatch"
    REFUSED = "refused"


class Visited(Facts, frozen=True):
    """What is learned from the visit. Other facts of its process are ignored."""

    result: VisitResult | None = None


class Agreed(Outcome):
    AGREED = "agreed", N_("agreed")
    DECLINED = "declined", N_("did not agree")
    EXPIRED = "expired", N_("did not answer in time")


class Checked(Outcome):
    APPROVED = "approved", N_("approved")
    REJECTED = "rejected", N_("not approved")
