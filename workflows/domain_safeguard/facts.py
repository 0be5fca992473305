"""What a change of a domain's safeguards learns and says, and the outcomes of its work items."""

from __future__ import annotations

from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Safeguard(StrEnum):
    """What is changed. The value mark makes every change of the domain wait longer; the lock keeps it from going to
    another registrar after a change of its holder."""

    PROTECT = "protect"
    UNPROTECT = "unprotect"
    DECLINE_LOCK = "decline_lock"
    KEEP_LOCK = "keep_lock"

    @property
    def loosens(self) -> bool:
        """Whether the domain is easier to take afterwards. Whoever wants to take it would begin with this."""
        return self in (Safeguard.UNPROTECT, Safeguard.DECLINE_LOCK)


class SafeguardOpening(Facts, frozen=True):
    """`by_us`: one of us asks, and not the holder."""

    change: Safeguard = Safeguard.PROTECT
    by_us: bool = False


class Applied(Facts, frozen=True):
    """`changed` is false where it can no longer be done: the domain has another holder, or it is so already."""

    changed: bool = False


class Confirmed(Outcome):
    CONFIRMED = "confirmed", N_("confirmed")
    EXPIRED = "expired", N_("not done in time")


class Approved(Outcome):
    APPROVED = "approved", N_("Approve: the mark is taken away after seven days")
    REJECTED = "rejected", N_("Reject: the mark stays")
