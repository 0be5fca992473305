"""Whether a payment may be ordered, before anything rings: what the risk rules say, in words for whoever asks."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.payments.risk import assessing
from backoffice.payments.risk.orders import Order, StepUp
from backoffice.payments.risk.rules import RULES, SUSPEND
from backoffice.payments.voice.models import VoicePayment
from backoffice.payments.voice.records import payment_of
from backoffice.refusals import Conflict
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import Mode, RiskFound

ASKS_MORE = _("For this, the customer is asked first. Call this order off, and order anew.")
"""What was not asked before anything rang cannot be asked for once it rings."""


def refuse(payment: VoicePayment, *, now: datetime) -> None:
    """Notes on the payment which rules spoke up. Raises `Conflict` for what they refuse: on `mode` where a call-out
    would do, otherwise on `amount`, in words that tell nothing of the customer. `now` is aware UTC."""
    found = assessing.assess(_order(payment), now=now, besides=payment.case_id)
    is_change, known = payment.version > 1, assessing.steps_of(payment.risk)
    payment.risk = list(found.codes)
    if is_change and found.steps - known - {StepUp.CALL_OUT_ONLY}:
        raise Conflict("asks_more", str(ASKS_MORE), field="amount")
    if found.denied:
        words = found.standing or str(assessing.words(found.denied[0])[1])
        raise Conflict("risk_refused", words, field="amount")
    if StepUp.CALL_OUT_ONLY in found.steps and payment.mode == Mode.SAME_CALL:
        asks = next(code for code in found.codes if RULES[code].result is StepUp.CALL_OUT_ONLY)
        raise Conflict("call_out_only", str(assessing.words(asks)[1]), field="mode")


def assess(*, case: Case, args: Nothing, now: datetime) -> RiskFound:
    """Once more when the process begins, beside what was ordered meanwhile; a merchant is suspended where a rule
    demands it."""
    payment = payment_of(case)
    order = _order(payment)
    found = assessing.assess(order, now=now, besides=case.id)
    payment.risk = list(found.codes)
    payment.save(update_fields=["risk"])
    alarming = tuple(code for code in found.codes if RULES[code].result == SUSPEND)
    if refused_by := found.denied + alarming:
        timeline.note(case, "payment.denied", by=system(), data={"rule": refused_by[0]}, at=now)
    assessing.alarm(order=order, assessment=found, now=now)
    return RiskFound(
        denied=bool(refused_by),
        identity=StepUp.IDENTITY in found.steps,
        document=StepUp.DOCUMENT in found.steps,
    )


def _order(payment: VoicePayment) -> Order:
    return Order(
        merchant=payment.merchant,
        agent=payment.agent,
        customer=payment.case.customer,
        point=payment.point,
        card=payment.card,
        last_four=payment.last_four,
        amount=payment.sum,
        mode=Mode(payment.mode),
    )
