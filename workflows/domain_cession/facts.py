"""What a domain cession learns and says, and the outcomes of its work items: typed facts, never personal data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class Route(StrEnum):
    """How both parties say that they agree."""

    ELECTRONIC = "electronic"
    """Each in their own account."""
    SIGNED_PDF = "signed_pdf"
    PAPER = "paper"


class CessionOpening(Facts, frozen=True):
    """What the registry demands (`policies.toml`), in seconds: how long everybody can still stop it, and how long the
    domain cannot go to another registrar afterwards. `by_letter`: the new holder is invited by post, and `abroad`, in
    another country."""

    route: Route
    cooling: int = 0
    post_lock: int = 0
    by_letter: bool = False
    abroad: bool = False


class Requested(Outcome):
    CONFIRMED = "confirmed", N_("Confirmed")
    EXPIRED = "expired", N_("Not answered in time")


class Agreed(Outcome):
    AGREED = "agreed", N_("Agreed")
    DECLINED = "declined", N_("Did not agree")
    EXPIRED = "expired", N_("Not answered in time")


class Uploaded(Outcome):
    SIGNED = "signed", N_("Signed by both")
    ON_PAPER = "on_paper", N_("On paper instead")
    EXPIRED = "expired", N_("Not answered in time")


class Received(Outcome):
    SCANNED = "scanned", N_("Received and scanned")
    EXPIRED = "expired", N_("Did not come")


class Checked(Outcome):
    """The same word for both answers: the second person must not see on the timeline what the first one found."""

    CHECKED = "checked", N_("Checked")


class Check(Facts, frozen=True):
    """`fits`: everything on the list is as it must be."""

    fits: bool = False


class CalledBack(Outcome):
    CONFIRMED = "confirmed", N_("The holder confirmed it")
    DENIED = "denied", N_("The holder knows nothing of it")
    NOT_REACHED = "not_reached", N_("Nobody was reached")


class Approved(Outcome):
    APPROVED = "approved", N_("Approved")
    REJECTED = "rejected", N_("Not approved")


class Cautions(Facts, frozen=True):
    """Whether another person must approve it, because an address changed lately, the domain has a high value, or the
    new holder is new here."""

    needs_approval: bool = False


class Locked(Facts, frozen=True):
    """The registry's states that this case has set, and takes away again if it stops."""

    statuses: tuple[str, ...] = ()


class Handle(Facts, frozen=True):
    """The registry's id of the new holder: opaque."""

    handle: str = ""


class Executed(Facts, frozen=True):
    """When the registry changed the holder (aware UTC)."""

    at: datetime | None = None
