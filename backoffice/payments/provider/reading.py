"""The objects of the `stripe` library as the port has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal

import stripe
from stripe.checkout import Session

from backoffice.money import EXPONENTS
from backoffice.payments.provider import amounts
from backoffice.payments.provider.failures import decline_of
from backoffice.payments.provider.ports import (
    Card,
    Decline,
    Fee,
    HostedPage,
    NoAnswer,
    Payment,
    PaymentStatus,
    Payout,
    ProviderRefused,
    Refund,
    RefundStatus,
    Refusal,
    Reversal,
    Verification,
)
from backoffice.text import kept

KEY = "key"
"""The only name in our metadata there."""
LONGEST_BRAND = 20
_STATUS: Mapping[str, PaymentStatus] = {
    "requires_capture": PaymentStatus.AUTHORISED,
    "succeeded": PaymentStatus.CAPTURED,
    "canceled": PaymentStatus.CANCELED,
}
_REFUNDS: Mapping[str | None, RefundStatus] = {
    "succeeded": RefundStatus.DONE,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


def payment(found: stripe.PaymentIntent) -> Payment:
    """A status that the API may add one day counts as open, so that somebody looks again."""
    status, error = _STATUS.get(found.status, PaymentStatus.OPEN), found.last_payment_error
    declined = status is PaymentStatus.OPEN and error is not None and found.status == "requires_payment_method"
    return Payment(
        id=found.id,
        key=key_in(found.metadata),
        status=PaymentStatus.DECLINED if declined else status,
        amount=amounts.read(found.amount, found.currency),
        currency=found.currency.upper(),
        created=moment(found.created),
        captured=amounts.read(found.amount_received or 0, found.currency),
        decline=decline_of(error.decline_code or error.code) if declined and error else None,
    )


def refund(found: stripe.Refund) -> Refund:
    return Refund(
        id=found.id,
        key=key_in(found.metadata),
        payment=_id(found.payment_intent),
        amount=amounts.read(found.amount, found.currency),
        currency=found.currency.upper(),
        status=refund_status(found.status),
    )


def refund_status(told: str | None) -> RefundStatus:
    """A status that the API may add one day counts as pending, so that somebody looks again."""
    return _REFUNDS.get(told, RefundStatus.PENDING)


def fee(found: stripe.PaymentIntent) -> int:
    """Of a payment with its charge and what was kept of it. An account in another currency has the fee in that one."""
    charge = found.latest_charge
    moved = charge.balance_transaction if isinstance(charge, stripe.Charge) else None
    if not isinstance(moved, stripe.BalanceTransaction):
        raise NoAnswer("fee_not_known")
    return _kept(moved, found.currency)


def fee_moved(moved: stripe.BalanceTransaction) -> Fee:
    """Of what moved when a charge was captured, with that charge. Raises `NoAnswer` without it."""
    charge = moved.source
    if not isinstance(charge, stripe.Charge):
        raise NoAnswer("fee_of_no_charge")
    return Fee(_id(charge.payment_intent), _kept(moved, charge.currency), charge.currency.upper())


def _kept(moved: stripe.BalanceTransaction, currency: str) -> int:
    kept = amounts.read(moved.fee, moved.currency)
    if moved.currency == currency:
        return kept
    rate = Decimal(str(moved.exchange_rate or 1)).scaleb(EXPONENTS[moved.currency.upper()])
    return int((kept * Decimal(10) ** EXPONENTS[currency.upper()] / rate).to_integral_value(ROUND_UP))


def payout(found: stripe.Transfer) -> Payout:
    return Payout(
        id=found.id,
        key=key_in(found.metadata),
        group=found.transfer_group or "",
        account=_id(found.destination),
        amount=amounts.read(found.amount, found.currency),
        currency=found.currency.upper(),
        created=moment(found.created),
        returned=amounts.read(found.amount_reversed, found.currency),
    )


def reversal(found: stripe.TransferReversal) -> Reversal:
    return Reversal(found.id, key_in(found.metadata), amounts.read(found.amount, found.currency))


def verification(found: stripe.SetupIntent) -> Verification:
    return Verification(found.id, None if found.status == "succeeded" else Decline.NEEDS_CARDHOLDER)


def card(found: stripe.PaymentMethod) -> Card:
    """Raises `ProviderRefused` for what is no card."""
    told = found.card
    if told is None:
        raise ProviderRefused(Refusal.CARD_NOT_USABLE)
    return Card(
        reference=found.id,
        brand=kept(told.brand)[:LONGEST_BRAND],
        last_four=told.last4,
        expiry_month=told.exp_month,
        expiry_year=told.exp_year,
        fingerprint=told.fingerprint or "",
        customer=_id(found.customer),
    )


def page(found: Session) -> HostedPage:
    is_open = found.status == "open"
    return HostedPage(
        id=found.id,
        url=(found.url or "") if is_open else "",
        ends_at=moment(found.expires_at),
        is_paid=found.payment_status == "paid",
        payment=_id(found.payment_intent),
    )


def declined(error: stripe.CardError) -> stripe.ErrorObject:
    """What a decline holds. Raises `NoAnswer` where it holds nothing, which the API does not do."""
    if error.error is None:
        raise NoAnswer("decline_without_content")
    return error.error


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def key_in(metadata: Mapping[str, str] | stripe.StripeObject | None) -> str:
    return str(metadata[KEY]) if metadata and KEY in metadata else ""


def _id(found: object) -> str:
    """Of what the API gives as an object or as its id."""
    return found if isinstance(found, str) else str(getattr(found, "id", "") or "")
