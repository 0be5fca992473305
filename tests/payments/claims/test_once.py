"""Whatever comes in whatever order (a claim, its decision, a refund by the merchant, a dispute that is won or lost, and
events twice or late), the customer has the amount of a payment once, and the ledger comes to nought."""

from __future__ import annotations

from dataclasses import dataclass, field
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.payments.claims import crediting, disputes, given_back, paying_back
from backoffice.payments.claims.models import PaymentClaim, Verdict
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.provider.ports import ProviderRefused, Refusal
from backoffice.payments.voice.models import VoicePayment
from tests.factories import now
from tests.payments.claims.claiming import Refunds, balance_of, claim, make_paid, of
from tests.payments.ledger.books import balances, commit_checks
from tests.playing import outside_actor
from workflows.base.spec import Nothing
from workflows.payment_claim.facts import PaidTo

pytestmark = pytest.mark.django_db
ACTS = ("credit", "keep by us", "keep by merchant", "wrong", "refund", "tell refund", "dispute", "win", "lose", "again")


@dataclass
class World:
    """The claim, and what the outside has done. `late` are events that were made and not told yet."""

    payment: VoicePayment
    seam: Refunds
    case: Case
    dispute: str = ""
    by_the_bank: int = 0
    late: list[ProviderEvent] = field(default_factory=list)
    told: list[ProviderEvent] = field(default_factory=list)
    calls: int = 0

    @property
    def claim(self) -> PaymentClaim:
        return of(self.case)

    @property
    def is_over(self) -> bool:
        found = self.claim
        return bool(found.paid_at or found.went_back_at or found.reversed_at)

    def play(self, act: str) -> None:
        if act.startswith("keep"):
            self._decide(Verdict.US if act == "keep by us" else Verdict.MERCHANT)
        else:
            getattr(self, f"_{act.replace(' ', '_')}")()
        if self.claim.went_back_at and not self.claim.paid_at:
            self._take_back()

    def _credit(self) -> None:
        if not (self.is_over or self.claim.verdict or self.claim.credited_at):
            with changing(self.case.id) as case:
                crediting.credit(case=case, args=Nothing(), now=now())

    def _decide(self, verdict: Verdict) -> None:
        if self.is_over or self.claim.verdict:
            return
        PaymentClaim.objects.filter(case=self.case).update(verdict=verdict, decided_at=now())
        if verdict is not Verdict.WRONG:
            self._pay_back()

    def _wrong(self) -> None:
        if not self.is_over and not self.claim.verdict:
            self._decide(Verdict.WRONG)
            self._take_back()

    def _pay_back(self) -> PaidTo:
        self.calls += 1
        case = Case.objects.get(pk=self.case.pk)
        key = f"{case.id}:pay_back:{self.calls}"
        record = paying_back.pay_back(case=case, args=Nothing(), key=key, asked_at=now(), now=now())
        with changing(case.id) as locked:
            return record(locked, now()).to

    def _take_back(self) -> None:
        with changing(self.case.id) as case:
            crediting.take_back(case=case, args=Nothing(), now=now())

    def _refund(self) -> None:
        """By the merchant, in the case of the payment, as that posts it: where the provider does it."""
        try:
            self.seam.refund(self.payment.provider_payment, key=f"{self.payment.case_id}:refund:1")
        except ProviderRefused:
            return
        with changing(self.payment.case_id):
            given_back.refund(payment=self.payment, step="refund", amount=self.payment.sum, now=now())
        self.late.append(self._event(EventKind.REFUNDED))

    def _tell_refund(self) -> None:
        if self.late:
            self._tell(self.late.pop(0))

    def _dispute(self) -> None:
        """A bank disputes nothing that went back to the card."""
        if not self.dispute and not self.seam.given:
            self.dispute, self.seam.refuses = "open", Refusal.DISPUTED
            self._tell(self._event(EventKind.DISPUTED, DisputeStatus.NEEDS_ANSWER))

    def _win(self) -> None:
        if self.dispute == "open":
            self.dispute, self.seam.refuses = "won", None
            self._tell(self._event(EventKind.DISPUTE_CLOSED, DisputeStatus.WON))

    def _lose(self) -> None:
        if self.dispute == "open":
            self.dispute, self.by_the_bank = "lost", self.payment.amount
            self.late.append(self._event(EventKind.DISPUTE_CLOSED, DisputeStatus.LOST))

    def _again(self) -> None:
        for event in self.told:
            disputes.reported(event, outside_actor(), now())

    def _tell(self, event: ProviderEvent) -> None:
        self.told.append(event)
        disputes.reported(event, outside_actor(), now())

    def _event(self, kind: EventKind, status: DisputeStatus | None = None) -> ProviderEvent:
        amount = self.payment.amount
        dispute = Dispute("du_1", status, "fraudulent", amount, None) if status else None
        told = (self.payment.provider_payment, "", amount, "EUR", now())
        return ProviderEvent(f"evt_{kind}_{status}", kind, *told, dispute=dispute)

    def end(self) -> None:
        """The bank decides, all that is late is told, and the claim is played to its end."""
        for act in ("lose", "tell refund", "tell refund", "tell refund", "keep by us"):
            self.play(act)
        while not self.is_over and self.claim.verdict != Verdict.WRONG:
            assert self._pay_back() is not PaidTo.AT_THE_BANK


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), max_size=7))
def test_the_customer_has_the_amount_once(acts: list[str]) -> None:
    with transaction.atomic():
        payment = make_paid()
        world = World(payment, Refunds(payment), claim(payment))
        with mock.patch.object(paying_back, "provider", return_value=world.seam):
            for act in acts:
                world.play(act)
            world.end()

        on_the_card = sum(one.amount for one in world.seam.given) + world.by_the_bank
        has = on_the_card + balance_of(world.case.customer)
        is_right = world.claim.verdict in (Verdict.US, Verdict.MERCHANT)
        assert has == (payment.amount if is_right or on_the_card else 0)
        assert balances().get(("compensation", None, "EUR"), 0) == 0
        commit_checks()
        assert verify().wrong == []
        transaction.set_rollback(True)
