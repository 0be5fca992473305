"""Whatever comes in whatever order (claims about parts of a payment, their decisions, refunds by the merchant and by
somebody at the provider's pages, refunds that do not arrive, a dispute that is won or lost, and events twice or late),
the customer has the amount once or a supervisor is alarmed, has what their claims come to, and the ledger comes to
nought."""

from __future__ import annotations

from dataclasses import dataclass, field
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from backoffice.cases.models import Alarm, Case
from backoffice.cases.unit_of_work import changing
from backoffice.payments.claims import crediting, disputes, given_back, paying_back
from backoffice.payments.claims.models import CardRefund, PaymentClaim, Verdict
from backoffice.payments.ledger.verifying import verify
from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent
from backoffice.payments.provider.ports import ProviderRefused, Refund, RefundStatus, Refusal
from backoffice.payments.voice.models import VoicePayment
from tests.factories import now
from tests.payments.claims.claiming import Refunds, balance_of, claim, make_paid, of, refund_event
from tests.payments.ledger.books import balances, commit_checks
from tests.playing import outside_actor
from workflows.base.spec import Nothing
from workflows.payment_claim.facts import PaidTo

pytestmark = pytest.mark.django_db
OF_ONE = ("credit", "us", "merchant", "wrong")
ACTS = (
    *(f"{what} {number}" for what in OF_ONE for number in (0, 1)),
    *("refund", "refund at the provider", "fail", "tell", "tell last", "dispute", "win", "lose", "again"),
)


@dataclass
class World:
    """Two claims about parts of a payment, and what the outside has done. `late` are events that were not told yet."""

    payment: VoicePayment
    seam: Refunds
    cases: list[Case]
    dispute: str = ""
    by_the_bank: int = 0
    late: list[ProviderEvent] = field(default_factory=list)
    told: list[ProviderEvent] = field(default_factory=list)
    calls: int = 0

    def claim(self, number: int) -> PaymentClaim:
        return of(self.cases[number])

    def is_over(self, number: int) -> bool:
        found = self.claim(number)
        return bool(found.paid_at or found.went_back_at or found.reversed_at)

    def play(self, act: str) -> None:
        what, number = act.rsplit(" ", 1) if act[-1].isdigit() else (act, "")
        if number:
            self._of_claim(what, int(number))
        else:
            getattr(self, f"_{what.replace(' ', '_')}")()
        for one in (0, 1):
            found = self.claim(one)
            if found.went_back_at and not found.paid_at:
                self._take_back(one)

    def _of_claim(self, what: str, number: int) -> None:
        found = self.claim(number)
        if self.is_over(number) or found.verdict:
            return
        if what == "credit":
            if not found.credited_at:
                with changing(found.case_id) as case:
                    crediting.credit(case=case, args=Nothing(), now=now())
            return
        PaymentClaim.objects.filter(pk=found.pk).update(verdict=Verdict(what), decided_at=now())
        if what == "wrong":
            self._take_back(number)
        else:
            self._pay_back(number)

    def _pay_back(self, number: int) -> PaidTo:
        self.calls += 1
        case = Case.objects.get(pk=self.cases[number].pk)
        key, before = f"{case.id}:pay_back:{self.calls}", len(self.seam.given)
        record = paying_back.pay_back(case=case, args=Nothing(), key=key, asked_at=now(), now=now())
        self.late += [self._event_of(one) for one in self.seam.given[before:]]
        with changing(case.id) as locked:
            return record(locked, now()).to

    def _take_back(self, number: int) -> None:
        with changing(self.cases[number].id) as case:
            crediting.take_back(case=case, args=Nothing(), now=now())

    def _refund(self) -> None:
        """All that is left, by the merchant, in the case of the payment, as that posts it."""
        left = self.payment.sum - given_back.settled_of(self.payment)
        made = self._made(f"{self.payment.case_id}:refund", left.minor) if left else None
        if made is not None:
            with changing(self.payment.case_id):
                given_back.refund(payment=self.payment, step="refunded", amount=left, now=now())

    def _refund_at_the_provider(self) -> None:
        """8.00 EUR, by somebody there, of whom we only hear."""
        self._made("", 8_00)

    def _made(self, key: str, amount: int | None) -> Refund | None:
        try:
            made = self.seam.refund(self.payment.provider_payment, key=key, amount=amount)
        except ProviderRefused:
            return None
        self.late.append(self._event_of(made))
        return made

    def _fail(self) -> None:
        if self.seam.on_the_card:
            self.late.append(self._event_of(self.seam.fail(), EventKind.REFUND_FAILED))

    def _tell(self) -> None:
        if self.late:
            self._hear(self.late.pop(0))

    def _tell_last(self) -> None:
        """Out of order."""
        if self.late:
            self._hear(self.late.pop())

    def _dispute(self) -> None:
        """A bank disputes nothing that went back to the card."""
        if not self.dispute and not self.seam.on_the_card:
            self.dispute, self.seam.refuses = "open", Refusal.DISPUTED
            self._hear(self._event(EventKind.DISPUTED, DisputeStatus.NEEDS_ANSWER))

    def _win(self) -> None:
        if self.dispute == "open":
            self.dispute, self.seam.refuses = "won", None
            self._hear(self._event(EventKind.DISPUTE_CLOSED, DisputeStatus.WON))

    def _lose(self) -> None:
        if self.dispute == "open":
            self.dispute, self.by_the_bank = "lost", self.payment.amount
            self.late.append(self._event(EventKind.DISPUTE_CLOSED, DisputeStatus.LOST))

    def _again(self) -> None:
        for event in self.told:
            disputes.reported(event, outside_actor(), now())

    def _hear(self, event: ProviderEvent) -> None:
        self.told.append(event)
        disputes.reported(event, outside_actor(), now())

    def _event_of(self, refund: Refund, kind: EventKind = EventKind.REFUND_MADE) -> ProviderEvent:
        return refund_event(self.payment, refund, kind)

    def _event(self, kind: EventKind, status: DisputeStatus) -> ProviderEvent:
        amount = self.payment.amount
        told = (self.payment.provider_payment, "", amount, "EUR", now())
        return ProviderEvent(f"evt_{kind}_{status}", kind, *told, dispute=Dispute("du_1", status, "", amount, None))

    def end(self) -> None:
        """The bank decides, all that is late is told, and the claims are played to their end."""
        self.play("lose")
        while self.late:
            self.play("tell")
        for number in (0, 1):
            self.play(f"us {number}")
            while not self.is_over(number) and self.claim(number).verdict != Verdict.WRONG:
                assert self._pay_back(number) is not PaidTo.AT_THE_BANK
        while self.late:
            self.play("tell")
        self.play("again")


