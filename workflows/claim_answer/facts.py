"""What a merchant's answer to a claim starts with and learns: times and codes only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from workflows.base.spec import N_, Facts, Outcome


class AnswerOpening(Facts, frozen=True):
    """Aware UTC: by when evidence counts, and until when a decision is waited for."""

    evidence_by: datetime
    wait_until: datetime


class How(StrEnum):
    """What became of the claim, for the merchant."""

    MERCHANT = "merchant"
    US = "us"
    WRONG = "wrong"
    WITHDRAWN = "withdrawn"
    WENT_BACK = "went_back"
    """The money reached the customer's card by another way: a refund, or the customer's bank."""


class DecidedSo(Facts, frozen=True):
    how: How


class Sent(Outcome):
    SENT = "sent", N_("Evidence sent")
    EXPIRED = "expired", N_("Nothing was sent in time")
