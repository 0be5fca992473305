"""Paying back to the card what a customer keeps. The provider is asked first what it gave back already, so that nothing
that it did before we knew of it is given twice; `given_back` has the table of all ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideUnavailable
from backoffice.money import Money
from backoffice.payments.claim_answers import asking
from backoffice.payments.claims import crediting, given_back, refunds
from backoffice.payments.claims.models import PaymentClaim, Verdict
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.balances import owed
from backoffice.payments.ledger.models import AccountKind
from backoffice.payments.provider.ports import (
    NoAnswer,
    NotSent,
    PaymentProvider,
    ProviderRefused,
    Refund,
    RefundStatus,
    Refusal,
    provider,
)
from workflows.base.spec import Nothing
from workflows.payment_claim.facts import PaidBack, PaidTo


@dataclass(frozen=True)
class Given:
    """What became of it: `to` the card so much, or to the balance so much."""

    to: PaidTo
    amount: Money


def pay_back(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[PaidBack]:
    """Refunds what is left of the payment, at most what is claimed. What we bear stays on the balance where the
    customer owes us so much that it settles their debt. Raises `OutsideUnavailable`."""
    seam, claim = provider(), PaymentClaim.of(case)
    if seam is None:
        raise OutsideUnavailable("no_provider")
    try:
        given = _given(seam, claim, key)
    except (NotSent, NoAnswer) as failed:
        raise OutsideUnavailable(failed.reason) from failed

    def record(locked: Case, at: datetime) -> PaidBack:
        return _recorded(PaymentClaim.of(locked), given, now=at)

    return record


def _given(seam: PaymentProvider, claim: PaymentClaim, key: str) -> Given:
    """Raises `NotSent` and `NoAnswer`. What the provider refuses for good stays on the balance."""
    try:
        return _at_the_provider(seam, claim, key)
    except ProviderRefused as refused:
        if refused.because is Refusal.MORE_THAN_CAPTURED:
            raise NotSent("refunded meanwhile") from refused
        return Given(PaidTo.AT_THE_BANK if refused.because is Refusal.DISPUTED else PaidTo.BALANCE, claim.open)


def _at_the_provider(seam: PaymentProvider, claim: PaymentClaim, key: str) -> Given:
    paid = claim.payment
    refunds = [one for one in seam.refunds(paid.provider_payment) if one.status is not RefundStatus.FAILED]
    if (ours := next((one for one in refunds if _is_ours(one, claim)), None)) is not None:
        return Given(PaidTo.CARD, Money(ours.amount, claim.currency))
    at_provider = Money(paid.amount - sum(one.amount for one in refunds), claim.currency)
    left = min(claim.open, at_provider, paid.sum - given_back.settled_of(paid))
    if left.minor <= 0:
        return Given(PaidTo.ELSEWHERE, Money(0, claim.currency))
    if claim.verdict == Verdict.US and _settles_a_debt(claim):
        return Given(PaidTo.BALANCE, left)
    seam.refund(paid.provider_payment, key=key, amount=left.minor)
    return Given(PaidTo.CARD, left)


def _is_ours(refund: Refund, claim: PaymentClaim) -> bool:
    """The key of a call begins with the id of its case."""
    return refund.key.startswith(f"{claim.case_id}:")


def _settles_a_debt(claim: PaymentClaim) -> bool:
    """Whether the customer would owe us something without the credit of this claim."""
    balance = owed(kind=AccountKind.CUSTOMER, owner=claim.customer, currency=claim.currency)
    return balance < given_back.credit_left(claim.case, claim.currency)


def _recorded(claim: PaymentClaim, given: Given, *, now: datetime) -> PaidBack:
    """Nothing is posted for a claim that is settled already."""
    if claim.paid_at is not None:
        return PaidBack(to=PaidTo(claim.paid_to))
    match given.to:
        case PaidTo.AT_THE_BANK:
            timeline.note(claim.case, "claim.at_the_bank", by=system(), at=now)
        case PaidTo.BALANCE:
            crediting.keep(claim, given.amount, now=now)
        case PaidTo.ELSEWHERE:
            crediting.take_back(case=claim.case, args=Nothing(), now=now)
            _mark(claim, PaidTo.ELSEWHERE, now)
        case PaidTo.CARD:
            _to_the_card(claim, given.amount, now=now)
            _mark(claim, PaidTo.CARD, now)
            timeline.note(claim.case, "claim.paid_back", by=system(), at=now)
            _if_it_failed_already(claim, now=now)
    return PaidBack(to=PaidTo(claim.paid_to) if claim.paid_to else given.to)


def _if_it_failed_already(claim: PaymentClaim, *, now: datetime) -> None:
    """The provider's report can come before its answer was noted here."""
    failed = refunds.failed_of(claim)
    if failed is not None:
        refunds.stay_on_balance(claim, given_back.locked_payment(claim.payment), failed, now=now)


def _to_the_card(claim: PaymentClaim, amount: Money, *, now: datetime) -> None:
    """At the merchant's expense it is a refund of the payment, and the credit ends. At ours the credit is a loss, and
    what the customer then has on their balance went to the card."""
    if claim.verdict == Verdict.MERCHANT:
        crediting.take_back(case=claim.case, args=Nothing(), now=now)
        given_back.refund(payment=claim.payment, step=f"claim {claim.case_id}", amount=amount, now=now)
        asking.tell_taken(claim, now=now)
        return
    moved = {
        **crediting.resized(claim, amount),
        "kept": crediting.borne(claim, amount),
        "paid_back": movements.paid_back(customer=claim.customer, amount=amount),
    }
    posting.post(case_id=claim.case_id, movements=moved, by=system(), at=now)
    given_back.mark_refunded(given_back.locked_payment(claim.payment), now=now)


def _mark(claim: PaymentClaim, to: PaidTo, now: datetime) -> None:
    claim.paid_to, claim.paid_at = to.value, now
    claim.save(update_fields=["paid_to", "paid_at"])
