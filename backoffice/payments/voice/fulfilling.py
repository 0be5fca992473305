"""Whether what was paid for was delivered, as the merchant says, or one of us finds out."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing
from backoffice.payments.voice import rights
from backoffice.payments.voice.models import Fulfilment, MoneyState, VoicePayment
from backoffice.payments.voice.ordering import agent_of
from backoffice.payments.voice.records import payment_of
from backoffice.refusals import Conflict, NotFound
from backoffice.staff.rights import needs
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import Reported
from workflows.voice_payment.spec import DELIVERY


@needs(rights.TELL_DELIVERY)
def report(*, payment: VoicePayment, fulfilled: bool, by: Actor, now: datetime) -> VoicePayment:
    """What the merchant says. The same again changes nothing; what cannot be delivered is refunded.

    Raises `NotFound` for another merchant's payment, `Conflict` before it is paid, and for something else than was said
    before: whoever has said that it was delivered gives the money back by a refund.
    """
    with changing(payment.case_id) as case:
        fresh, agent = payment_of(case), agent_of(by)
        if agent is None or agent.merchant_id != fresh.merchant_id:
            raise NotFound("unknown_payment", _("There is no such payment."))
        told = Fulfilment.DONE if fulfilled else Fulfilment.FAILED
        if fresh.fulfilment == told:
            return fresh
        if fresh.fulfilment:
            raise Conflict("told_otherwise", _("Something else was said about the delivery of this before."))
        if fresh.money != MoneyState.CAPTURED:
            raise Conflict("not_paid", _("This is not paid, so there is nothing to deliver."))
        _note(case, fresh, told, by=by, now=now)
        signal(case, DELIVERY, Reported(fulfilled=fulfilled))
        return fresh


def note(*, case: Case, args: Reported, now: datetime) -> Nothing:
    """What one of us has found out, where the merchant said nothing."""
    payment = payment_of(case)
    if not payment.fulfilment:
        _note(case, payment, Fulfilment.DONE if args.fulfilled else Fulfilment.FAILED, by=system(), now=now)
    return Nothing()


def _note(case: Case, payment: VoicePayment, told: Fulfilment, *, by: Actor, now: datetime) -> None:
    payment.fulfilment, payment.fulfilment_at = told, now
    payment.save(update_fields=["fulfilment", "fulfilment_at"])
    if told is Fulfilment.DONE:
        timeline.note(case, "payment.delivered", by=by, at=now)
    else:
        timeline.note(case, "payment.not_delivered", by=by, at=now)
