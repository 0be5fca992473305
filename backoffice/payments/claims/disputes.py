"""What the payment provider tells of refunds and of disputes at the customer's bank: the detection of claims, and the
ways by which money goes back without us. Events come twice, late and in any order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from backoffice.actors import Actor, system
from backoffice.cases import opening, timeline
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.celery import app
from backoffice.money import Money
from backoffice.payments.claims import given_back, other_ways, refunds
from backoffice.payments.claims.models import CardRefund, PaymentClaim, Why
from backoffice.payments.claims.opening import why_not_claim
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.provider.ports import provider
from backoffice.payments.voice.models import VoicePayment
from workflows.base.spec import Nothing
from workflows.payment_claim.spec import BANK_DECIDED, PAYMENT_CLAIM

log = structlog.get_logger(__name__)
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
LOOK_AT_REFUNDS = "payments.look_at_refunds"


def reported(event: ProviderEvent, by: Actor, now: datetime) -> bool:
    """Takes an event of a payment by telephone; whether there is such a payment. `now` is aware UTC."""
    found = VoicePayment.objects.filter(provider_payment=event.payment)
    payment = found.select_related("case__customer", "merchant__company").first()
    if payment is None:
        return False
    if event.refund is not None:
        refunds.take(payment, event.refund, now=now)
    if event.kind is EventKind.REFUNDED and event.amount > _known(payment):
        transaction.on_commit(partial(_wake, payment))
    if event.kind is EventKind.FRAUD_WARNING:
        _warned(payment, event, now=now)
    if event.kind in DISPUTES and event.dispute is not None:
        _disputed(payment, event.dispute, now=now)
    return True


def _wake(payment: VoicePayment) -> None:
    try:
        app.send_task(LOOK_AT_REFUNDS, args=[str(payment.pk)], ignore_result=True)
    except OperationalError as away:
        log.warning("broker away, refunds are not looked at", why=type(away).__name__)


def look_at_refunds(*, payment: VoicePayment, now: datetime) -> None:
    """Asks the provider for each refund of a payment: it told only how much went back altogether. Where it does not
    answer, its own events of each refund, and each claim that is paid out, still find them. `now` is aware UTC."""
    seam = provider()
    if seam is None:
        return
    for one in reversed(seam.refunds(payment.provider_payment)):
        refunds.take(payment, one, now=now)


def _known(payment: VoicePayment) -> int:
    return sum(CardRefund.objects.filter(payment=payment, failed_at=None).values_list("amount", flat=True))


def _disputed(payment: VoicePayment, dispute: Dispute, *, now: datetime) -> None:
    """Opens a claim where there is none; keeps the state of the dispute, never an older one over its end."""
    if dispute.status is DisputeStatus.LOST:
        _lost(payment, dispute, now=now)
    claims = list(payment.claims.order_by("-received_at"))
    if not any(one.live or one.verdict or one.dispute for one in claims) and dispute.status.value not in OVER:
        _open(payment, dispute, now=now)
    for claim in [one for one in claims if one.live] or claims[:1]:
        _keep_state(claim, dispute, now=now)


def _warned(payment: VoicePayment, event: ProviderEvent, *, now: datetime) -> None:
    """The card's issuer takes the payment for a fraud, before anybody has disputed it: the customer hears from us
    first. Nothing where it went back, or somebody claims it already."""
    if payment.claims.exists() or why_not_claim(payment, now=now):
        return
    why = Why.NOT_MINE
    opening.open_case(
        process=PAYMENT_CLAIM.name,
        customer=payment.case.customer,
        by=system(),
        key=f"fraud-warning:{payment.pk}",
        content={"payment": payment.case.reference, "why": why.value, "detected": True},
        reason=why.value,
        now=now,
    )


def _lost(payment: VoicePayment, dispute: Dispute, *, now: datetime) -> None:
    """The bank gave the money to its customer: it counts as a refund of the payment, once."""
    step, amount = f"dispute {dispute.id}", Money(dispute.amount, payment.currency)
    with other_ways.locked(payment) as fresh:
        if not given_back.is_posted(fresh, step):
            other_ways.count(fresh, step=step, amount=amount, now=now)


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
            "minor": dispute.amount,
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
