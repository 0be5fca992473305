"""Complaints in the admin, to read only: on the customer's page, and each as a part of its customer's record."""

from __future__ import annotations

from functools import partial

from django.contrib import admin

from backoffice.cases import keeping_from
from backoffice.complaints.models import Complaint
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.staff.read_only import ReadOnlyInline, narrow

narrow(Complaint, partial(keeping_from.visible, case="case"))


@show_on_customer
class ComplaintInline(ReadOnlyInline[Complaint, Customer]):
    model = Complaint
    fields = ["case", "topic", "received_at", "answer_by", "answered_at"]


@admin.register(Complaint)
class ComplaintAdmin(RecordAdmin[Complaint]):
    """What was written stands on the page of the case only."""

    list_display = ["case", "topic", "received_at"]
    list_filter = ["topic"]
    list_select_related = ["case"]
    search_fields = ["=case__reference"]
    show_full_result_count = False
    ordering = ["-received_at"]
    fields = ["customer", "case", "topic", "came", "rule", "received_at", "final_by", "hard_stop", "answer_by"]

    def customer_of(self, record: Complaint) -> Customer:
        return record.customer
