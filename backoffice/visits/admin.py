"""Visits and the visitors' calendars in the admin. They change through the rules of this app, never through a form."""

from __future__ import annotations

from django.contrib import admin

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.staff.read_only import ReadOnlyAdmin
from backoffice.visits.models import Slot, Visit


@admin.register(Visit)
class VisitAdmin(RecordAdmin[Visit]):
    list_display = ["case", "state", "starts", "ends"]
    list_filter = ["state"]
    search_fields = ["=case__reference"]
    search_help_text = "K7Q-4MX-2"
    list_select_related = ["case"]
    date_hierarchy = "starts"
    fields = [
        "case",
        "state",
        "attempt",
        "place",
        "starts",
        "ends",
        "visitor",
        "first_in_line",
        "checked_in_at",
        "coarse_place",
        "location_refused",
        "found",
        "found_at",
    ]

    def customer_of(self, record: Visit) -> Customer:
        return record.case.customer


@admin.register(Slot)
class SlotAdmin(ReadOnlyAdmin[Slot]):
    list_display = ["visitor", "starts", "ends", "kept_for_missed", "taken_by"]
    list_filter = ["kept_for_missed"]
    list_select_related = ["visitor", "taken_by__case"]
    search_fields = ["visitor__username"]
    date_hierarchy = "starts"
    ordering = ["starts", "visitor_id"]
