"""What becomes of the money that came for a bill: the effect and the call of the process, as its spec declares them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.customers import bills
from backoffice.payments.bills import returning
from backoffice.payments.bills.models import BillPage, PageState
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.ports import (
    PaymentProvider,
    ProviderFailed,
    ProviderRefused,
    RefundStatus,
    provider,
)
from workflows.base.spec import Nothing
from workflows.bill_payment.facts import BillPaymentOpening, Booked


def prepare(*, case: Case, content: Mapping[str, Any], by: Actor, now: datetime) -> BillPaymentOpening:
    page = BillPage.objects.get(pk=uuid.UUID(content["page"]))
    case.subject = page.reference
    return BillPaymentOpening(page=str(page.pk))


def book(*, case: Case, args: Nothing, now: datetime) -> Booked:
    """The money is in the ledger whatever the bill says. It is booked on the bill only if exactly this was still to be
    paid: of two who pay at once, the first pays the bill."""
    page = BillPage.objects.select_for_update(of=("self",)).get(case=case)
    booked = bills.kind_of(page.kind).settle(
        key=page.bill, payment=f"bill_payment:{case.id}", amount=page.sum, by=system(), now=now
    )
    post(case_id=case.id, movements={"paid": movements.bill_paid(amount=page.sum)}, by=system(), at=now)
    page.state = PageState.BOOKED if booked else PageState.RETURNING
    page.save(update_fields=["state"])
    timeline.note(case, "bill.booked" if booked else "bill.not_open", by=system(), at=now)
    return Booked(booked=booked)


def refund(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
    """All of it goes back to the card. A provider that has forgotten the key refuses to pay back twice; then what it
    paid back already counts."""
    page = BillPage.objects.get(case=case)
    asked = provider()
    if asked is None:
        raise OutsideUnavailable("no_provider")
    try:
        if not _is_refunded(page, asked):
            asked.refund(page.payment, key=key)
    except ProviderRefused as refused:
        raise OutsideRefused(refused.because.value) from refused
    except ProviderFailed as failed:
        raise OutsideUnavailable(failed.reason) from failed
    return _returned


def _is_refunded(page: BillPage, asked: PaymentProvider) -> bool:
    went = [one.amount for one in asked.refunds(page.payment) if one.status is not RefundStatus.FAILED]
    return sum(went) >= page.amount


def _returned(case: Case, now: datetime) -> Nothing:
    page = returning.locked_page(case)
    post(case_id=case.id, movements={"returned": movements.bill_returned(amount=page.sum)}, by=system(), at=now)
    page.state = PageState.RETURNED
    page.save(update_fields=["state"])
    timeline.note(case, "bill.returned", by=system(), at=now)
    returning.follow_early(case, page, now=now)
    return Nothing()
