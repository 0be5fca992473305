"""A bill that somebody pays without saying who they are: its page is paid at once, and the payment is booked."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.processes.invoices import Duplicate

if TYPE_CHECKING:
    from backoffice.domains.models import Invoice


class BillPayment(Duplicate):
    """Of an invoice such as duplicates are made of. The provider's page is no part of a case."""

    name = "bill_payment"

    def open_case(self, subject: Invoice) -> uuid.UUID:
        from backoffice.actors import system
        from backoffice.customers import bills
        from backoffice.payments.bills.models import BillPage
        from backoffice.payments.bills.settling import settle

        now, bill = datetime.now(UTC), bills.kind_of("invoice").look(str(subject.public_id))
        assert bill is not None
        page = BillPage.objects.create(
            kind="invoice", bill=bill.key, reference=bill.reference, customer=bill.customer,
            amount=bill.to_pay.minor, currency=bill.to_pay.currency, opened_at=now, looked_at=now, ends_at=now,
        )  # fmt: skip
        settle(page_id=page.pk, payment=f"bench_{page.pk}", by=system(), now=now)
        page.refresh_from_db()
        assert page.case is not None
        return page.case.id
