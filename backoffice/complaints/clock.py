"""The clock of a complaint, counted once, when it is received, and given to its process as times. So a recorded history
says the same whatever calendar a later version of the holidays has.

Payments: a reply within 15 business days; for reasons beyond our control a holding reply with the reasons and the day
of the final one, never later than 35 business days (PSD2, article 101(2); FCA DISP 1.6.2A). Everything else: eight
weeks (FCA DISP 1.6.2). Within three business days a summary is enough (FCA DISP 1.5). A business day ends at 17:00 on
the customer's clock, and the day on which the complaint came is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from backoffice.customers.business_days import business_days_after, business_days_between
from backoffice.customers.models import Customer
from backoffice.trust.quiet_hours import zone
from workflows.complaint.facts import Rule

SUMMARY, FINAL, LATEST = 3, 15, 35
"""Business days."""
OTHERS = timedelta(weeks=8)
AGAIN = 15
"""Business days for another look, of our own."""
CLOSES = time(17)


@dataclass(frozen=True)
class Clock:
    """Aware UTC."""

    summary_by: datetime
    final_by: datetime
    hard_stop: datetime


def clock(*, rule: Rule, received_at: datetime, country: str, time_zone: str) -> Clock:
    """`received_at` is aware, `country` one of ISO 3166-1, whose holidays count."""
    day = received_at.astimezone(zone(time_zone)).date()

    def after(days: int) -> datetime:
        return _end(business_days_after(day, days, country), time_zone)

    if rule is Rule.PAYMENTS:
        return Clock(after(SUMMARY), after(FINAL), after(LATEST))
    end = _end(day + OTHERS, time_zone)
    return Clock(after(SUMMARY), end, end)


def again_by(customer: Customer, *, now: datetime) -> datetime:
    """By when another look has its answer (UTC)."""
    day = now.astimezone(zone(customer.time_zone)).date()
    return _end(business_days_after(day, AGAIN, customer.country), customer.time_zone)


def end_of(day: date, customer: Customer) -> datetime:
    """The end of a business day on the customer's clock (UTC)."""
    return _end(day, customer.time_zone)


def age(received_at: datetime, *, now: datetime, country: str, time_zone: str) -> int:
    """How old a complaint is, in business days."""
    where = zone(time_zone)
    return business_days_between(received_at.astimezone(where).date(), now.astimezone(where).date(), country)


def _end(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, CLOSES, tzinfo=zone(time_zone)).astimezone(UTC)
