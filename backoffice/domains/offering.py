"""What can be started about a domain. Each process of this room names its own start when it is loaded; the pages of a
domain show them all, without knowing any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from backoffice.customers.records import Start
from backoffice.domains.models import Domain

Offers = Callable[[Domain, datetime], Start | None]
"""The start for a domain at a moment (UTC), with why it cannot be and what it would take; None where it makes no
sense."""
_offers: dict[str, Offers] = {}


def register(process: str, offers: Offers) -> None:
    """Raises `ValueError` for a second start of the same process."""
    if _offers.setdefault(process, offers) is not offers:
        raise ValueError(f"two starts about a domain are given for the process “{process}”")


def starts(domain: Domain, now: datetime) -> Sequence[Start]:
    return [start for offers in _offers.values() if (start := offers(domain, now)) is not None]
