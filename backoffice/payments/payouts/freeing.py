"""Lets held payouts go on once what held them is gone, whoever ended it: it is looked for, so that nobody has to tell.
And it alarms a supervisor where money waits for a merchant that cannot be paid."""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from backoffice.actors import Actor, system
from backoffice.cases import incidents
from backoffice.cases.models import CaseState, Incident, IncidentKind
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing, outside_any
from backoffice.payments.claims.models import PaymentClaim
from backoffice.payments.merchants.models import Merchant, MerchantState
from backoffice.payments.merchants.proposing import ACCOUNT_REFUSED, NO_ACCOUNT
from backoffice.payments.payouts import rights
from backoffice.payments.payouts.models import HeldBecause, Payout, PayoutState, payout_of
from backoffice.payments.voice.models import MoneyState
from backoffice.staff.rights import needs
from workflows.base.spec import Nothing
from workflows.voice_payment.spec import PAYOUT_CHANGED

AT_ONCE, WITHIN = 200, timedelta(seconds=10)
"""So many are read at once, and no more are begun after so long; the rest is for the next run."""
ALARMED_AGAIN = timedelta(days=1)
"""Where a supervisor said that it is done, and it is not."""
ALARMS = {HeldBecause.NO_ACCOUNT: NO_ACCOUNT, HeldBecause.REFUSED: ACCOUNT_REFUSED}


@needs(rights.FREE)
def free_all(*, by: Actor, now: datetime) -> int:
    """Tells the process of each payout that may go on, the longest waiting first, for as long as `WITHIN`; gives how
    many. `now` is aware UTC."""
    outside_any()
    ends, freed = time.monotonic() + WITHIN.total_seconds(), 0
    while waiting := list(free_ones(now).values_list("payment_id", flat=True)[:AT_ONCE]):
        freed += sum(_free(payment_id, now) for payment_id in waiting)
        if time.monotonic() > ends:
            break
    return freed


def _free(payment_id: uuid.UUID, now: datetime) -> bool:
    """Whether it was this run that told the process. Afterwards it is none of the `free_ones` in any case."""
    with changing(payment_id) as case:
        payout = payout_of(case)
        if payout is None or payout.freed_at is not None:
            return False
        payout.freed_at = now
        payout.save(update_fields=["freed_at"])
        signal(case, PAYOUT_CHANGED, Nothing())
    return True


def free_ones(now: datetime) -> QuerySet[Payout]:
    """Those whose process waits for something that is over, the longest waiting first. A day that comes it knows by
    itself. Where no process plays the payment any more, nobody can be told (`catching_up`)."""
    waiting = over(now).filter(freed_at=None).exclude(payment__case__state=CaseState.CLOSED)
    return waiting.order_by("due_at", "pk")


def over(now: datetime) -> QuerySet[Payout]:
    """Those that something held which is gone."""
    merchant = "payment__merchant__"
    claimed = Exists(PaymentClaim.objects.filter(payment=OuterRef("payment_id"), live=True))
    other_account = ~Q(**{f"{merchant}payout_account": F("account")}) & ~Q(**{f"{merchant}payout_account": ""})
    gone = (
        (Q(held_because=HeldBecause.CLAIM) & ~claimed)
        | (Q(held_because=HeldBecause.SUSPENDED) & ~Q(**{f"{merchant}state": MerchantState.SUSPENDED}))
        | (Q(held_because=HeldBecause.NO_ACCOUNT) & ~Q(**{f"{merchant}payout_account": ""}))
        | (Q(held_because=HeldBecause.REFUSED) & other_account)
    )
    refunded = Q(state__in=(PayoutState.HELD, PayoutState.WAITS), payment__money=MoneyState.REFUNDED)
    return Payout.objects.filter(Q(state=PayoutState.HELD) & gone | refunded)


@needs(rights.FREE)
def alarm_all(*, by: Actor, now: datetime) -> int:
    """Opens an alarm in the admission of each merchant whose money cannot be paid out, with a work item for a
    supervisor, unless one is open or a supervisor has answered it within a day; gives how many."""
    outside_any()
    alarmed = 0
    for because, key in ALARMS.items():
        known = Incident.objects.filter(case=OuterRef("case"), kind=IncidentKind.ALARM, key=key).filter(
            Q(resolved_at=None) | Q(resolved_at__gt=now - ALARMED_AGAIN)
        )
        waiting = Payout.objects.filter(state=PayoutState.HELD, held_because=because, payment__merchant=OuterRef("pk"))
        found = Merchant.objects.filter(Exists(waiting), ~Exists(known)).order_by("pk")
        for case_id in list(found.values_list("case_id", flat=True)[:AT_ONCE]):
            with changing(case_id) as case:
                incidents.open(case, IncidentKind.ALARM, by=system(), key=key, values={"code": key}, at=now, ask=True)
            alarmed += 1
    return alarmed
