"""Takes back what a merchant was paid out of a payment whose customer has the money back: each time that something is
posted at the merchant's expense after its payout, and once a payout has arrived that such a thing came before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice.actors import Actor, system
from backoffice.cases import opening, timeline
from backoffice.cases.models import Case
from backoffice.payments.merchants.models import Merchant
from backoffice.payments.payout_returns.models import PayoutReturn
from backoffice.payments.payouts import planning
from backoffice.payments.payouts.models import Payout, PayoutState
from backoffice.payments.voice.models import VoicePayment
from workflows.base.spec import Nothing
from workflows.payout_return.spec import PAYOUT_RETURN


@contextmanager
def followed(payment: VoicePayment, *, now: datetime) -> Iterator[None]:
    """Stands around what posts that a payment's customer got money at the merchant's expense, or that the merchant was
    paid out, under the lock of the payment's case. The merchant is locked before the accounts of the ledger, as payouts
    do. Nothing is taken back where no more was paid out than is due. `now` is aware UTC."""
    Merchant.objects.select_for_update(no_key=True).get(pk=payment.merchant_id)
    yield
    payout = _paid(payment.pk)
    if payout is None or not planning.to_take_back(payout, payment.merchant):
        return
    opening.open_case(
        process=PAYOUT_RETURN.name,
        customer=payment.merchant.company,
        by=system(),
        key=f"payout-return:{payment.pk}:{payout.returns.count() + 1}",
        content={"payment": str(payment.pk)},
        now=now,
    )


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> Nothing:
    """From here on no other payout keeps this debt, until the provider has answered."""
    payout = _paid(UUID(content["payment"]))
    assert payout is not None
    amount = planning.to_take_back(payout, payout.payment.merchant)
    found = PayoutReturn.objects.create(case=case, payout=payout, amount=amount, asked_at=now)
    case.subject = payout.payment.case.reference
    timeline.note(case, "payout_return.due", by=system(), data={"amount": found.sum.shown("en")}, at=now)
    return Nothing()


def _paid(payment_id: UUID) -> Payout | None:
    found = Payout.objects.select_related("payment__case", "payment__merchant__company")
    return found.filter(payment_id=payment_id, state=PayoutState.PAID).first()
