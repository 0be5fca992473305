"""Limits tighten by themselves when more is lost than we promise, and open again when less is (complaint 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from backoffice.payments.ledger.loss_rate import PROMISED, LossRate, loss_rate
from backoffice.payments.risk import limits
from backoffice.payments.risk.limits import Limits
from backoffice.payments.risk.models import STRICTEST, RiskTightening

COUNTED = timedelta(days=365)
"""The time over which losses are counted."""


def factor_of(rate: LossRate) -> int:
    """By what the amounts are divided: 1 while the promise is kept, then 2, and twice as much for each further doubling
    of the rate, up to `STRICTEST`."""
    factor = 1
    while factor < STRICTEST and rate.exceeds(PROMISED * factor):
        factor *= 2
    return factor


def rate_of(currency: str, *, now: datetime) -> LossRate:
    """What was lost of what was captured in the year before `now` (aware)."""
    return loss_rate(currency=currency, since=now - COUNTED, until=now)


def in_force(currency: str) -> Limits:
    """The limits of a currency as they hold now, tightened or not."""
    usual = limits.usual(currency)
    return replace(usual, amounts=usual.amounts.tightened(factor_in_force(currency)))


def factor_in_force(currency: str) -> int:
    """By what the amounts of a currency are divided now; 1 where they are not tightened."""
    factors = RiskTightening.objects.filter(currency=currency, until=None).values_list("factor", flat=True)
    return factors.first() or 1


def look_at_losses(*, now: datetime) -> None:
    """Notes for each currency that has limits, or is tightened, what its losses make of them since `now` (aware UTC).
    Nothing is written where nothing changes."""
    tightened = RiskTightening.objects.filter(until=None).values_list("currency", flat=True)
    for currency in sorted({*limits.currencies(), *tightened}):
        _note(currency, rate_of(currency, now=now), now)


@transaction.atomic
def _note(currency: str, rate: LossRate, now: datetime) -> None:
    factor = factor_of(rate)
    before = RiskTightening.objects.select_for_update().filter(currency=currency, until=None).first()
    if factor == (before.factor if before else 1):
        return
    if before is not None:
        before.until = now
        before.save(update_fields=["until"])
    new = RiskTightening(
        currency=currency, factor=factor, lost=rate.lost.minor, captured=rate.captured.minor, since=now
    )
    RiskTightening.objects.bulk_create([new], ignore_conflicts=True)
