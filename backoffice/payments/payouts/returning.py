"""What the provider has taken back of a payout from the merchant's account, in our books: because we asked for it
(`payout_returns`), or because its own staff did, which it reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.unit_of_work import changing
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.payouts.models import Payout, PayoutState, payout_of
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.voice.models import VoicePayment


def record(*, payment: VoicePayment, transfer: str, altogether: int, now: datetime) -> Money:
    """Posts in the payment's case what our books do not have yet of what was taken back altogether (minor units) of
    this payout; gives how much that was. `now` is aware UTC."""
    with changing(payment.case_id) as case:
        payout = payout_of(case)
        if payout is None or payout.state != PayoutState.PAID or payout.transfer != transfer:
            return Money(0, payment.currency)
        more = Money(min(altogether, payout.amount) - payout.returned, payout.currency)
        if more.minor <= 0:
            return Money(0, payout.currency)
        payout.returned += more.minor
        payout.save(update_fields=["returned"])
        moved = movements.payout_returned(merchant=payout.payment.merchant.company, amount=more)
        post(case_id=case.id, movements={f"payout returned {payout.returned}": moved}, by=system(), at=now)
        timeline.note(case, "payout.returned", by=system(), data={"amount": more.shown("en")}, at=now)
        return more


def reported(event: ProviderEvent, by: Actor, now: datetime) -> bool:
    """Takes the events of payouts; whether there is such a payout. One that comes before we have the answer that it was
    made is known by its key, and comes again where it matters."""
    if event.kind not in (EventKind.PAID_OUT, EventKind.PAYOUT_RETURNED):
        return False
    payout = Payout.objects.filter(transfer=event.payment).select_related("payment").first()
    if payout is None:
        return event.kind is EventKind.PAID_OUT and _is_under_way(event.key)
    if event.kind is EventKind.PAYOUT_RETURNED:
        record(payment=payout.payment, transfer=payout.transfer, altogether=event.amount, now=now)
    return True


def _is_under_way(key: str) -> bool:
    return any(one.key == key for one in Payout.objects.filter(state=PayoutState.UNDER_WAY, payment_id=_case(key)))


def _case(key: str) -> UUID | None:
    """The case in the key of a payout."""
    try:
        return UUID(key.partition(":")[0])
    except ValueError:
        return None


taking.register("payouts", reported)
