"""A refund of a bill's payment that the provider had accepted, and that did not arrive. The money is with the provider
again, and we owe it to whoever paid: a case of `refund_returns` sees to it that they get it. Events come twice, late
and in any order; one may come before the process has noted that it paid back."""

from __future__ import annotations

from datetime import datetime

from backoffice.actors import Actor, system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.cases.unit_of_work import changing
from backoffice.payments.bills.models import BillPage, BillRefund, PageState
from backoffice.payments.ledger import movements
from backoffice.payments.ledger.posting import post
from backoffice.payments.provider.ports import Refund, RefundStatus
from backoffice.payments.refund_returns import following


def reported(page: BillPage, refund: Refund, *, now: datetime) -> None:
    """Takes what the provider says of a refund. `now` is aware UTC."""
    if refund.status is not RefundStatus.FAILED or page.case_id is None:
        return
    with changing(page.case_id) as case:
        locked = locked_page(case)
        if locked.state not in (PageState.RETURNING, PageState.RETURNED):
            return
        told = {"page": locked, "amount": refund.amount, "currency": refund.currency, "failed_at": now}
        row, is_new = BillRefund.objects.get_or_create(id=refund.id, defaults=told)
        if is_new and locked.state == PageState.RETURNED:
            _follow(case, locked, row, now=now)


def follow_early(case: Case, page: BillPage, *, now: datetime) -> None:
    """Under the lock of the case, once it is noted that the money went back: what was reported to have failed before
    that."""
    for row in page.refunds.filter(case=None):
        _follow(case, page, row, now=now)


def paid_otherwise(row: BillRefund, *, by: Actor, now: datetime) -> None:
    """Whoever paid has the money in another way. Raises `Conflict` on `amount` for more than is owed of the payment."""
    assert row.page.case_id is not None, "a constraint of the database says so"
    with changing(row.page.case_id) as case:
        page = locked_page(case)
        moved = movements.bill_returned(amount=row.money)
        post(case_id=case.id, movements={f"otherwise: {row.id}": moved}, by=system(), at=now)
        row.paid_otherwise_at, page.state = now, PageState.RETURNED
        row.save(update_fields=["paid_otherwise_at"])
        page.save(update_fields=["state"])
        timeline.note(case, "bill.returned_otherwise", by=by, data={"amount": row.money.shown("en")}, at=now)


def locked_page(case: Case) -> BillPage:
    return BillPage.objects.select_for_update(of=("self",)).get(case=case)


def _follow(case: Case, page: BillPage, row: BillRefund, *, now: datetime) -> None:
    moved = movements.bill_return_failed(amount=row.money)
    post(case_id=case.id, movements={f"failed: {row.id}": moved}, by=system(), at=now)
    page.state = PageState.CAME_BACK
    page.save(update_fields=["state"])
    timeline.note(case, "bill.return_failed", by=system(), data={"amount": row.money.shown("en")}, at=now)
    following.follow(row.id, customer=page.customer, now=now)
