"""Payments that are disputed, and claims about them, played step by step without an engine."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backoffice.actors import Actor, system
from backoffice.cases import answering, opening
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer
from backoffice.payments.claims import refunds
from backoffice.payments.claims.models import PaymentClaim
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.balances import owed
from backoffice.payments.ledger.models import AccountKind
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.events import EventKind, ProviderEvent
from backoffice.payments.provider.ports import ProviderRefused, Refund, RefundStatus, Refusal
from backoffice.payments.voice.models import MoneyState, VoicePayment
from backoffice.staff.models import User
from tests.factories import actor, now
from tests.payments.making import make_voice_payment
from tests.playing import advance, customer_actor
from workflows.base.contracts import DoEffect

REASONS = "The tracking of the parcel shows that it was handed over at your door."


def make_paid(customer: Customer | None = None, **fields: Any) -> VoicePayment:
    """A payment of 25.00 EUR that was captured, as the ledger has it too."""
    payment = make_voice_payment(customer=customer, money=MoneyState.CAPTURED, **fields)
    took = movements.captured(merchant=payment.merchant.company, amount=payment.sum)
    post(case_id=payment.case_id, movements={"capture": took}, by=system(), at=payment.captured_at or now())
    return payment


def claim(payment: VoicePayment | None = None, by: Actor | None = None, /, *, key: str = "", **data: str) -> Case:
    payment = payment or make_paid()
    customer = payment.case.customer
    case, _new = opening.open_by_form(
        process="payment_claim",
        customer=customer,
        by=by or customer_actor(customer),
        key=key or str(uuid.uuid4()),
        data={"payment": payment.case.reference, "why": "not_delivered", **data},
    )
    return case


def refund_event(payment: VoicePayment, refund: Refund, kind: EventKind = EventKind.REFUND_MADE) -> ProviderEvent:
    """What the provider tells of one refund, in an event of its own."""
    told = (payment.provider_payment, "", refund.amount, refund.currency, now())
    return ProviderEvent(f"evt_{uuid.uuid4()}", kind, *told, refund=refund)


def make_returned_refund() -> Case:
    """The case of a refund that somebody made at the provider, and that did not arrive."""
    payment = make_paid()
    failed = Refund("re_1", "", payment.provider_payment, 10_00, "EUR", RefundStatus.FAILED)
    refunds.take(payment, failed, now=now())
    return Case.objects.get(process="refund_return", customer=payment.case.customer)


def of(case: Case) -> PaymentClaim:
    return PaymentClaim.objects.select_related("payment__merchant__company", "customer").get(case=case)


def does(case: Case, effect: str, **args: Any) -> None:
    """An effect of the story, in a step of its own."""
    advance(case, effects=(DoEffect(effect, args),))


def answer(item: WorkItem, user: User | None = None, /, **data: Any) -> None:
    """As the customer, or as this member of staff."""
    by = actor(user) if user else customer_actor(item.case.customer)
    answering.answer(item_id=item.id, by=by, data=data)


def balance_of(customer: Customer) -> int:
    """What we owe the customer, in cents."""
    return owed(kind=AccountKind.CUSTOMER, owner=customer, currency="EUR").minor


@dataclass
class Refunds:
    """What a provider gives back of one payment, as its port says: never more than was taken, nothing while a bank
    disputes it, the same key once. It implements no more of the port than these two requests."""

    payment: VoicePayment
    given: list[Refund] = field(default_factory=list)
    refuses: Refusal | None = None

    @property
    def on_the_card(self) -> int:
        return sum(one.amount for one in self.given if one.status is not RefundStatus.FAILED)

    def fail(self) -> Refund:
        """The newest that has arrived so far does not."""
        number = max(at for at, one in enumerate(self.given) if one.status is not RefundStatus.FAILED)
        self.given[number] = replace(self.given[number], status=RefundStatus.FAILED)
        return self.given[number]

    def refunds(self, payment: str) -> Sequence[Refund]:
        return self.given[::-1]

    def refund(self, payment: str, *, key: str, amount: int | None = None) -> Refund:
        left = self.payment.amount - self.on_the_card
        if key and (known := next((one for one in self.given if one.key == key), None)):
            return known
        if self.refuses is not None:
            raise ProviderRefused(self.refuses)
        if (amount or left) > left or not left:
            raise ProviderRefused(Refusal.MORE_THAN_CAPTURED)
        number = len(self.given) + 1
        told = (f"re_{number}", key, payment, amount or left, self.payment.currency, RefundStatus.DONE)
        self.given.append(Refund(*told))
        return self.given[-1]
