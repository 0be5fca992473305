"""What follows a claim, a refund and the payment of a bill: a merchant's answer, a refund that did not arrive, money
of a payout that comes back, and a bill whose payment a bank took back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.processes.claims import PaymentClaim, row
from benchmarks.processes.invoices import Duplicate

if TYPE_CHECKING:
    from backoffice.domains.models import Invoice
    from backoffice.payments.bills.models import BillPage
    from backoffice.payments.claim_answers.models import ClaimAnswer as Answered
    from backoffice.payments.voice.models import VoicePayment


class ClaimAnswer(PaymentClaim):
    """Beside the row of a claim that nobody plays: the merchant answers, and we bear it."""

    name = "claim_answer"
    answers = {"send_evidence": {"text": "It was handed over at the door."}}

    def open_case(self, subject: VoicePayment) -> uuid.UUID:
        from backoffice.payments.claim_answers import asking
        from backoffice.payments.claims.models import PaymentClaim as Claim

        now = datetime.now(UTC)
        dates = dict.fromkeys(("credit_by", "decide_by", "latest_by"), now + timedelta(days=30))
        claim = Claim.objects.create(
            case=row("payment_claim", subject.case.customer, now), payment=subject, customer=subject.case.customer,
            why="other", came="portal", amount=subject.amount, currency=subject.currency, received_at=now, **dates,
        )  # fmt: skip
        asking.ask(claim, now=now)
        return uuid.UUID(str(claim.answer_of_merchant.case_id))

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        from backoffice.payments.claim_answers.models import ClaimAnswer as Answered

        found = Answered.objects.filter(case_id__in=cases, answered_at__isnull=False, told_at=None)
        return list(found.select_related("claim"))

    def report(self, letter: Answered) -> None:
        from backoffice.payments.claim_answers import asking
        from workflows.claim_answer.facts import How

        asking.tell_decision(letter.claim, How.US, now=datetime.now(UTC))


class RefundReturn(PaymentClaim):
    """Somebody gave it back at the provider's own pages, and the card is closed."""

    name = "refund_return"
    answers = {"pay_otherwise": {"outcome": "kept", "transfer": "", "reason": "As they want it"}}

    def open_case(self, subject: VoicePayment) -> uuid.UUID:
        from backoffice.actors import system
        from backoffice.payments.claims import refunds
        from backoffice.payments.claims.models import CardRefund
        from backoffice.payments.ledger import movements
        from backoffice.payments.ledger.posting import post
        from backoffice.payments.provider.ports import Refund, RefundStatus

        now, refund = datetime.now(UTC), f"re_bench_{uuid.uuid4().hex}"
        took = movements.captured(merchant=subject.merchant.company, amount=subject.sum)
        post(case_id=subject.case_id, movements={"captured": took}, by=system(), at=now)
        told = (subject.provider_payment, subject.amount, subject.currency, RefundStatus.FAILED)
        refunds.take(subject, Refund(refund, "", *told), now=now)
        return uuid.UUID(str(CardRefund.objects.get(pk=refund).case_id))


class PayoutReturn(PaymentClaim):
    """Somebody gave back what was paid out already. The provider knows no such payout, so that the merchant owes it,
    and the case waits for the next week."""

    name = "payout_return"
    answers = {}

    def open_case(self, subject: VoicePayment) -> uuid.UUID:
        from backoffice.actors import system
        from backoffice.payments.claims import other_ways
        from backoffice.payments.ledger import movements
        from backoffice.payments.ledger.posting import post
        from backoffice.payments.payouts.models import Payout, PayoutState

        now, company = datetime.now(UTC), subject.merchant.company
        moved = {
            "captured": movements.captured(merchant=company, amount=subject.sum),
            "payout": movements.settled(merchant=company, amount=subject.sum),
        }
        post(case_id=subject.case_id, movements=moved, by=system(), at=now)
        payout = Payout.objects.create(
            payment=subject, state=PayoutState.PAID, amount=subject.amount, account="acct_bench", taken_at=now,
            asked_at=now, paid_at=now, transfer=f"tr_bench_{uuid.uuid4().hex}",
        )  # fmt: skip
        other_ways.count(subject, step="refund", amount=subject.sum, now=now)
        return uuid.UUID(str(payout.returns.get().case_id))

    def unfinished(self, cases: Sequence[uuid.UUID]) -> bool:
        from backoffice.payments.payout_returns.models import PayoutReturn as Back
        from backoffice.payments.payout_returns.models import ReturnState

        return Back.objects.filter(case_id__in=cases, state=ReturnState.UNDER_WAY).exists()

    def not_done(self, cases: Sequence[uuid.UUID]) -> int:
        """It ends for now as it should here by being owed."""
        from backoffice.payments.payout_returns.models import PayoutReturn as Back
        from backoffice.payments.payout_returns.models import ReturnState

        return len(cases) - Back.objects.filter(case_id__in=cases, state=ReturnState.OWED).count()


class BillDispute(Duplicate):
    """Of an invoice such as duplicates are made of, which somebody had paid by card. The bank keeps the money."""

    name = "bill_dispute"
    answers = {"answer_bank": {"outcome": "accepted", "reason": "We cannot show who paid"}}

    def open_case(self, subject: Invoice) -> uuid.UUID:
        from backoffice.actors import system
        from backoffice.customers import bills
        from backoffice.payments.bills.models import BillPage, PageState
        from backoffice.payments.ledger import movements
        from backoffice.payments.ledger.posting import post
        from backoffice.payments.provider.events import EventKind

        now, bill = datetime.now(UTC), bills.kind_of("invoice").look(str(subject.public_id))
        assert bill is not None
        page = BillPage.objects.create(
            kind="invoice", bill=bill.key, reference=bill.reference, customer=bill.customer,
            amount=bill.to_pay.minor, currency=bill.to_pay.currency, opened_at=now, looked_at=now, ends_at=now,
            state=PageState.BOOKED, payment=f"bench_{uuid.uuid4().hex}", paid_at=now,
            case=row("bill_payment", bill.customer, now),
        )  # fmt: skip
        assert page.case is not None
        post(case_id=page.case.id, movements={"paid": movements.bill_paid(amount=page.sum)}, by=system(), at=now)
        _hear(page, EventKind.MONEY_WITHDRAWN)
        return uuid.UUID(str(page.disputes.get().case_id))

    def letters(self, cases: Sequence[uuid.UUID]) -> list[Any]:
        from backoffice.payments.bills.models import BillDispute as Disputed

        found = Disputed.objects.filter(case_id__in=cases, over_at=None, case__stage="at_the_bank")
        return [one.page for one in found.select_related("page__case", "page__customer")]

    def report(self, letter: BillPage) -> None:
        from backoffice.payments.provider.events import EventKind

        _hear(letter, EventKind.DISPUTE_CLOSED)


def _hear(page: BillPage, kind: Any) -> None:
    """What the provider tells of the page's dispute, which is lost once it is closed."""
    from backoffice.payments.bills import disputes
    from backoffice.payments.provider.events import Dispute, DisputeStatus, EventKind, ProviderEvent

    now = datetime.now(UTC)
    status = DisputeStatus.LOST if kind is EventKind.DISPUTE_CLOSED else DisputeStatus.NEEDS_ANSWER
    dispute = Dispute(f"du_{page.pk.hex}", status, "fraudulent", page.amount, None)
    event = ProviderEvent("evt", kind, page.payment, "", page.amount, page.currency, now, dispute=dispute)
    disputes.reported(page, event, dispute, now=now)
