"""The dates of a claim, counted once, when it is received, and given to its process as times. So a recorded history
says the same whatever calendar a later version of the holidays has.

A refund of a payment that was not authorised comes by the end of the following business day (PSD2, article 73(1)); a
decision within 15 business days, with a holding letter at most 35 (PSD2, article 101(2)). A business day ends at 17:00
on the customer's clock, and the day on which the claim came is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from backoffice.customers.business_days import business_days_after
from backoffice.customers.models import Customer
from backoffice.trust.quiet_hours import zone
from workflows.payment_claim.spec import PERIODS

CREDIT, DECISION, LATEST = 1, 15, 35
"""Business days."""
CLOSES = time(17)
OLDEST = timedelta(days=396)
"""How old a payment can be that is disputed: 13 months (PSD2, article 71(1))."""


@dataclass(frozen=True)
class Dates:
    """Aware UTC."""

    credit_by: datetime
    decide_by: datetime
    latest_by: datetime


def notice_of_a_reversal() -> timedelta:
    """How long a customer knows before that a credit is taken back. A demonstration may show it in seconds
    (`DEMO_CLAIM_NOTICE`); with the setting anywhere else nothing starts (`security/checks.py`), and it counts nowhere
    else."""
    seconds = settings.DEMO_CLAIM_NOTICE if settings.DEMO_MODE and not settings.PRODUCTION else 0
    return timedelta(seconds=seconds) if seconds > 0 else PERIODS.notice_of_a_reversal


def dates_of(customer: Customer, *, received_at: datetime) -> Dates:
    """`received_at` is aware."""
    day = received_at.astimezone(zone(customer.time_zone)).date()
    credit, decision, latest = (
        end_of(business_days_after(day, days, customer.country), customer) for days in (CREDIT, DECISION, LATEST)
    )
    return Dates(credit, decision, latest)


def end_of(day: date, customer: Customer) -> datetime:
    """The end of a business day on the customer's clock (UTC)."""
    return datetime.combine(day, CLOSES, tzinfo=zone(customer.time_zone)).astimezone(UTC)