@settings(
    max_examples=14,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(ACTS), max_size=9))
@example(acts=["credit 0", "credit 1", "refund at the provider", "tell", "us 0", "merchant 1", "fail", "tell"])
@example(acts=["credit 0", "merchant 0", "fail", "tell last", "tell", "refund", "fail", "tell last", "again"])
@example(acts=["refund", "fail", "tell last", "tell", "credit 1", "wrong 0", "dispute", "lose"])
def test_the_customer_has_the_amount_once(acts: list[str]) -> None:
    with transaction.atomic():
        payment = make_paid()
        world = World(payment, Refunds(payment), [claim(payment, amount="10.00"), claim(payment)])
        with mock.patch.object(paying_back, "provider", return_value=world.seam):
            for act in acts:
                world.play(act)
            world.end()

        has = world.seam.on_the_card + world.by_the_bank + balance_of(payment.case.customer)
        claims = [world.claim(number) for number in (0, 1)]
        right = sum(one.amount for one in claims if one.verdict != Verdict.WRONG or one.went_back_at)
        assert [one.amount for one in claims] == [10_00, 15_00]
        assert has >= right
        assert has <= payment.amount or Alarm.objects.filter(code="claim_paid_twice").exists()
        failed = [one.id for one in world.seam.given if one.status is RefundStatus.FAILED]
        assert sorted(CardRefund.objects.exclude(failed_at=None).values_list("pk", flat=True)) == sorted(failed)
        assert balances().get(("compensation", None, "EUR"), 0) == 0
        commit_checks()
        assert verify().wrong == []
        transaction.set_rollback(True)
