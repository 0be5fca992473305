"""Finding the payment of a case."""

from __future__ import annotations

from collections.abc import Iterable

from backoffice.cases.models import Case
from backoffice.payments.voice.models import VoiceCall, VoicePayment

WITH = ("case", "merchant", "agent", "card", "point__customer")


def payment_of(case: Case) -> VoicePayment:
    """Read once for each object of the case; within `changing` nobody else writes it."""
    return case.once("voice_payment", lambda: VoicePayment.objects.select_related(*WITH).get(case_id=case.id))


def know(payments: Iterable[VoicePayment]) -> None:
    """For a list of payments that were read with `WITH`: no rule reads one again by its case."""
    for payment in payments:
        payment.case.read["voice_payment"] = payment


def call_under_way(payment: VoicePayment) -> VoiceCall | None:
    return VoiceCall.objects.filter(payment=payment, ended_at=None).select_related("call").first()
