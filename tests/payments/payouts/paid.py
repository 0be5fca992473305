"""A payment as it is after its delivery: taken by the provider, in the ledger, with the provider's fee; and what the
process does with it then, played without an engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.actors import system
from backoffice.cases.models import Event
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.claims.models import PaymentClaim
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.models import Account, Posting
from backoffice.payments.ledger.posting import post
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.payouts.models import Payout
from backoffice.payments.provider.ports import Payout as Sent
from backoffice.payments.provider.ports import PayoutOrder
from backoffice.payments.voice.models import Fulfilment, MoneyState, VoicePayment
from tests.devstack.payment_simulator.simulator import Payments, new_key
from tests.factories import now
from tests.payments.making import make_case, make_voice_payment
from tests.payments.voice.ordered import ask
from tests.playing import advance
from workflows.base.contracts import DoEffect


@dataclass(frozen=True)
class Shop:
    bank: Payments
    merchant: Merchant
    agent: MerchantAgent


def pay(shop: Shop, amount: int = 25_00, *, at: datetime | None = None, delivered: bool = True) -> VoicePayment:
    """Taken, posted and delivered; the provider's fee is posted, too."""
    payment = take(shop, amount, at=at, delivered=delivered)
    ask(payment.case, "note_provider_fee")
    return payment


def take(shop: Shop, amount: int = 25_00, *, at: datetime | None = None, delivered: bool = True) -> VoicePayment:
    """The same without the provider's fee: as every payment was before merchants were paid out."""
    provider, at = shop.bank.adapter(), at or now()
    held = provider.authorise(shop.bank.order(amount=amount), key=new_key())
    provider.capture(held.id, key=new_key())
    told: dict[str, Any] = {"fulfilment": Fulfilment.DONE, "fulfilment_at": at} if delivered else {}
    payment = make_voice_payment(
        agent=shop.agent, money=MoneyState.CAPTURED, amount=amount, captured_at=at, provider_payment=held.id, **told
    )
    taken = movements.captured(merchant=shop.merchant.company, amount=payment.sum)
    post(case_id=payment.case_id, movements={"captured": taken}, by=system(), at=at)
    return payment


def look(payment: VoicePayment, *, at: datetime | None = None) -> dict[str, object]:
    """What the process learns of the payout."""
    payment.case.refresh_from_db()
    payment.case.read.clear()
    return dict(advance(payment.case, effects=(DoEffect("look_at_payout"),), at=at or now()).facts)


def pays_out(payment: VoicePayment, *, number: int = 1) -> bool:
    """Whether the provider paid it out, asked for the `number`th time."""
    payment.case.read.clear()
    return bool(ask(payment.case, "pay_out", number=number).facts["paid"])


def settle(payment: VoicePayment) -> Payout:
    """Looked at and paid out."""
    assert look(payment)["stands"] == "due"
    assert pays_out(payment)
    return Payout.objects.get(payment=payment)


def sent(shop: Shop, payment: VoicePayment) -> list[Sent]:
    """What the provider has paid out for it."""
    return list(shop.bank.adapter().payouts(group=str(payment.case_id)))


def order_of(payment: VoicePayment, account: str, amount: int) -> PayoutOrder:
    return PayoutOrder(payment.provider_payment, account, amount, payment.currency, str(payment.case_id))


def posted(payment: VoicePayment) -> dict[str, int]:
    """By the kind of the posting, in its own case."""
    return dict(Posting.objects.filter(case_id=payment.case_id).values_list("kind", "amount"))


def owes(merchant: Merchant) -> int:
    """What the merchant owes us; below nought what we owe it."""
    return Account.objects.get(kind="merchant", owner=merchant.company).balance


def notes(payment: VoicePayment) -> list[str]:
    found = Event.objects.filter(case_id=payment.case_id, kind__startswith="payout.").order_by("number")
    return [kind.removeprefix("payout.") for kind in found.values_list("kind", flat=True)]


def claim(payment: VoicePayment) -> PaymentClaim:
    """An open claim about all of it, as a row."""
    at = now()
    return PaymentClaim.objects.create(
        case=make_case("payment_claim", payment.case.customer),
        payment=payment,
        customer=payment.case.customer,
        why="not_mine",
        came="portal",
        amount=payment.amount,
        currency=payment.currency,
        received_at=at,
        credit_by=at,
        decide_by=at,
        latest_by=at,
    )


def refund(shop: Shop, payment: VoicePayment, amount: int) -> None:
    """By the provider and in our books."""
    shop.bank.adapter().refund(payment.provider_payment, key=new_key(), amount=amount)
    moved = movements.refunded(merchant=shop.merchant.company, amount=type(payment.sum)(amount, payment.currency))
    post(case_id=payment.case_id, movements={new_key(): moved}, by=system(), at=now())
    if amount == payment.amount:
        VoicePayment.objects.filter(pk=payment.pk).update(money=MoneyState.REFUNDED, refunded_at=now())
