"""Whether a payment may be ordered, before anything rings: the merchant's standing and limits, and the risk rules."""

from __future__ import annotations

from datetime import datetime

from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.merchants import standing
from backoffice.payments.voice.models import VoicePayment
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import RiskFound


def refuse(payment: VoicePayment, *, now: datetime) -> None:
    nothing = Money(0, payment.currency)
    refusal = standing.why_not_take(payment.merchant, payment.sum, taken_today=nothing, taken_this_month=nothing)
    if refusal:
        raise Conflict("refused", refusal, field="amount")


def assess(*, case: Case, args: Nothing, now: datetime) -> RiskFound:
    return RiskFound()
