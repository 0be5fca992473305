"""What the provider keeps of payments that are no merchant's: top-ups, and bills that were paid by card. We bear it. Of
a merchant's payment its own process asks, because what it is paid depends on it (`payouts.paying`)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from backoffice.actors import Actor, system
from backoffice.cases import alarms, timeline
from backoffice.cases.unit_of_work import changing, outside_any
from backoffice.money import Money
from backoffice.payments.bills.models import CAME, BillPage
from backoffice.payments.ledger import movements, rights
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.ports import NotSent, PaymentProvider, ProviderFailed, ProviderRefused, provider
from backoffice.payments.top_up.models import MoneyState, TopUp
from backoffice.staff.rights import needs
from workflows.bill_payment.spec import BILL_PAYMENT
from workflows.top_up.spec import TOP_UP

log = structlog.get_logger(__name__)
FEE = "provider fee"
"""The step of the ledger."""
UNKNOWN = "fee_unknown"
"""The code of the alarm."""
AT_ONCE, WITHIN = 200, timedelta(seconds=20)
"""So many of each kind, and so long, in one run; the rest is done by the next."""


@dataclass(frozen=True)
class Kept:
    """A payment of which the provider keeps something that nobody here has noted. `row` is what it is for, beside its
    case; `process` and `noted` are the codes of its process and of its event."""

    row: TopUp | BillPage
    case_id: uuid.UUID
    payment: str
    process: str
    noted: str


@needs(rights.NOTE_FEES)
def note_all(*, by: Actor, now: datetime) -> int:
    """Asks for the fees that we do not know and posts them, the longest unknown first; gives how many are known now.
    `now` is aware UTC. One that the provider refuses to tell alarms a supervisor, and keeps no other back."""
    outside_any()
    asked = provider()
    if asked is None:
        return 0
    ends, noted = time.monotonic() + WITHIN.total_seconds(), 0
    for one in unnoted():
        if time.monotonic() > ends:
            break
        try:
            noted += _note(one, asked, now)
        except ProviderRefused as refused:
            log.warning("fee of a payment is refused", payment=one.payment, why=refused.reason)
            told = {"reference": one.payment}
            alarms.sound(process=one.process, code=UNKNOWN, key=f"{UNKNOWN}:{one.case_id}", told=told, now=now)
        except ProviderFailed as failed:
            log.warning("fee of a payment is not known", payment=one.payment, why=failed.reason)
            if isinstance(failed, NotSent):
                break
    return noted


def unnoted() -> Iterable[Kept]:
    """At most `AT_ONCE` of each kind, the longest unknown first."""
    top_ups = TopUp.objects.filter(money=MoneyState.CAPTURED, provider_fee=None).order_by("captured_at")
    for top_up in top_ups[:AT_ONCE]:
        yield Kept(top_up, top_up.case_id, top_up.provider_payment, TOP_UP.name, "top_up.fee")
    pages = BillPage.objects.filter(state__in=sorted(CAME), provider_fee=None).order_by("paid_at")
    for page in pages[:AT_ONCE]:
        assert page.case_id is not None, "a constraint of the database says so"
        yield Kept(page, page.case_id, page.payment, BILL_PAYMENT.name, "bill.fee")


def _note(kept: Kept, asked: PaymentProvider, now: datetime) -> bool:
    """Whether that was news."""
    fee = Money(asked.fee(kept.payment), kept.row.currency)
    with changing(kept.case_id) as case:
        unnoted = type(kept.row)._default_manager.filter(pk=kept.row.pk, provider_fee=None)
        if not unnoted.update(provider_fee=fee.minor):
            return False
        if fee.minor:
            post(case_id=case.id, movements={FEE: movements.fee_borne(amount=fee)}, by=system(), at=now)
            timeline.note(case, kept.noted, by=system(), data={"amount": fee.shown("en")}, at=now)
    return True
