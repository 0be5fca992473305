"""Asking the provider what it keeps of a payment, and to pay the rest out to the merchant: once, whatever is lost on
the way. Who has no answer asks again for the same, and looks for what became of it."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.money import Money
from backoffice.payments.charging import KEYS_LAST
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.payout_returns.opening import followed
from backoffice.payments.payouts.models import HeldBecause, Payout, PayoutState, expected, payout_of
from backoffice.payments.payouts.planning import OUR_FEE, PAYOUT
from backoffice.payments.provider import ports
from backoffice.payments.provider.ports import (
    PaymentProvider,
    PayoutOrder,
    ProviderFailed,
    ProviderRefused,
    Refusal,
    provider,
)
from backoffice.payments.voice.records import payment_of
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import PaidOut

PROVIDER_FEE = "provider fee"
"""The step of the ledger."""


def note_fee(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """What the provider keeps is posted at the merchant's expense, and a payout is expected. Raises `OutsideRefused`
    and `OutsideUnavailable`."""
    try:
        fee = asked().fee(payment_of(case).provider_payment)
    except ProviderRefused as refused:
        raise OutsideRefused(refused.because.value) from refused
    except ProviderFailed as failed:
        raise OutsideUnavailable(failed.reason) from failed

    def record(case: Case, now: datetime) -> Nothing:
        payment = payment_of(case)
        payout = expected(payment)
        if payout.provider_fee is not None:
            return Nothing()
        payout.provider_fee = fee
        payout.save(update_fields=["provider_fee"])
        if fee:
            kept = Money(fee, payment.currency)
            moved = movements.fee(merchant=payment.merchant.company, amount=kept)
            post(case_id=case.id, movements={PROVIDER_FEE: moved}, by=system(), at=now)
            timeline.note(case, "payout.fee", by=system(), data={"amount": kept.shown("en")}, at=now)
        return Nothing()

    return record


def pay_out(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[PaidOut]:
    """What is under way goes to the merchant. Its key is that of the payout, not of this call, so it stays the same
    whoever asks again. Raises `OutsideUnavailable` where nobody knows what was done."""
    payout = payout_of(case)
    if payout is None or payout.state != PayoutState.UNDER_WAY:
        paid = payout is not None and payout.state == PayoutState.PAID
        return lambda case, now: PaidOut(paid=paid)
    try:
        sent = _sent(payout, now=now)
    except ProviderRefused as refused:
        return _refused(payout, refused.because)
    except ProviderFailed as failed:
        raise OutsideUnavailable(failed.reason) from failed
    return _paid(payout, sent)


def asked() -> PaymentProvider:
    """The provider. Raises `OutsideUnavailable` where there is none."""
    found = provider()
    if found is None:
        raise OutsideUnavailable("no_payment_provider")
    return found


def _sent(payout: Payout, *, now: datetime) -> ports.Payout:
    """The provider's own record of it. A key that it may have forgotten, or under which it repeats a failure of its
    own, is not asked with before it was looked for what became of it."""
    order = PayoutOrder(
        payment=payout.payment.provider_payment,
        account=payout.account,
        amount=payout.amount,
        currency=payout.currency,
        group=payout.group,
    )
    assert payout.asked_at is not None
    if now - payout.asked_at > KEYS_LAST and (found := _known(payout)) is not None:
        return found
    try:
        return asked().pay_out(order, key=payout.key)
    except ProviderFailed as failed:
        if isinstance(failed, ports.NotSent):
            raise
        found = _known(payout)
        if found is None:
            raise
        return found


def _known(payout: Payout) -> ports.Payout | None:
    return next((one for one in asked().payouts(group=payout.group) if one.key == payout.key), None)


def _paid(asked_for: Payout, sent: ports.Payout) -> Record[PaidOut]:
    def record(case: Case, now: datetime) -> PaidOut:
        payout = payout_of(case)
        assert payout is not None
        if payout.state != PayoutState.UNDER_WAY or payout.key != asked_for.key:
            return PaidOut(paid=payout.state == PayoutState.PAID)
        company = payout.payment.merchant.company
        fee = Money(payout.our_fee, payout.currency)
        moved = {OUR_FEE: movements.our_fee(merchant=company, amount=fee)} if fee else {}
        moved[PAYOUT] = movements.settled(merchant=company, amount=payout.sum)
        with followed(payout.payment, now=now):
            post(case_id=case.id, movements=moved, by=system(), at=now)
            payout.state, payout.transfer, payout.paid_at = PayoutState.PAID, sent.id, now
            payout.refusal, payout.refused_at = "", None
            payout.save()
        data = {"amount": payout.sum.shown("en"), "fee": fee.shown("en")}
        timeline.note(case, "payout.paid", by=system(), data=data, at=now)
        return PaidOut(paid=True)

    return record


def _refused(asked_for: Payout, because: Refusal) -> Record[PaidOut]:
    """Nothing went out. It is held, and the next try has another key: it may be of another amount, or to another
    account."""

    def record(case: Case, now: datetime) -> PaidOut:
        payout = payout_of(case)
        assert payout is not None
        if payout.state != PayoutState.UNDER_WAY or payout.key != asked_for.key:
            return PaidOut(paid=payout.state == PayoutState.PAID)
        payout.state, payout.held_because = PayoutState.HELD, HeldBecause.REFUSED
        payout.refusal, payout.refused_at, payout.attempt = because.value, now, payout.attempt + 1
        payout.amount = payout.our_fee = payout.withheld = 0
        payout.save()
        timeline.note(case, "payout.refused", by=system(), data={"refusal": because.value}, at=now)
        return PaidOut(paid=False)

    return record
