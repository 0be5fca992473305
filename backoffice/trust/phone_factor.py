"""Whether a telephone number may be a factor (NIST SP 800-63B: the telephone network is a restricted authenticator).

Only a verified number in force may, when it is unchanged for seven days and not marked as swapped or ported, and when
it earns nobody money that we ring it. Another way (the portal, a passkey, a letter) is always offered beside it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from backoffice import dialling
from backoffice.customers.contact_points import PHONE_AGE
from backoffice.customers.models import ContactKind, ContactPoint


class Hindrance(StrEnum):
    NO_NUMBER = "no_number"
    SUPERSEDED = "superseded"
    UNVERIFIED = "unverified"
    SIM_SWAPPED = "sim_swapped"
    TOO_YOUNG = "too_young"
    COSTS_EXTRA = "costs_extra"
    """Such a number is refused today, but may be on file since before, or have become one."""


def hindrance(point: ContactPoint | None, now: datetime) -> Hindrance | None:
    """Why the number may not be used as a factor at `now` (aware); None when it may."""
    if point is None or point.kind != ContactKind.PHONE:
        return Hindrance.NO_NUMBER
    if point.superseded_at is not None:
        return Hindrance.SUPERSEDED
    if point.verified_at is None:
        return Hindrance.UNVERIFIED
    if point.sim_swapped_at is not None:
        return Hindrance.SIM_SWAPPED
    if now - point.since < PHONE_AGE:
        return Hindrance.TOO_YOUNG
    return Hindrance.COSTS_EXTRA if dialling.costs_extra(str(point.value)) else None


def usable(point: ContactPoint | None, now: datetime) -> bool:
    """Whether a code may be sent to this number at `now` (aware)."""
    return hindrance(point, now) is None
