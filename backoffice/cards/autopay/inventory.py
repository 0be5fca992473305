"""Which payments of a card recur: by their regular gaps, because issuers get no mark of it.

A merchant's payments recur when there are at least two, every gap between them fits the same period, and the last was
not older than one and a half periods when the card stopped: what is declined since then must not hide it. Payments
twice on one day are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from backoffice.cards.autopay.models import Category
from backoffice.cards.ports import CardPayment

LOOK_BACK = timedelta(days=400)
"""So that a yearly payment was seen twice."""
PERIODS = ((7, 2), (14, 2), (30, 5), (61, 8), (91, 10), (182, 14), (365, 20))
"""In days: how long, and how much shorter or longer a gap may be (weekends, holidays, short months)."""
_CATEGORIES = {
    "4900": Category.ENERGY,
    "4814": Category.TELEPHONE,
    "4899": Category.TELEPHONE,
    "6300": Category.INSURANCE,
    "6513": Category.HOUSING,
    "5968": Category.MEDIA,
    "5994": Category.MEDIA,
    "4111": Category.TRANSPORT,
    "4131": Category.TRANSPORT,
    "7997": Category.SPORT,
}
"""By merchant category code (ISO 18245); every other code is "something else"."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """Payments to one merchant that recur. Amounts are in the smallest unit of `currency`; `next` is a guess."""

    name: str
    network_id: str
    category: str
    low: int
    high: int
    currency: str
    last: date
    next: date
    latest: CardPayment | None = None


def recurring(
    payments: Iterable[CardPayment], *, now: datetime, stopped: datetime | None = None
) -> Sequence[Recurring]:
    """Those that recur, by name. The payments may be of several cards, one of which replaced the other. `now` is aware
    UTC, and so is `stopped`: since when the last card cannot be debited, None while it can."""
    until = min(now, stopped or now).date()
    by_merchant: dict[tuple[str, str], list[CardPayment]] = defaultdict(list)
    for one in payments:
        if one.merchant and one.amount > 0:
            by_merchant[(one.merchant_id or one.merchant.casefold(), one.currency)].append(one)
    found = [_of_merchant(some, now.date(), until) for some in by_merchant.values()]
    return sorted((one for one in found if one is not None), key=lambda one: (one.name.casefold(), one.network_id))


def _of_merchant(payments: Sequence[CardPayment], today: date, until: date) -> Recurring | None:
    days = sorted({one.at.date() for one in payments})
    period = _period(days)
    if period is None or until - days[-1] > period * 1.5:
        return None
    latest, amounts = max(payments, key=lambda one: one.at), [one.amount for one in payments]
    following = days[-1] + period
    while following < today:
        following += period
    return Recurring(
        name=latest.merchant,
        network_id=latest.merchant_id,
        category=_CATEGORIES.get(latest.category, Category.OTHER).value,
        low=min(amounts),
        high=max(amounts),
        currency=latest.currency,
        last=days[-1],
        next=following,
        latest=latest,
    )


def _period(days: Sequence[date]) -> timedelta | None:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    for length, give in PERIODS:
        if gaps and all(abs(gap - length) <= give for gap in gaps):
            return timedelta(days=length)
    return None
