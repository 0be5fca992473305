"""Pays merchants for payments that no process plays any more: those whose case had ended, delivered or
refunded, before anybody was paid out by it. What is done here is what such a process does (`planning`, `paying`), under
the same locks and keys, so a payment is paid out once, whoever asks and however often."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import models
from django.db.models import Q, QuerySet, Value

from backoffice.actors import Actor
from backoffice.cases import alarms
from backoffice.cases.models import Case, CaseOutcome, CaseState
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.unit_of_work import changing, outside_any
from backoffice.payments.payouts import freeing, paying, planning, rights
from backoffice.payments.payouts.models import HeldBecause, PayoutState, expected
from backoffice.payments.voice.models import Fulfilment, MoneyState, VoicePayment
from backoffice.payments.voice.records import payment_of
from backoffice.staff.rights import needs
from workflows.base.spec import Nothing
from workflows.voice_payment.facts import PayoutStands
from workflows.voice_payment.spec import VOICE_PAYMENT

log = structlog.get_logger(__name__)
AT_ONCE, WITHIN = 200, timedelta(seconds=20)
"""So many, and so long, in one run; the rest is done by the next."""
AWAY_AFTER = 3
"""A provider that has not answered for so many in a row is not asked about more of them in this run."""
STUCK = "payout_stuck"
"""The code of the alarm."""
_BEGUN = (PayoutState.EXPECTED, PayoutState.UNDER_WAY)


@needs(rights.CATCH_UP)
def catch_up(*, by: Actor, now: datetime) -> int:
    """Goes on with the payouts of payments that have ended, those first of which nothing was tried yet; gives how many
    were paid out. `now` is aware UTC. What the provider refuses to say alarms a supervisor."""
    outside_any()
    ends, paid, away = time.monotonic() + WITHIN.total_seconds(), 0, 0
    for case in [one.case for one in unsettled(now)[:AT_ONCE]]:
        if away == AWAY_AFTER or time.monotonic() > ends:
            break
        try:
            paid += _go_on(case, now)
            away = 0
        except OutsideUnavailable as failed:
            away += 1
            log.warning("payout of an ended payment waits for the provider", case=case.reference, why=failed.code)
        except OutsideRefused as refused:
            log.warning("payout of an ended payment is stuck", case=case.reference, why=refused.code)
            told = {"reference": case.reference}
            alarms.sound(process=VOICE_PAYMENT.name, code=STUCK, key=f"{STUCK}:{case.id}", told=told, now=now)
    return paid


def unsettled(now: datetime) -> QuerySet[VoicePayment]:
    """Ended, delivered or refunded, and not paid out, where something can be done about it now: of what was refunded
    only the provider's fee is to be noted. A case that was given up is none: a person has decided that."""
    over = Q(fulfilment=Fulfilment.DONE) | Q(money=MoneyState.REFUNDED)
    ended = VoicePayment.objects.filter(over, case__state=CaseState.CLOSED, case__outcome=CaseOutcome.DONE)
    cooled = Q(payout__held_because=HeldBecause.NEW_ACCOUNT, merchant__payout_cools_until__lte=now)
    asked_again = Q(payout__held_because=HeldBecause.REFUSED, payout__refused_at__lte=now - planning.AGAIN)
    goes_on = (
        Q(payout__state__in=_BEGUN)
        | Q(payout__state=PayoutState.WAITS, payout__due_at__lte=now)
        | Q(payout__in=freeing.over(now))
        | cooled
        | asked_again
    )
    untried, tried = models.When(payout=None, then=Value(0)), models.When(payout__state__in=_BEGUN, then=Value(2))
    taken = Q(money__in=(MoneyState.CAPTURED, MoneyState.REFUNDED))
    found = ended.filter(taken & Q(payout=None) | goes_on)
    return found.select_related("case").order_by(models.Case(untried, tried, default=Value(1)), "fulfilment_at", "pk")


def _go_on(case: Case, now: datetime) -> bool:
    """Whether it is paid out. Each call of the provider is made with no transaction open, as for a process."""
    with changing(case.id) as locked:
        is_fee_noted = expected(payment_of(locked)).provider_fee is not None
    nothing = Nothing()
    if not is_fee_noted:
        fee = paying.note_fee(case=case, args=nothing, key=f"{case.id}:caught_up:fee", asked_at=now, now=now)
        with changing(case.id) as locked:
            fee(locked, now)
    with changing(case.id) as locked:
        found = planning.look(case=locked, args=nothing, now=now)
    if found.stands is not PayoutStands.DUE:
        return False
    sent = paying.pay_out(case=case, args=nothing, key=f"{case.id}:caught_up:payout", asked_at=now, now=now)
    with changing(case.id) as locked:
        return sent(locked, now).paid
