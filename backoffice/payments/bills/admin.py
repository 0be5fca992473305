"""Pages on which bills were paid, in the admin, to look at: whoever paid calls with the number of the receipt. Nobody's
name is in the list, and the page opens as the record of the customer whose bill it is."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.payments.bills.models import BillPage


@admin.register(BillPage)
class BillPageAdmin(RecordAdmin[BillPage]):
    list_display = ["reference", "receipt_number", "state", "opened_at", "paid_at"]
    list_filter = ["state"]
    search_fields = ["=reference", "=case__reference"]
    search_help_text = _("The number of the bill, or the reference of the case")
    show_full_result_count = False
    ordering = ["-opened_at"]
    fields = [
        *("reference", "receipt_number", "customer", "sum", "state", "case"),
        *("opened_at", "ends_at", "looked_at", "paid_at", "payment"),
    ]

    @admin.display(description=_("receipt"))
    def receipt_number(self, page: BillPage) -> str:
        return page.receipt_number if page.paid_at else "—"

    @admin.display(description=_("amount"))
    def sum(self, page: BillPage) -> str:
        return page.sum.shown()

    def customer_of(self, record: BillPage) -> Customer:
        return record.customer
