"""What the process does to our own records: gives a credit, takes it back, announces that, or lets it stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backoffice.actors import system
from backoffice.cases import incidents, timeline
from backoffice.cases.models import Case, IncidentKind
from backoffice.money import Money
from backoffice.payments.claim_answers import asking
from backoffice.payments.claims import given_back
from backoffice.payments.claims.models import PaymentClaim, Verdict
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.movements import Movement
from backoffice.payments.payout_returns.opening import followed
from workflows.base.spec import Nothing
from workflows.claim_answer.facts import How
from workflows.payment_claim.facts import Announce, PaidTo

OVERDUE = "claim_overdue"


def credit(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The customer has the amount on their balance from now on. Nothing where all of it went back meanwhile."""
    claim = PaymentClaim.of(case)
    if not claim.open:
        return Nothing()
    _post(claim, {"credit": movements.credited(customer=claim.customer, amount=claim.open)}, now)
    claim.credited_at = now
    claim.save(update_fields=["credited_at"])
    timeline.note(case, "claim.credited", by=system(), at=now)
    return Nothing()


def take_back(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """What is left of the credit. Nothing where it was not given, or is settled."""
    claim = PaymentClaim.of(case)
    left = given_back.credit_left(case, claim.currency)
    if left:
        _post(claim, {"take_back": movements.credit_reversed(customer=claim.customer, amount=left)}, now)
        claim.reversed_at = now
        claim.save(update_fields=["reversed_at"])
        timeline.note(case, "claim.credit_taken_back", by=system(), at=now)
    return Nothing()


def announce_reversal(*, case: Case, args: Announce, now: datetime) -> Nothing:
    """From now on the customer sees on which day the credit is taken back."""
    claim = PaymentClaim.of(case)
    claim.reverse_on = args.until
    claim.save(update_fields=["reverse_on"])
    timeline.note(case, "claim.reversal_announced", by=system(), at=now)
    return Nothing()


def let_keep(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """Nobody decided by the last day, so the customer keeps it, and we bear it."""
    claim = PaymentClaim.of(case)
    claim.verdict, claim.decided_at = Verdict.US, now
    claim.save(update_fields=["verdict", "decided_at"])
    asking.tell_decision(claim, How.US, now=now)
    timeline.note(case, "claim.time_ran_out", by=system(), at=now)
    return Nothing()


def alarm_overdue(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """A supervisor and compliance see it until it is decided and was looked into."""
    incidents.open(case, IncidentKind.ALARM, by=system(), key=OVERDUE, values={"code": OVERDUE}, at=now)
    timeline.note(case, "claim.overdue", by=system(), at=now)
    return Nothing()


def keep_on_balance(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The card cannot be paid, so the amount stays on the balance for good."""
    claim = PaymentClaim.of(case)
    keep(claim, claim.open, now=now)
    return Nothing()


def keep(claim: PaymentClaim, amount: Money, *, now: datetime) -> None:
    """Lets so much of what is claimed stay on the balance, borne by who was decided, and takes back the rest of the
    credit. It is given first where no credit was."""
    moved = {**resized(claim, amount), "kept": borne(claim, amount)}
    if claim.verdict == Verdict.MERCHANT:
        with followed(given_back.locked_payment(claim.payment), now=now):
            _post(claim, moved, now)
    else:
        _post(claim, moved, now)
    claim.paid_to, claim.paid_at = PaidTo.BALANCE.value, now
    claim.save(update_fields=["paid_to", "paid_at"])
    timeline.note(claim.case, "claim.kept_on_balance", by=system(), at=now)
    if claim.verdict == Verdict.MERCHANT:
        asking.tell_taken(claim, now=now)


def borne(claim: PaymentClaim, amount: Money) -> Movement:
    """Ends so much of the credit at the expense of who bears it."""
    if claim.verdict == Verdict.MERCHANT:
        return movements.credit_kept(merchant=claim.payment.merchant.company, amount=amount)
    return movements.credit_lost(amount=amount)


def resized(claim: PaymentClaim, amount: Money) -> Mapping[str, Movement]:
    """What makes the credit of a claim exactly so large."""
    more = amount - given_back.credit_left(claim.case, claim.currency)
    if more.minor > 0:
        return {"credit_more": movements.credited(customer=claim.customer, amount=more)}
    if more.minor < 0:
        return {"credit_less": movements.credit_reversed(customer=claim.customer, amount=-more)}
    return {}


def _post(claim: PaymentClaim, moved: Mapping[str, Movement], now: datetime) -> None:
    posting.post(case_id=claim.case_id, movements=moved, by=system(), at=now)
