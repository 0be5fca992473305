"""Each refund to a card, as the provider tells of it: one that somebody made at the provider's own pages is posted in
the payment's case, and one that did not arrive is followed until the customer has the money in another way."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.unit_of_work import changing
from backoffice.money import Money
from backoffice.payments.claims import crediting, given_back, other_ways
from backoffice.payments.claims.models import CardRefund, PaymentClaim, Verdict
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.models import Posting
from backoffice.payments.provider.ports import Refund, RefundStatus
from backoffice.payments.refund_returns import following
from backoffice.payments.voice.models import VoicePayment
from workflows.payment_claim.facts import PaidTo

OURS = "refunded"
"""The step under which the payment's own process posts its refund."""


def take(payment: VoicePayment, refund: Refund, *, now: datetime) -> None:
    """What the provider says of a refund, however often, late and in whatever order. `now` is aware UTC."""
    with other_ways.locked(payment) as fresh:
        told = {"payment": fresh, "key": refund.key, "amount": refund.amount, "currency": refund.currency}
        row, is_new = CardRefund.objects.get_or_create(id=refund.id, defaults={**told, "seen_at": now})
        if is_new:
            _made(fresh, row, now=now)
        if refund.status is RefundStatus.FAILED and row.failed_at is None:
            row.failed_at = now
            row.save(update_fields=["failed_at"])
            _failed(fresh, row, now=now)


def failed_of(claim: PaymentClaim) -> CardRefund | None:
    """The refund of a claim's own call that did not arrive."""
    own = claim.payment.refunds.filter(key__startswith=f"{claim.case_id}:", failed_at__isnull=False)
    return own.order_by("-failed_at").first()


def pay_otherwise(row: CardRefund, *, now: datetime) -> None:
    """Opens the case in which one of us pays the customer in another way; once for each refund."""
    following.follow(row.id, customer=row.payment.case.customer, now=now)


def _made(payment: VoicePayment, row: CardRefund, *, now: datetime) -> None:
    """The refund of a claim is posted by that claim. The payment's own process posts its refund under the same step, so
    it counts once, whoever is first."""
    if row.claim() is not None:
        return
    step = _step(payment, row)
    is_news = not given_back.is_posted(payment, step)
    other_ways.count(payment, step=step, amount=row.money, now=now)
    if is_news:
        with changing(payment.case_id) as case:
            told = {"amount": row.money.shown("en")}
            kind = "payment.refunded" if step == OURS else "payment.refunded_elsewhere"
            timeline.note(case, kind, by=system(), data=told, at=now)


def _failed(payment: VoicePayment, row: CardRefund, *, now: datetime) -> None:
    claim = row.claim()
    if claim is not None:
        _of_claim_failed(claim, payment, row, now=now)
        return
    known = Posting.objects.filter(key=posting.key_of(payment.case_id, _step(payment, row))).first()
    if known is None:
        return
    _post_failed(payment, row, known.money, now=now)
    pay_otherwise(row, now=now)


def _of_claim_failed(claim: PaymentClaim, payment: VoicePayment, row: CardRefund, *, now: datetime) -> None:
    """Where the claim has not noted yet that it was paid, it does so next, and finds that it failed."""
    with changing(claim.case_id) as case:
        own = PaymentClaim.of(case)
        if own.paid_at is None:
            return
        if own.paid_to == PaidTo.CARD.value:
            stay_on_balance(own, payment, row, now=now)


def stay_on_balance(claim: PaymentClaim, payment: VoicePayment, row: CardRefund, *, now: datetime) -> None:
    """What a claim paid to the card did not arrive: from now on the customer has it on their balance, at the expense of
    who bears it. Under the locks of both cases."""
    if claim.verdict == Verdict.MERCHANT:
        _post_failed(payment, row, row.money, now=now)
        moved = {
            f"credit: {row.id}": movements.credited(customer=claim.customer, amount=row.money),
            f"kept: {row.id}": crediting.borne(claim, row.money),
        }
    else:
        moved = {f"failed: {row.id}": movements.pay_back_failed(customer=claim.customer, amount=row.money)}
    posting.post(case_id=claim.case_id, movements=moved, by=system(), at=now)
    given_back.mark_refunded(payment, now=now)
    claim.paid_to = PaidTo.BALANCE.value
    claim.save(update_fields=["paid_to"])
    timeline.note(claim.case, "claim.refund_failed", by=system(), at=now)
    pay_otherwise(row, now=now)


def _post_failed(payment: VoicePayment, row: CardRefund, amount: Money, *, now: datetime) -> None:
    moved = movements.refund_failed(merchant=payment.merchant.company, amount=amount)
    posting.post(case_id=payment.case_id, movements={f"failed: {row.id}": moved}, by=system(), at=now)
    given_back.mark_refunded(payment, now=now)
    with changing(payment.case_id) as case:
        told = {"amount": amount.shown("en")}
        timeline.note(case, "payment.refund_failed", by=system(), data=told, at=now)


def _is_of_process(payment: VoicePayment, row: CardRefund) -> bool:
    return row.key.startswith(f"{payment.case_id}:")


def _step(payment: VoicePayment, row: CardRefund) -> str:
    return OURS if _is_of_process(payment, row) else f"refund {row.id}"
