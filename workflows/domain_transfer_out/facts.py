"""What a transfer-out learns and says, and the outcomes of its work items: typed facts, never a name or a code."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Assessed(Facts, frozen=True):
    """What our records say of the domain now. `refused`: it may not leave, and the timeline says why.
    `seconds_to_stop` is how long its registry lets us wait for those who would stop it. `unconditional`: the code may
    depend on nothing but who asks. `contacts_changed`: an address of the holder is younger than 30 days."""

    refused: bool = False
    seconds_to_stop: int = 0
    unconditional: bool = False
    high_value: bool = False
    contacts_changed: bool = False

    @property
    def needs_approval(self) -> bool:
        return not self.unconditional and (self.high_value or self.contacts_changed)


class CodeIssued(Facts, frozen=True):
    """`until` is when the transfer code is taken away."""

    until: datetime


class CodeWanted(Facts, frozen=True):
    """The holder wants to see the transfer code. `again`: they have seen one, so it must be another one."""

    again: bool = False


class TransferState(StrEnum):
    """What the registry says of a transfer to another registrar. `NONE`: nobody has asked for one."""

    NONE = "none"
    PENDING = "pending"
    GONE = "gone"
    STAYED = "stayed"


class RegistryTransfer(Facts, frozen=True):
    """`until` is when the registry decides by itself."""

    state: TransferState
    until: datetime | None = None


class LockedMeanwhile(Facts, frozen=True):
    """The domain was locked again while the case was frozen."""


class Decision(Facts, frozen=True):
    """What the holder decided about a pending transfer."""

    approves: bool = False


class Confirmed(Outcome):
    CONFIRMED = "confirmed", N_("confirmed")
    EXPIRED = "expired", N_("not done in time")


class Released(Outcome):
    APPROVED = "approved", N_("Approve: unlock the domain and give its holder the transfer code")
    REJECTED = "rejected", N_("Reject: the domain stays locked")


class CodeTaken(Outcome):
    TAKEN = "taken", N_("asked to see the code")
    EXPIRED = "expired", N_("not done in time")


class Refused(Outcome):
    REFUSED = "refused", N_("refused the transfer")
    EXPIRED = "expired", N_("not done in time")


class Approved(Outcome):
    APPROVED = "approved", N_("approved the transfer")
    EXPIRED = "expired", N_("not done in time")
