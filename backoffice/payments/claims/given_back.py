"""What has gone back of a payment, as our books have it.

Of one payment the customer gets its amount back at most once, by whichever of these ways comes first:

| who gives | what is posted, and in whose case | what ends then |
|---|---|---|
| we, until it is decided | `credited`, the claim's | `credit_reversed`, or one of the rows below |
| the merchant, or the bank after a dispute | `refunded`, the payment's | as much of the credit: `credit_reversed` |
| the decision, borne by the merchant, to the card | `refunded`, the payment's | the credit: `credit_reversed` |
| the decision, borne by us, to the card | `credit_lost` and `paid_back`, the claim's | what is left at the provider |
| the decision, where the card cannot be paid | `credit_kept` or `credit_lost`, the claim's | refunds by the provider |
| we, after a refund that did not arrive | `refund_failed`, then one of the row before | the refund |

Two locks hold that. The provider gives back no more than it took, whoever asks. The ledger posts no more `refunded` in
a payment's case than was captured there, and ends no more credit than the claim gave. What the provider did before we
knew of it, `paying_back` asks it first. Only a bank, or somebody at the provider's own pages, can give back what a
claim has settled already: then the customer has it twice, which nobody here can prevent, and a supervisor is alarmed
(`disputes`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.claims.models import PaymentClaim, Verdict
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.models import AccountKind, Entry, Posting, PostingKind
from backoffice.payments.payout_returns.opening import followed
from backoffice.payments.voice.models import MoneyState, VoicePayment


def of_payment(payment: VoicePayment) -> Money:
    """What went to its card: refunded in the payment's own case, and paid back in those of claims about it; less what
    did not arrive."""
    refunded = _sum(payment, {payment.case_id}, PostingKind.REFUNDED, less=PostingKind.REFUND_FAILED)
    return refunded + _sum(payment, _claims_of(payment), PostingKind.PAID_BACK, less=PostingKind.PAY_BACK_FAILED)


def settled_of(payment: VoicePayment) -> Money:
    """What the customer has of it for good, on the card or on their balance, whoever bears it."""
    refunded = _sum(payment, {payment.case_id}, PostingKind.REFUNDED, less=PostingKind.REFUND_FAILED)
    cases = _claims_of(payment) | set(payment.refunds.exclude(case=None).values_list("case_id", flat=True))
    return refunded + _sum(payment, cases, PostingKind.CREDIT_KEPT, PostingKind.CREDIT_LOST)


def to_claim(payment: VoicePayment) -> Money:
    """What nobody has claimed or got back yet: the payment, less what the customer has of it for good, less what open
    claims are about, less what was decided to be right. Call it under the lock of the payment to keep to it."""
    left = payment.sum - settled_of(payment)
    for claim in payment.claims.all():
        if claim.is_unsettled or claim.verdict == Verdict.WRONG:
            left -= claim.open
    return max(left, Money(0, payment.currency))


def credit_left(case: Case, currency: str) -> Money:
    """The credit of a claim on which nobody has decided."""
    found = Entry.objects.filter(posting__case_id=case.id, account__kind=AccountKind.COMPENSATION, currency=currency)
    return Money(int(found.aggregate(sum=Sum("minor", default=0))["sum"]), currency)


def refund(*, payment: VoicePayment, step: str, amount: Money, now: datetime) -> Money:
    """Posts in the payment's case what the provider gave back at the merchant's expense, at most what is left; gives
    how much that was. `now` is aware UTC."""
    locked = locked_payment(payment)
    known = Posting.objects.filter(key=posting.key_of(payment.case_id, step)).first()
    if known is not None:
        return known.money
    part = min(amount, locked.sum - of_payment(locked))
    if part.minor <= 0:
        return Money(0, amount.currency)
    movement = movements.refunded(merchant=locked.merchant.company, amount=part)
    with followed(locked, now=now):
        posting.post(case_id=payment.case_id, movements={step: movement}, by=system(), at=now)
        mark_refunded(locked, now=now)
    return part


def is_posted(payment: VoicePayment, step: str) -> bool:
    """Whether this step of the payment's case has posted something."""
    return Posting.objects.filter(key=posting.key_of(payment.case_id, step)).exists()


def locked_payment(payment: VoicePayment) -> VoicePayment:
    """The payment as it is now, locked with its case. Lock the cases of its claims before."""
    Case.objects.select_for_update().get(pk=payment.case_id)
    found = VoicePayment.objects.select_for_update(of=("self",)).select_related("case", "merchant__company")
    return found.get(pk=payment.pk)


def mark_refunded(payment: VoicePayment, *, now: datetime) -> None:
    """Says so on the payment once all of it went back to the card, and no more where a refund did not arrive. `payment`
    is locked."""
    is_back = of_payment(payment) >= payment.sum
    if payment.money == MoneyState.CAPTURED and is_back:
        payment.money, payment.refunded_at = MoneyState.REFUNDED, now
    elif payment.money == MoneyState.REFUNDED and not is_back:
        payment.money, payment.refunded_at = MoneyState.CAPTURED, None
    else:
        return
    payment.save(update_fields=["money", "refunded_at"])


def unsettled(payment: VoicePayment) -> list[PaymentClaim]:
    """The claims by which the customer may still get something, the oldest first."""
    return [one for one in payment.claims.filter(live=True).order_by("received_at", "pk") if one.is_unsettled]


def _claims_of(payment: VoicePayment) -> set[UUID]:
    return set(payment.claims.values_list("case_id", flat=True))


def _sum(payment: VoicePayment, cases: Collection[UUID], *kinds: PostingKind, less: PostingKind | None = None) -> Money:
    found = Posting.objects.filter(case_id__in=cases, currency=payment.currency)
    added = found.filter(kind__in=kinds).aggregate(sum=Sum("amount", default=0))["sum"]
    taken = found.filter(kind=less).aggregate(sum=Sum("amount", default=0))["sum"] if less else 0
    return Money(int(added) - int(taken), payment.currency)
