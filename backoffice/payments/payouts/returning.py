"""Money that comes back from a merchant after it was paid out, because its customer got theirs back.

By default it stays as a debt on the merchant's account in our books, and the next payouts keep it (`planning`). Whoever
needs it at once calls `ask` in a call of their process, and `record` in the transaction that notes the answer; claims
may do that. What the provider's own staff takes back there is posted when it is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.outside import OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.money import Money
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.payouts.models import Payout, PayoutState, payout_of
from backoffice.payments.payouts.paying import asked
from backoffice.payments.provider import taking
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.provider.ports import NoAnswer, NotSent, ProviderRefused
from backoffice.payments.voice.models import VoicePayment


@dataclass(frozen=True)
class Returned:
    """How much of a payout the provider has taken back altogether, in minor units; 0 where nothing was paid out."""

    payout: str
    altogether: int


def ask(*, payment: VoicePayment, amount: Money, key: str) -> Returned:
    """Has the provider take back so much of what was paid out for a payment, at most what is left of it. The same key
    takes it back once. What the merchant's account does not hold stays a debt. Raises `OutsideUnavailable`."""
    payout = Payout.objects.filter(payment=payment, state=PayoutState.PAID).first()
    if payout is None:
        return Returned("", 0)
    try:
        before = _found(payout)
        most = min(amount.minor, payout.amount - before)
        if most <= 0:
            return Returned(payout.transfer, before)
        try:
            return Returned(payout.transfer, asked().take_back(payout.transfer, key=key, amount=most).returned)
        except ProviderRefused:
            return Returned(payout.transfer, _found(payout))
    except (NotSent, NoAnswer) as failed:
        raise OutsideUnavailable(failed.reason) from failed


def record(*, payment: VoicePayment, returned: Returned, now: datetime) -> Money:
    """Posts what our books do not have yet of it, in the payment's case; gives how much that was."""
    with changing(payment.case_id) as case:
        payout = payout_of(case)
        if payout is None or payout.state != PayoutState.PAID or payout.transfer != returned.payout:
            return Money(0, payment.currency)
        more = Money(min(returned.altogether, payout.amount) - payout.returned, payout.currency)
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
        record(payment=payout.payment, returned=Returned(payout.transfer, event.amount), now=now)
    return True


def _is_under_way(key: str) -> bool:
    return any(one.key == key for one in Payout.objects.filter(state=PayoutState.UNDER_WAY, payment_id=_case(key)))


def _case(key: str) -> UUID | None:
    """The case in the key of a payout."""
    try:
        return UUID(key.partition(":")[0])
    except ValueError:
        return None


def _found(payout: Payout) -> int:
    """What was taken back of it already. Raises `NoAnswer` where the provider does not name it."""
    for one in asked().payouts(group=payout.group):
        if one.id == payout.transfer:
            return one.returned
    raise NoAnswer("unknown_payout")


taking.register("payouts", reported)
