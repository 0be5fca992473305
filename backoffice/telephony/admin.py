"""Telephone calls in the admin. They change through the rules of this room, never through a form."""

from __future__ import annotations

from django.contrib import admin

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.staff.read_only import ReadOnlyAdmin
from backoffice.telephony.models import Call, StrayReport


@admin.register(Call)
class CallAdmin(RecordAdmin[Call]):
    list_display = ["contact", "direction", "state", "outcome", "agent", "announced_at", "ended_at", "wrapped_at"]
    list_filter = ["direction", "state", "outcome"]
    search_fields = ["=contact__reference", "=case_reference"]
    search_help_text = "K7Q-4MX-2"
    list_select_related = ["contact", "agent"]
    date_hierarchy = "announced_at"
    fields = [
        "contact",
        "customer",
        "point",
        "agent",
        "direction",
        "purpose",
        "case_reference",
        "asked_by_customer",
        "adapter",
        "state",
        "outcome",
        "announced_at",
        "sheet_opened_at",
        "dialled_at",
        "answered_at",
        "ended_at",
        "wrapped_at",
        "wrap_up",
    ]

    def customer_of(self, record: Call) -> Customer | None:
        return record.customer


@admin.register(StrayReport)
class StrayReportAdmin(ReadOnlyAdmin[StrayReport]):
    list_display = ["provider_id", "status", "first_at", "last_at", "times"]
    search_fields = ["=provider_id"]
    fields = ["provider_id", "status", "first_at", "last_at", "times"]
