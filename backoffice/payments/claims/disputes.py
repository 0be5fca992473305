"""What the payment provider tells of refunds and of disputes at the customer's bank: the detection of claims, and the
ways by which money goes back without us. Events come twice, late and in any order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime

from backoffice.actors import Actor, system
from backoffice.cases import alarms, opening, timeline
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.money import Money
from backoffice.payments.claims import given_back
from backoffice.payments.claims.models import PaymentClaim, Why
from backoffice.payments.claims.opening import why_not_claim
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.voice.models import VoicePayment
from workflows.base.spec import Nothing
from workflows.payment_claim.facts import PaidTo
from workflows.payment_claim.spec import BANK_DECIDED, PAYMENT_CLAIM, WENT_BACK

TWICE = "claim_paid_twice"
OVER = frozenset({DisputeStatus.WON.value, DisputeStatus.LOST.value})
DISPUTES = frozenset({EventKind.DISPUTED, EventKind.DISPUTE_CHANGED, EventKind.DISPUTE_CLOSED})
REASONS: Mapping[str, Why] = {
    "fraudulent": Why.NOT_MINE,
    "unrecognized": Why.NOT_MINE,
    "product_not_received": Why.NOT_DELIVERED,
    "duplicate": Why.TWICE,
    "subscription_canceled": Why.OTHER,
}
"""By the card network's word: https://docs.stripe.com/disputes/categories."""


def reported(event: ProviderEvent, by: Actor, now: datetime) -> bool:
    """Takes an event of a payment by telephone; whether there is such a payment. `now` is aware UTC."""
    found = VoicePayment.objects.filter(provider_payment=event.payment)
    payment = found.select_related("case__customer", "merchant__company").first()
    if payment is None:
        return False
    if event.kind is EventKind.REFUNDED and event.amount >= payment.amount:
        _went_back(payment, now=now)
        if payment.claims.filter(paid_to=PaidTo.BALANCE.value).exists():
            _alarm(payment, key=event.id, now=now)
    if event.kind in DISPUTES and event.dispute is not None:
        _disputed(payment, event.dispute, now=now)
    return True


def _disputed(payment: VoicePayment, dispute: Dispute, *, now: datetime) -> None:
    """Opens a claim where there is none; keeps the state of the dispute, never an older one over its end."""
    if dispute.status is DisputeStatus.LOST:
        _lost(payment, dispute, now=now)
    claim = payment.claims.order_by("-received_at").first()
    if claim is None and dispute.status.value not in OVER:
        _open(payment, dispute, now=now)
    elif claim is not None:
        _keep_state(claim, dispute, now=now)


def _open(payment: VoicePayment, dispute: Dispute, *, now: datetime) -> None:
    """Nothing is opened about what went back already: the bank is told so by the provider."""
    if why_not_claim(payment, now=now):
        return
    why = REASONS.get(dispute.reason, Why.OTHER)
    opening.open_case(
        process=PAYMENT_CLAIM.name,
        customer=payment.case.customer,
        by=system(),
        key=f"dispute:{dispute.id}",
        content={
            "payment": payment.case.reference,
            "why": why.value,
            "dispute": dispute.id,
            "dispute_state": dispute.status.value,
        },
        reason=why.value,
        now=now,
    )


def _keep_state(claim: PaymentClaim, dispute: Dispute, *, now: datetime) -> None:
    with changing(claim.case_id) as case:
        locked = PaymentClaim.of(case)
        is_known = locked.dispute == dispute.id
        if is_known and (locked.dispute_state in OVER or locked.dispute_state == dispute.status.value):
            return
        locked.dispute, locked.dispute_state = dispute.id, dispute.status.value
        locked.save(update_fields=["dispute", "dispute_state"])
        timeline.note(case, "claim.bank_says", by=system(), data={"dispute": dispute.status.value}, at=now)
        if dispute.status is DisputeStatus.WON and locked.live:
            signal(case, BANK_DECIDED, Nothing())


def _lost(payment: VoicePayment, dispute: Dispute, *, now: datetime) -> None:
    """The bank gave the money to its customer: it counts as a refund of the payment. Where that went back before, or
    stays on the balance after a claim, the customer has it twice, and a supervisor is alarmed."""
    amount = Money(dispute.amount, payment.currency)
    claim = payment.claims.order_by("-received_at").first()
    with changing(claim.case_id) if claim else nullcontext():
        part = given_back.refund(payment=payment, step=f"dispute {dispute.id}", amount=amount, now=now)
    if given_back.of_payment(payment) >= payment.sum:
        _went_back(payment, now=now)
    if part < amount or (claim is not None and claim.paid_to == PaidTo.BALANCE.value):
        _alarm(payment, key=dispute.id, now=now)


def _alarm(payment: VoicePayment, *, key: str, now: datetime) -> None:
    """The customer has the money twice. Nothing here can take it from their card."""
    told = {"reference": payment.case.reference}
    alarms.sound(process=PAYMENT_CLAIM.name, code=TWICE, key=f"{TWICE}:{key}", told=told, now=now)


def _went_back(payment: VoicePayment, *, now: datetime) -> None:
    """All of it reached the card without the open claim, so its credit ends."""
    claim = payment.claims.filter(live=True).first()
    if claim is None:
        return
    with changing(claim.case_id) as case:
        locked = PaymentClaim.of(case)
        if locked.live and not locked.paid_at and not locked.went_back_at:
            locked.went_back_at = now
            locked.save(update_fields=["went_back_at"])
            timeline.note(case, "claim.went_back", by=system(), at=now)
            signal(case, WENT_BACK, Nothing())
