"""Calls in the admin. They change through the rules of this app, never through a form."""

from __future__ import annotations

from django.contrib import admin

from backoffice.calls.models import Call
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin


@admin.register(Call)
class CallAdmin(RecordAdmin[Call]):
    list_display = ["case", "agent", "through", "state", "wrapped_at"]
    list_filter = ["state", "through"]
    search_fields = ["=case__reference"]
    search_help_text = "K7Q-4MX-2"
    list_select_related = ["case", "agent"]
    date_hierarchy = "wrapped_at"
    fields = [
        "case",
        "agent",
        "through",
        "known_by",
        "wants",
        "state",
        "shown",
        "shown_at",
        "login",
        "wrong",
        "proven_at",
        "opened",
        "wrapped_at",
    ]

    def customer_of(self, record: Call) -> Customer:
        return record.case.customer
