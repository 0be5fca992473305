from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.trust.models import Contact


@admin.register(Contact)
class ContactAdmin(RecordAdmin[Contact]):
    """The contact register, to read only: what is registered stays."""

    list_display = ["reference", "at", "direction", "channel", "case_reference"]
    list_filter = ["channel", "direction"]
    search_fields = ["=reference", "=case_reference"]
    search_help_text = _("Check code or case reference")
    show_full_result_count = False
    ordering = ["-at"]
    fields = [
        "reference",
        "at",
        "direction",
        "channel",
        "purpose",
        "subject",
        "address_masked",
        "case_reference",
        "customer",
        "by",
    ]

    def customer_of(self, record: Contact) -> Customer | None:
        return record.customer
