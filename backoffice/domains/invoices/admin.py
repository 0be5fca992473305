"""Invoices in the admin: found by their number, read as a record of their customer; nobody changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.domains.invoices import due
from backoffice.domains.invoices.models import Invoice, InvoiceDuplicate, InvoiceEvent, InvoiceLine, InvoicePayment
from backoffice.domains.invoices.rendering import money
from backoffice.domains.invoices.totals import totals
from backoffice.staff.read_only import ReadOnlyInline
from backoffice.text import kept


@show_on_customer
class InvoiceInline(ReadOnlyInline[Invoice, Customer]):
    model = Invoice
    fields = ["number", "issued_on", "currency"]
    show_change_link = True


class LineInline(ReadOnlyInline[InvoiceLine, Invoice]):
    model = InvoiceLine
    fields = ["text", "quantity", "unit_net", "vat_rate", "vat_note", "domain"]


class PaymentInline(ReadOnlyInline[InvoicePayment, Invoice]):
    model = InvoicePayment
    fields = ["amount", "paid_on", "recorded_at", "cancelled"]


class EventInline(ReadOnlyInline[InvoiceEvent, Invoice]):
    model = InvoiceEvent
    fields = ["at", "kind", "payment", "actor_kind", "actor_id", "channel", "proof"]


class DuplicateInline(ReadOnlyInline[InvoiceDuplicate, Invoice]):
    model = InvoiceDuplicate
    fields = ["case", "made_on"]


@admin.register(Invoice)
class InvoiceAdmin(RecordAdmin[Invoice]):
    list_display = ["number", "issued_on", "due_on", "settled_on", "currency"]
    list_filter = ["currency"]
    search_fields = ["number"]
    search_help_text = later("The whole number of an invoice")
    show_full_result_count = False
    fields = [
        *("number", "customer", "issued_on", "sold_on", "sold_by", "bought_by", "to_pay"),
        *("due_on", "stands", "language", "entered_at"),
    ]
    readonly_fields = ["sold_by", "bought_by", "to_pay", "stands"]
    inlines = [LineInline, PaymentInline, EventInline, DuplicateInline]

    def customer_of(self, record: Invoice) -> Customer:
        return record.customer

    @admin.display(description=later("how it stands"))
    def stands(self, invoice: Invoice) -> str:
        return due.in_words(invoice, timezone.now()) or "—"

    @admin.display(description=later("seller"))
    def sold_by(self, invoice: Invoice) -> str:
        return _particulars(invoice.seller)

    @admin.display(description=later("buyer"))
    def bought_by(self, invoice: Invoice) -> str:
        return _particulars(invoice.buyer)

    @admin.display(description=later("sums"))
    def to_pay(self, invoice: Invoice) -> str:
        whole = totals(invoice.lines.all())
        net, vat, gross = (money(one, invoice.currency) for one in (whole.net, whole.vat, whole.gross))
        return _("%(net)s and %(vat)s VAT: %(gross)s") % {"net": net, "vat": vat, "gross": gross}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str
    ) -> tuple[QuerySet[Invoice], bool]:
        return (queryset.filter(number=kept(search_term)) if search_term.strip() else queryset), False


def _particulars(party: Mapping[str, Any]) -> str:
    numbers = [f"{label} {number}" for label, number in party["numbers"]]
    return ", ".join([party["name"], *party["lines"], *numbers])
