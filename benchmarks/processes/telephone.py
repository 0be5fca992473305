"""A payment by telephone that its customer says they never ordered. What comes after, on the telephone, is mostly
waiting, and is measured with real calls (`benchmarks/voice_paying.py`)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.processes.claims import make_agent
from benchmarks.processes.script import Script

if TYPE_CHECKING:
    from backoffice.customers.models import Customer


class VoicePayment(Script):
    """Large enough that the customer is asked first; nothing rings."""

    name = "voice_payment"
    answers = {"confirm_order": {"outcome": "not_mine"}}

    def make(self, count: int) -> list[Customer]:
        return [self._make_customer() for _ in range(count)]

    def open_case(self, subject: Customer) -> uuid.UUID:
        from backoffice.actors import Actor, ActorKind
        from backoffice.customers import contact_points
        from backoffice.customers.models import ContactKind
        from backoffice.payments.voice import ordering

        agent, point = (
            make_agent(self._make_customer()),
            contact_points.current(customer=subject, kind=ContactKind.PHONE),
        )
        assert point is not None
        payment = ordering.order(
            agent=agent, by=Actor(kind=ActorKind.OUTSIDE, id=str(agent.public_id)), key=f"bench:{uuid.uuid4()}",
            data={
                "amount": "300.00", "what_for": "tulips", "phone": point.value, "last_four": "4242", "mode": "call_out",
            },
        )  # fmt: skip
        return uuid.UUID(str(payment.case_id))

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        """It ends as it should here by being rejected."""
        from backoffice.cases.models import Case, CaseOutcome

        return len(cases) - Case.objects.filter(id__in=cases, outcome=CaseOutcome.REJECTED).count()
