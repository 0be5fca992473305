"""What the process does to our own records: admits the merchant, notes its reviews, ends it."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.payments.merchants import papers
from backoffice.payments.merchants.models import Merchant, MerchantApplication, MerchantState
from workflows.base.spec import Nothing
from workflows.merchant_admission.spec import PERIODS


def admit(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """Makes the merchant of what was applied for and of the limits that were decided. Raises `ValueError` before they
    are."""
    applied = MerchantApplication.of(case)
    payment, day, month = applied.per_payment, applied.per_day, applied.per_month
    if payment is None or day is None or month is None:
        raise ValueError("the limits of this merchant were not decided")
    Merchant.objects.create(
        case=case,
        company=applied.company,
        trade=applied.trade,
        trading_name=applied.trading_name,
        name_key=applied.name_key,
        iban=applied.iban,
        currency=applied.currency,
        per_payment=payment,
        per_day=day,
        per_month=month,
        payout_account=applied.payout_account,
        fee_fixed=applied.fee_fixed,
        fee_points=applied.fee_points,
        payout_delay=applied.payout_delay,
        admitted_at=now,
        review_due=now + PERIODS.until_the_next_review,
    )
    timeline.note(case, "merchant.admitted", by=system(), at=now)
    return Nothing()


def note_review(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The merchant goes on for another year."""
    due = now + PERIODS.until_the_next_review
    Merchant.objects.filter(case=case).update(reviewed_at=now, review_due=due)
    timeline.note(case, "merchant.reviewed", by=system(), at=now)
    return Nothing()


def end(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """Nobody can order a payment for it any more. What was ordered before is settled by its own cases."""
    merchant = Merchant.objects.select_for_update().get(case=case)
    if merchant.state != MerchantState.ENDED:
        merchant.state, merchant.ended_at = MerchantState.ENDED, now
        merchant.save(update_fields=["state", "ended_at"])
        timeline.note(case, "merchant.ended", by=system(), at=now)
    return Nothing()


def settle(case: Case) -> None:
    """When the case is closed: the company may apply again, its name is free, and its papers get their end."""
    MerchantApplication.objects.filter(case=case).update(live=False)
    papers.keep_until(case)
