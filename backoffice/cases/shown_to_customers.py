"""What a process says of a case to its customer, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Headline:
    """What a case is, for its customer: a title, and a sentence that says more."""

    title: str
    lead: str = ""


@dataclass(frozen=True)
class Stands:
    """Where a case stands, as a sentence for its customer, where neither a work item nor the result tells it. `asks`
    means that it is the customer's turn, to do something that is no work item, such as to ring us; `until` when they
    can (aware UTC). `over_since` says that for the customer it is done since then, although the case goes on for
    others."""

    says: str
    asks: bool = False
    until: datetime | None = None
    over_since: datetime | None = None
