"""What has gone back of a payment, as our books have it.

Of one payment the customer gets its amount back at most once, by whichever of these ways comes first:

| who gives | what is posted, and in whose case | what ends then |
|---|---|---|
| we, until it is decided | `credited`, the claim's | `credit_reversed`, or one of the rows below |
| the merchant, or the bank after a dispute | `refunded`, the payment's | the credit: `credit_reversed` |
| the decision, borne by the merchant, to the card | `refunded`, the payment's | the credit: `credit_reversed` |
| the decision, borne by us, to the card | `credit_lost` and `paid_back`, the claim's | what is left at the provider |
| the decision, where the card cannot be paid | `credit_kept` or `credit_lost`, the claim's | refunds by the provider |

Two locks hold that. The provider gives back no more than it took, whoever asks. The ledger posts no more `refunded` in
a payment's case than was captured there, and ends no more credit than the claim gave. What the provider did before we
knew of it, `paying_back` asks it first. Only a bank can give back what a claim has settled already: then the customer
has it twice, which nobody here can prevent, and a supervisor is alarmed (`disputes`).
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from backoffice.actors import system
from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.ledger import movements, posting
from backoffice.payments.ledger.models import AccountKind, Entry, Posting, PostingKind
from backoffice.payments.voice.models import MoneyState, VoicePayment


def of_payment(payment: VoicePayment) -> Money:
    """What was refunded in the payment's own case, and paid back to its card in the cases of claims about it."""
    claims = list(payment.claims.values_list("case_id", flat=True))
    refunded = Posting.objects.filter(case_id=payment.case_id, kind=PostingKind.REFUNDED, currency=payment.currency)
    paid = Posting.objects.filter(case_id__in=claims, kind=PostingKind.PAID_BACK, currency=payment.currency)
    sums = [one.aggregate(sum=Sum("amount", default=0))["sum"] for one in (refunded, paid)]
    return Money(sum(int(one) for one in sums), payment.currency)


def credit_left(case: Case, currency: str) -> Money:
    """The credit of a claim on which nobody has decided."""
    found = Entry.objects.filter(posting__case_id=case.id, account__kind=AccountKind.COMPENSATION, currency=currency)
    return Money(int(found.aggregate(sum=Sum("minor", default=0))["sum"]), currency)


def refund(*, payment: VoicePayment, step: str, amount: Money, now: datetime) -> Money:
    """Posts in the payment's case what the provider gave back at the merchant's expense, at most what is left; gives
    how much that was. `now` is aware UTC."""
    Case.objects.select_for_update().get(pk=payment.case_id)
    locked = VoicePayment.objects.select_for_update(of=("self",)).select_related("merchant__company").get(pk=payment.pk)
    known = Posting.objects.filter(key=posting.key_of(payment.case_id, step)).first()
    if known is not None:
        return known.money
    part = min(amount, locked.sum - of_payment(locked))
    if part.minor <= 0:
        return Money(0, amount.currency)
    movement = movements.refunded(merchant=locked.merchant.company, amount=part)
    posting.post(case_id=payment.case_id, movements={step: movement}, by=system(), at=now)
    mark_refunded(locked, now=now)
    return part


def mark_refunded(payment: VoicePayment, *, now: datetime) -> None:
    """Says so on the payment once all of it went back. `payment` is locked."""
    if payment.money == MoneyState.CAPTURED and of_payment(payment) >= payment.sum:
        payment.money, payment.refunded_at = MoneyState.REFUNDED, now
        payment.save(update_fields=["money", "refunded_at"])
