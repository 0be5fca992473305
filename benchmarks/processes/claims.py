"""A claim about a payment by telephone: credited at once, looked into, and kept. The provider knows no such payment, so
the money stays on the balance after it was asked."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.processes.merchants import MerchantAdmission
from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.cases.models import Case
    from backoffice.customers.models import Customer
    from backoffice.payments.agents.models import MerchantAgent
    from backoffice.payments.voice.models import VoicePayment

_AMOUNT = 25_00
_MERCHANT = {"trade": "5992", "iban": "NL91ABNA0417164300", "currency": "EUR"}
_LIMITS = {"per_payment": 1_000_00, "per_day": 10_000_00, "per_month": 100_000_00}


class PaymentClaim(Script):
    name = "payment_claim"
    answers = {"investigate": {"outcome": "merchant", "because": "", "reason": "It was not delivered"}}

    def make(self, count: int) -> list[VoicePayment]:
        """Payments of as many customers to one merchant."""
        agent = make_agent(self._make_customer())
        return [self._paid(agent) for _ in range(count)]

    def open_case(self, subject: VoicePayment) -> uuid.UUID:
        customer = subject.case.customer
        return self._open(customer, customer_actor(customer), payment=subject.case.reference, why="not_delivered")

    def _paid(self, agent: MerchantAgent) -> VoicePayment:
        from backoffice.customers import contact_points
        from backoffice.customers.models import ContactKind
        from backoffice.payments.voice.models import MoneyState, VoicePayment

        customer, now = self._make_customer(), datetime.now(UTC)
        point = contact_points.current(customer=customer, kind=ContactKind.PHONE)
        assert point is not None
        return VoicePayment.objects.create(
            case=row("voice_payment", customer, now), merchant=agent.merchant, agent=agent, what_for="tulips",
            amount=_AMOUNT, currency="EUR", mode="call_out", last_four="4242", point=point, money=MoneyState.CAPTURED,
            ordered_at=now, captured_at=now, provider_payment=f"pi_bench_{uuid.uuid4().hex}",
        )  # fmt: skip


def make_agent(company: Customer) -> MerchantAgent:
    """Of a merchant that the company becomes without an admission."""
    from backoffice.payments.agents.models import MerchantAgent
    from backoffice.payments.merchants.models import Merchant

    now, name = datetime.now(UTC), f"bench{uuid.uuid4().hex[:24]}"
    merchant = Merchant.objects.create(
        case=row(MerchantAdmission.name, company, now), company=company, trading_name=name, name_key=name,
        admitted_at=now, review_due=now, **_MERCHANT, **_LIMITS,
    )  # fmt: skip
    return MerchantAgent.objects.create(merchant=merchant, name="Bench", added_at=now, added_by="bench")


def row(process: str, customer: Customer, now: datetime) -> Case:
    """The row of a case that nobody plays."""
    from backoffice.cases.models import Case

    return Case.objects.create(process=process, customer=customer, opened_at=now, opening_key=f"bench:{uuid.uuid4()}")
