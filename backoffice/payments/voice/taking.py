"""Asking the bank for the money of a payment: once for a case, whatever is lost on the way.

The provider knows a payment by one key for each case. Who has no answer asks again with the same key; where the
provider may have forgotten the key, or repeats a failure of its own, it is first looked for what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.sentences import Text
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.ports import (
    Decline,
    NoAnswer,
    NotSent,
    Order,
    Payment,
    PaymentProvider,
    PaymentStatus,
    ProviderFailed,
    ProviderRefused,
    Refusal,
    provider,
)
from backoffice.payments.voice import linking
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.payments.voice.records import payment_of
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import Bank, BankSaid, Begun

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
"""Only the customer is told which; the shop's agent learns that the bank did not approve it."""


def begin(*, case: Case, args: Nothing, now: datetime) -> Begun:
    """Under the lock of the case: from here on the order cannot be changed. Not where what the customer agreed to is
    not what is ordered now."""
    payment = payment_of(case)
    if not linking.agreed(payment):
        return Begun(begun=False)
    payment.money, payment.asked_at = MoneyState.AUTHORISING, now
    payment.save(update_fields=["money", "asked_at"])
    return Begun(begun=True)


def authorise(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[BankSaid]:
    """Once, while the customer waits: without an answer it is UNKNOWN."""
    try:
        return _said(_asked(payment_of(case), now))
    except (NotSent, NoAnswer):
        return lambda case, now: BankSaid(bank=Bank.UNKNOWN)


def ask_again(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[BankSaid]:
    """Until there is an answer."""
    try:
        return _said(_asked(payment_of(case), now))
    except (NotSent, NoAnswer) as failed:
        raise OutsideUnavailable(failed.reason) from failed


def release(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """What is held goes back, also where nobody knew that it was held."""
    payment = payment_of(case)
    if payment.asked_at is None:
        return lambda case, now: Nothing()
    try:
        there = _there(payment)
        if there is not None and there.status in (PaymentStatus.OPEN, PaymentStatus.AUTHORISED):
            _provider().cancel(there.id, key=f"{payment.case_id}:release")
    except (NotSent, NoAnswer) as failed:
        raise OutsideUnavailable(failed.reason) from failed
    except ProviderRefused as refused:
        raise OutsideRefused(refused.because.value) from refused

    def record(case: Case, now: datetime) -> Nothing:
        payment = payment_of(case)
        if payment.money in (MoneyState.AUTHORISING, MoneyState.AUTHORISED):
            payment.money, payment.token = MoneyState.RELEASED, ""
            payment.save(update_fields=["money", "token"])
            timeline.note(case, "payment.released", by=system(), at=now)
        return Nothing()

    return record


def capture(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """Takes what is held. The ledger is written in the transaction that records it."""
    payment = payment_of(case)
    _changing(lambda there: there.capture(payment.provider_payment, key=f"{payment.case_id}:capture"))

    def record(case: Case, now: datetime) -> Nothing:
        payment = payment_of(case)
        payment.money, payment.captured_at = MoneyState.CAPTURED, now
        payment.save(update_fields=["money", "captured_at"])
        moved = movements.captured(merchant=payment.merchant.company, amount=payment.sum)
        post(case_id=case.id, movements={"captured": moved}, by=system(), at=now)
        timeline.note(case, "payment.captured", by=system(), data={"amount": payment.sum.shown("en")}, at=now)
        return Nothing()

    return record


def refund(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """All of it, back to the card, at the merchant's expense."""
    payment = payment_of(case)
    if payment.money == MoneyState.CAPTURED:
        _changing(lambda there: there.refund(payment.provider_payment, key=f"{payment.case_id}:refund"))

    def record(case: Case, now: datetime) -> Nothing:
        payment = payment_of(case)
        if payment.money == MoneyState.CAPTURED:
            payment.money, payment.refunded_at = MoneyState.REFUNDED, now
            payment.save(update_fields=["money", "refunded_at"])
            moved = movements.refunded(merchant=payment.merchant.company, amount=payment.sum)
            post(case_id=case.id, movements={"refunded": moved}, by=system(), at=now)
            timeline.note(case, "payment.refunded", by=system(), data={"amount": payment.sum.shown("en")}, at=now)
        return Nothing()

    return record


def _asked(payment: VoicePayment, now: datetime) -> Payment | Decline:
    """What the bank says. Raises `NotSent` and `NoAnswer` where nobody knows."""
    assert payment.asked_at is not None
    forgotten = now - payment.asked_at > KEYS_LAST
    if (payment.provider_payment or forgotten) and (there := _there(payment)) is not None:
        return there
    try:
        return _provider().authorise(_order(payment), key=payment.provider_key)
    except NoAnswer:
        there = _there(payment)
        if there is None or there.status is PaymentStatus.OPEN:
            raise
        return there
    except ProviderRefused as refused:
        if refused.because in NOT_POSSIBLE:
            return Decline.NOT_PERMITTED
        raise OutsideRefused(refused.because.value) from refused


def _said(answer: Payment | Decline) -> Record[BankSaid]:
    def record(case: Case, now: datetime) -> BankSaid:
        payment = payment_of(case)
        payment.token = ""
        decline = answer if isinstance(answer, Decline) else answer.decline
        if isinstance(answer, Payment):
            payment.provider_payment = answer.id
        if isinstance(answer, Payment) and answer.status in (PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED):
            payment.money = MoneyState.AUTHORISED
            payment.save(update_fields=["money", "provider_payment", "token"])
            timeline.note(case, "payment.authorised", by=system(), at=now)
            return BankSaid(bank=Bank.AUTHORISED)
        payment.money, payment.decline = MoneyState.DECLINED, (decline or Decline.DO_NOT_HONOUR).value
        payment.save(update_fields=["money", "provider_payment", "decline", "token"])
        timeline.note(case, "payment.declined", by=system(), data={"decline": payment.decline}, at=now)
        return BankSaid(bank=Bank.STOLEN if decline in REPORTED else Bank.DECLINED)

    return record


def _order(payment: VoicePayment) -> Order:
    """With a card on file only its security code was keyed in."""
    card = payment.card
    return Order(
        amount=payment.amount,
        currency=payment.currency,
        card=card.reference if card else payment.token,
        customer=card.provider_customer if card else "",
        security_code=payment.token if card else "",
    )


def _there(payment: VoicePayment) -> Payment | None:
    """The payment as the provider has it; None where there is surely none."""
    if payment.provider_payment:
        return _provider().look(payment.provider_payment)
    assert payment.asked_at is not None
    customer = payment.card.provider_customer if payment.card else ""
    return _provider().find(key=payment.provider_key, since=payment.asked_at - SKEW, customer=customer)


def _changing(change: Callable[[PaymentProvider], object]) -> None:
    """Has the provider change a payment of which we know."""

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
