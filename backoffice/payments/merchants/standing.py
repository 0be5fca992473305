"""Whether a payment may be ordered for a merchant now: asked before anything rings."""

from __future__ import annotations

from django.utils.translation import gettext as _

from backoffice.money import Money
from backoffice.payments.merchants.models import Merchant, MerchantState


def why_not_take(merchant: Merchant, amount: Money, *, taken_today: Money, taken_this_month: Money) -> str:
    """The sentence that tells the merchant's agent why this payment is not ordered; empty when it may be. What was
    taken already is in the merchant's currency. Read the merchant under a lock, or just before."""
    if merchant.state == MerchantState.SUSPENDED:
        return _("Your company is suspended for now. Its own account with us says why.")
    if merchant.state == MerchantState.ENDED:
        return _("Your company takes no payments with us any more.")
    if amount.currency != merchant.currency:
        return _("Your company is paid in %(currency)s only.") % {"currency": merchant.currency}
    limits = merchant.limits
    for limit, all_together, sentence in (
        (limits.per_payment, amount, _("It is more than your company may take in one payment: %(most)s.")),
        (limits.per_day, taken_today + amount, _("It is more than your company may take in a day: %(most)s.")),
        (limits.per_month, taken_this_month + amount, _("It is more than your company may take in a month: %(most)s.")),
    ):
        if all_together > limit:
            return sentence % {"most": limit.shown()}
    return ""
