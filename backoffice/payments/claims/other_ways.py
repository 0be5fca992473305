"""Money that goes back to the card of a payment by another way than a claim: by the merchant, by somebody at the
provider's own pages, or by the customer's bank. It is posted in the payment's case, and what is claimed becomes less by
it, the oldest claim first, so that nobody is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from backoffice.actors import system
from backoffice.cases import alarms, timeline
from backoffice.cases.signals import signal
from backoffice.cases.unit_of_work import changing, unit_of_work
from backoffice.money import Money
from backoffice.payments.claims import given_back
from backoffice.payments.claims.models import PaymentClaim
from backoffice.payments.ledger import movements, posting
from backoffice.payments.voice.models import VoicePayment
from workflows.base.spec import Nothing
from workflows.payment_claim.spec import PAYMENT_CLAIM, WENT_BACK

TWICE = "claim_paid_twice"


@contextmanager
def locked(payment: VoicePayment) -> Iterator[VoicePayment]:
    """The payment as it is now, locked after the cases of its claims, always in this order, in one unit of work."""
    with unit_of_work(), ExitStack() as held:
        for case_id in payment.claims.order_by("pk").values_list("case_id", flat=True):
            held.enter_context(changing(case_id))
        yield given_back.locked_payment(payment)


def count(payment: VoicePayment, *, step: str, amount: Money, now: datetime) -> Money:
    """Takes note that so much went to the card; gives how much of it was still to be given back. Call it once for each
    `step` of the payment's case; a step that is posted already is not posted again. Where the customer has more than
    they paid now, a supervisor is alarmed. `now` is aware UTC."""
    with locked(payment) as fresh:
        part = given_back.refund(payment=fresh, step=step, amount=amount, now=now)
        _claim_less(fresh, part, step=step, now=now)
        if part < amount or given_back.settled_of(fresh) > fresh.sum:
            told = {"reference": fresh.case.reference}
            alarms.sound(process=PAYMENT_CLAIM.name, code=TWICE, key=f"{TWICE}:{step}"[:120], told=told, now=now)
        return part


def _claim_less(payment: VoicePayment, part: Money, *, step: str, now: datetime) -> None:
    left = part
    for one in given_back.unsettled(payment):
        gone = min(left, one.open)
        if not gone:
            return
        left -= gone
        with changing(one.case_id) as case:
            claim = PaymentClaim.of(case)
            claim.returned += gone.minor
            if not claim.open:
                claim.went_back_at = now
                timeline.note(case, "claim.went_back", by=system(), at=now)
                signal(case, WENT_BACK, Nothing())
            else:
                _credit_less(claim, step=step, now=now)
                told = {"amount": gone.shown("en")}
                timeline.note(case, "claim.part_went_back", by=system(), data=told, at=now)
            claim.save(update_fields=["returned", "went_back_at"])


def _credit_less(claim: PaymentClaim, *, step: str, now: datetime) -> None:
    """The credit is never more than what is still claimed."""
    over = given_back.credit_left(claim.case, claim.currency) - claim.open
    if over.minor > 0:
        moved = movements.credit_reversed(customer=claim.customer, amount=over)
        posting.post(case_id=claim.case_id, movements={f"less: {step}"[:100]: moved}, by=system(), at=now)
