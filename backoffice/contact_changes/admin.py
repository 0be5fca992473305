"""Contact changes in the admin, to read only: on the customer's page, and each as a part of its customer's record."""

from __future__ import annotations

from django.contrib import admin

from backoffice.contact_changes.models import ContactChange
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class ContactChangeInline(ReadOnlyInline[ContactChange, Customer]):
    model = ContactChange
    fields = ["case", "kind", "masked", "replaces", "risk"]


@admin.register(ContactChange)
class ContactChangeAdmin(RecordAdmin[ContactChange]):
    """The new address itself is not shown: masked, as on every page of the desk."""

    list_display = ["case", "kind", "risk"]
    list_filter = ["kind", "risk"]
    list_select_related = ["case"]
    search_fields = ["=case__reference"]
    show_full_result_count = False
    ordering = ["-case__opened_at"]
    fields = ["customer", "case", "kind", "masked", "replaces", "risk"]

    def customer_of(self, record: ContactChange) -> Customer:
        return record.customer
