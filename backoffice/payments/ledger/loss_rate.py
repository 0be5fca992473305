"""How much of what was captured is lost: the number that we promise, and by which limits tighten by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Q, Sum

from backoffice.money import Money
from backoffice.payments.ledger.models import Posting, PostingKind

PROMISED = Fraction(1, 100_000)
"""The most that may be lost of what was captured (complaint 3)."""
_VOLUME = (PostingKind.CAPTURED, PostingKind.TOPPED_UP)
_LOSSES = (PostingKind.CREDIT_LOST, PostingKind.WRITTEN_OFF)


@dataclass(frozen=True)
class LossRate:
    """What was lost of what was captured in one currency, within one time. A refund takes nothing from `captured`: the
    payment was at risk all the same."""

    lost: Money
    captured: Money

    def exceeds(self, most: Fraction = PROMISED) -> bool:
        """Whether more was lost than this part of the volume; any loss is, where nothing was captured."""
        return self.lost.minor * most.denominator > self.captured.minor * most.numerator


def loss_rate(*, currency: str, since: datetime, until: datetime) -> LossRate:
    """From `since` until before `until`, both aware UTC, by the time of the postings. It reads one range of an index
    for each kind of posting that counts."""
    sums = Posting.objects.filter(
        currency=currency, kind__in=(*_VOLUME, *_LOSSES), at__gte=since, at__lt=until
    ).aggregate(
        lost=Sum("amount", filter=Q(kind__in=_LOSSES), default=0),
        captured=Sum("amount", filter=Q(kind__in=_VOLUME), default=0),
    )
    return LossRate(Money(int(sums["lost"]), currency), Money(int(sums["captured"]), currency))
