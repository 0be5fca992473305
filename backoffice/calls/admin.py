"""Calls in the admin. They change through the rules of this app, never through a form."""

from __future__ import annotations

from functools import partial

from django.contrib import admin

from backoffice.calls.back.models import CallBack, StaffedQuarter
from backoffice.calls.models import Call
from backoffice.cases import keeping_from
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.staff.read_only import ReadOnlyAdmin, narrow

for model in (Call, CallBack):
    narrow(model, partial(keeping_from.visible, case="case"))


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


@admin.register(CallBack)
class CallBackAdmin(RecordAdmin[CallBack]):
    list_display = ["case", "state", "starts", "calls", "missed", "spoken_at"]
    list_filter = ["state", "topic", "role"]
    search_fields = ["=case__reference"]
    search_help_text = "K7Q-4MX-2"
    list_select_related = ["case"]
    date_hierarchy = "starts"
    fields = [
        "case",
        "about",
        "topic",
        "state",
        "role",
        "asked_by_customer",
        "point",
        "starts",
        "ends",
        "not_before",
        "waits_until",
        "why_waits",
        "place_kept_until",
        "first_in_line",
        "calls",
        "missed",
        "call",
        "spoken_at",
        "survey_of",
        "solved",
        "rated",
        "surveyed_at",
    ]

    def customer_of(self, record: CallBack) -> Customer:
        return record.case.customer


@admin.register(StaffedQuarter)
class StaffedQuarterAdmin(ReadOnlyAdmin[StaffedQuarter]):
    list_display = ["starts", "role", "agents", "taken", "kept", "entered_by"]
    list_filter = ["role"]
    list_select_related = ["entered_by"]
    date_hierarchy = "starts"
    ordering = ["starts", "role"]
