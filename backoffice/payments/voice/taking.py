"""Asking the bank for the money of a payment (`charging`), taking it, and giving it back."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import calls, timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideUnavailable
from backoffice.payments import charging
from backoffice.payments.charging import Charge
from backoffice.payments.claims import given_back
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.ports import Decline, NoAnswer, NotSent, Order, Payment
from backoffice.payments.voice import linking
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.payments.voice.records import payment_of
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import Bank, BankSaid, Begun
from workflows.voice_payment.spec import AUTHORISE


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
        return _said(charging.ask(_charge(payment_of(case)), now=now))
    except (NotSent, NoAnswer):
        return lambda case, now: BankSaid(bank=Bank.UNKNOWN)


def ask_again(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[BankSaid]:
    """Until there is an answer."""
    try:
        return _said(charging.ask(_charge(payment_of(case)), now=now))
    except (NotSent, NoAnswer) as failed:
        raise OutsideUnavailable(failed.reason) from failed


def release(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """What is held goes back, also where nobody knew that it was held."""
    payment = payment_of(case)
    if payment.asked_at is None:
        return lambda case, now: Nothing()
    may_come = calls.was_begun(case, AUTHORISE)
    charging.release(_charge(payment), key=f"{payment.case_id}:release", now=now, may_come=may_come)

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
    charging.capture(payment.provider_payment, key=f"{payment.case_id}:capture")

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
    """All that is left of it, back to the card, at the merchant's expense."""
    payment = payment_of(case)
    left = payment.sum - given_back.settled_of(payment)
    if payment.money == MoneyState.CAPTURED and left:
        # Without an amount the provider gives back all that it has, so that a request that is sent again is the same.
        part = left.minor if left < payment.sum else None
        charging.refund(payment.provider_payment, key=f"{payment.case_id}:refund", amount=part)

    def record(case: Case, now: datetime) -> Nothing:
        payment = payment_of(case)
        if left and not given_back.is_posted(payment, "refunded"):
            went = given_back.refund(payment=payment, step="refunded", amount=left, now=now)
            payment.refresh_from_db(fields=["money", "refunded_at"])
            timeline.note(case, "payment.refunded", by=system(), data={"amount": went.shown("en")}, at=now)
        return Nothing()

    return record


def forget_token(case: Case) -> None:
    """When the case is closed: what stands for keys that no bank was asked about is of use to nobody any more."""
    payment = payment_of(case)
    if payment.token:
        payment.token = ""
        payment.save(update_fields=["token"])


def _said(answer: Payment | Decline) -> Record[BankSaid]:
    """An answer that comes after what was held had been released, to a worker that was given up, changes nothing."""

    def record(case: Case, now: datetime) -> BankSaid:
        payment = payment_of(case)
        if payment.money == MoneyState.RELEASED:
            return BankSaid(bank=Bank.DECLINED)
        payment.token = ""
        if isinstance(answer, Payment):
            payment.provider_payment = answer.id
        if charging.is_held(answer):
            payment.money = MoneyState.AUTHORISED
            payment.save(update_fields=["money", "provider_payment", "token"])
            timeline.note(case, "payment.authorised", by=system(), at=now)
            return BankSaid(bank=Bank.AUTHORISED)
        decline = charging.why_declined(answer)
        payment.money, payment.decline = MoneyState.DECLINED, decline.value
        payment.save(update_fields=["money", "provider_payment", "decline", "token"])
        timeline.note(case, "payment.declined", by=system(), data={"decline": payment.decline}, at=now)
        return BankSaid(bank=Bank.STOLEN if decline in charging.REPORTED else Bank.DECLINED)

    return record


def _charge(payment: VoicePayment) -> Charge:
    """With a card on file only its security code was keyed in."""
    assert payment.asked_at is not None
    card = payment.card
    order = Order(
        amount=payment.amount,
        currency=payment.currency,
        card=card.reference if card else payment.token,
        customer=card.provider_customer if card else "",
        security_code=payment.token if card else "",
    )
    return Charge(order=order, key=payment.provider_key, asked_at=payment.asked_at, payment=payment.provider_payment)
