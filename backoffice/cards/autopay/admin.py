"""Recurring payments and billers in the admin. Only rules change them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay.models import Biller, Mandate
from backoffice.cards.autopay.records import amounts
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.staff.read_only import ReadOnlyAdmin, ReadOnlyInline


@show_on_customer
class MandateInline(ReadOnlyInline[Mandate, Customer]):
    model = Mandate
    fields = ["biller", "card", "whose", "found_from", "state", "next_debit"]
    show_change_link = True


@admin.register(Mandate)
class MandateAdmin(RecordAdmin[Mandate]):
    """The customer's number at the biller is not shown: nobody of us needs it."""

    list_display = ["public_id", "state", "found_from", "next_debit"]
    list_filter = ["state", "found_from"]
    ordering = ["-pk"]
    fields = ["customer", "biller", "card", "whose", "found_from", "state", "range", "last_debit", "next_debit"]
    readonly_fields = ["range"]

    def customer_of(self, record: Mandate) -> Customer:
        return record.customer

    @admin.display(description=_("amounts"))
    def range(self, mandate: Mandate) -> str:
        return amounts(mandate)


@admin.register(Biller)
class BillerAdmin(ReadOnlyAdmin[Biller]):
    list_display = ["name", "category", "reach", "network_id"]
    list_filter = ["reach", "category"]
    search_fields = ["name"]
    search_help_text = _("Part of the name")
    fields = ["name", "category", "network_id", "reach", "endpoint", "mail", "address", "how_to_change"]
