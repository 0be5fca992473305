"""Charging a card: once for a case, whatever is lost on the way.

The provider knows a payment by one key for each case. Who has no answer asks again with the same key; where the
provider may have forgotten the key, or repeats a failure of its own, it is first looked for what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.sentences import Text
from backoffice.payments.provider.ports import (
    Decline,
    NoAnswer,
    Order,
    Payment,
    PaymentProvider,
    PaymentStatus,
    ProviderFailed,
    ProviderRefused,
    RefundStatus,
    Refusal,
    provider,
)

KEYS_LAST = timedelta(hours=20)
"""The provider remembers a key for a day."""
SKEW = timedelta(minutes=5)
"""By how much the provider's clock may be behind ours."""
REPORTED = frozenset({Decline.STOLEN, Decline.LOST})
NOT_POSSIBLE = frozenset(
    {Refusal.CARD_NOT_USABLE, Refusal.CODE_NOT_USABLE, Refusal.AMOUNT, Refusal.UNKNOWN, Refusal.OTHER}
)
"""Refusals that are an answer of the bank to whoever pays: this card cannot pay this."""
DECLINED: Mapping[Decline, Text] = {
    Decline.INSUFFICIENT_FUNDS: _("there is not enough money on the account of the card"),
    Decline.STOLEN: _("the card was reported as stolen"),
    Decline.LOST: _("the card was reported as lost"),
    Decline.EXPIRED: _("the card has expired"),
    Decline.WRONG_NUMBER: _("there is no such card"),
    Decline.WRONG_CODE: _("the security code is not that of the card"),
    Decline.LIMIT: _("it is more than the card may pay, or too many payments"),
    Decline.NOT_PERMITTED: _("the card cannot be used for this"),
    Decline.SUSPECTED_FRAUD: _("your bank suspects fraud"),
    Decline.NEEDS_CARDHOLDER: _("your bank wants to ask you itself, which cannot be done here"),
    Decline.TRY_LATER: _("your bank could not be reached"),
    Decline.DO_NOT_HONOUR: _("your bank gives no reason"),
}
"""Only the cardholder is told which; the shop's agent learns that the bank did not approve it."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What is asked of the bank, under which key, and since when (aware UTC). `payment` is the provider's id, once it
    is known."""

    order: Order
    key: str
    asked_at: datetime
    payment: str = ""


def ask(charge: Charge, *, now: datetime) -> Payment | Decline:
    """What the bank says; of a payment that is known, what became of it. Raises `NotSent` and `NoAnswer` where nobody
    knows, and `OutsideRefused` for a request that the provider cannot have."""
    is_known = bool(charge.payment) or now - charge.asked_at > KEYS_LAST
    if is_known and (found := there(charge)) is not None:
        return found
    try:
        answer = _provider().authorise(charge.order, key=charge.key)
        if answer.status is PaymentStatus.OPEN:
            raise NoAnswer("open")
        return answer
    except NoAnswer:
        found = there(charge)
        if found is None or found.status is PaymentStatus.OPEN:
            raise
        return found
    except ProviderRefused as refused:
        if refused.because in NOT_POSSIBLE:
            return Decline.NOT_PERMITTED
        raise OutsideRefused(refused.because.value) from refused


def there(charge: Charge) -> Payment | None:
    """The payment as the provider has it; None where there is surely none. Raises `ProviderFailed`."""
    if charge.payment:
        return _provider().look(charge.payment)
    return _provider().find(key=charge.key, since=charge.asked_at - SKEW, customer=charge.order.customer)


def is_held(answer: Payment | Decline) -> bool:
    """Whether the bank holds the amount, or gave it already."""
    return isinstance(answer, Payment) and answer.status in (PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED)


def why_declined(answer: Payment | Decline) -> Decline:
    """Of an answer that holds nothing."""
    decline = answer if isinstance(answer, Decline) else answer.decline
    return decline or Decline.DO_NOT_HONOUR


def release(charge: Charge, *, key: str, now: datetime, may_come: bool) -> None:
    """What is held goes back, also where nobody knew that it was held. Where the provider has nothing, and a request
    `may_come` of a worker that was killed, it is asked under the same key: then whatever was on its way is done, and
    can be released. Raises `OutsideRefused` and `OutsideUnavailable`, also while the provider is still at it."""

    def change(asked: PaymentProvider) -> None:
        found = there(charge)
        if found is None and may_come and now - charge.asked_at <= KEYS_LAST:
            found = _under_its_key(asked, charge)
        if found is not None and found.status in (PaymentStatus.OPEN, PaymentStatus.AUTHORISED):
            asked.cancel(found.id, key=key)

    changing(change)


def _under_its_key(asked: PaymentProvider, charge: Charge) -> Payment | None:
    """What the provider did, or does now, under the key of the charge; afterwards it does nothing more under it. None
    where it refuses, which holds nothing. Raises `NoAnswer` while it is still at it."""
    try:
        return asked.authorise(charge.order, key=charge.key)
    except ProviderRefused:
        return None


def capture(payment: str, *, key: str) -> None:
    """Takes all that is held, by the provider's id of the payment. Raises `OutsideRefused` and `OutsideUnavailable`."""

    def change(asked: PaymentProvider) -> None:
        try:
            asked.capture(payment, key=key)
        except NoAnswer:
            if asked.look(payment).status is not PaymentStatus.CAPTURED:
                raise

    changing(change)


def refund(payment: str, *, key: str, amount: int | None = None) -> None:
    """Gives back all that is left of what was taken, or a part (in the smallest unit). Raises `OutsideRefused` and
    `OutsideUnavailable`."""

    def change(asked: PaymentProvider) -> None:
        try:
            asked.refund(payment, key=key, amount=amount)
        except NoAnswer:
            if not any(one.key == key and one.status is not RefundStatus.FAILED for one in asked.refunds(payment)):
                raise

    changing(change)


def changing(change: Callable[[PaymentProvider], object]) -> None:
    """Has the provider change a payment of which we know. Raises `OutsideRefused` and `OutsideUnavailable`."""
    try:
        change(_provider())
    except ProviderRefused as refused:
        raise OutsideRefused(refused.because.value) from refused
    except ProviderFailed as failed:
        raise OutsideUnavailable(failed.reason) from failed


def _provider() -> PaymentProvider:
    found = provider()
    if found is None:
        raise OutsideUnavailable("no_payment_provider")
    return found
