"""Claims in the admin, to look at: the rules of their process change them, no form."""

from __future__ import annotations

from django.contrib import admin

from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.payments.claims.models import PaymentClaim
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class PaymentClaimInline(ReadOnlyInline[PaymentClaim, Customer]):
    model = PaymentClaim
    fields = ["case", "why", "received_at", "decide_by", "verdict"]


@admin.register(PaymentClaim)
class PaymentClaimAdmin(RecordAdmin[PaymentClaim]):
    list_display = ["case", "why", "verdict", "received_at"]
    list_filter = ["why", "verdict", "came"]
    list_select_related = ["case"]
    search_fields = ["=case__reference"]
    show_full_result_count = False
    ordering = ["-received_at"]
    fields = [
        *("customer", "case", "why", "came", "needs", "received_at", "credit_by", "decide_by", "latest_by"),
        *("credited_at", "verdict", "decided_at", "reverse_on", "reversed_at", "paid_to", "paid_at"),
    ]

    def customer_of(self, record: PaymentClaim) -> Customer:
        return record.customer
