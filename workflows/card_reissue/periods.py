"""How long card reissue waits, and how often it tries: a business may change these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from workflows.base.spec import Periods

POSTINGS = 3
"""The first posting and two more. After that the card waits at the branch."""
CALLS = 2
"""How often a silent customer is called and asked again before the case expires."""


@dataclass(frozen=True)
class ReissuePeriods(Periods):
    customer_answers: timedelta = timedelta(days=14)
    staff_call: timedelta = timedelta(days=2)
    call_about_secret: timedelta = timedelta(hours=2)
    address_corrected: timedelta = timedelta(days=7)
    identified_at_the_branch: timedelta = timedelta(days=14)
    identified_remotely: timedelta = timedelta(days=7)
    code_by_post: timedelta = timedelta(days=21)
    approval: timedelta = timedelta(days=1)
    letter_came: timedelta = timedelta(days=5)
    collected_at_the_branch: timedelta = timedelta(days=21)
    activation: timedelta = timedelta(days=21)
    activation_abroad: timedelta = timedelta(days=30)


PERIODS = ReissuePeriods()
