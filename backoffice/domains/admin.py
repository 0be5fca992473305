"""Domains in the admin: found by their name, read as their holder's record; a process changes them, no form."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.cases.models import Case
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.domains import debts
from backoffice.domains import registry_admin as registry_admin
from backoffice.domains.invoices import due
from backoffice.domains.invoices.admin import InvoiceAdmin as InvoiceAdmin
from backoffice.domains.models import Domain, DomainHolding, DomainOrder
from backoffice.domains.searching import find
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class DomainInline(ReadOnlyInline[Domain, Customer]):
    model = Domain
    fields = ["unicode_name", "state", "locks", "expires_at"]
    readonly_fields = ["unicode_name"]
    show_change_link = True


class HoldingInline(ReadOnlyInline[DomainHolding, Domain]):
    model = DomainHolding
    fields = ["customer", "since", "until", "how", "case_reference"]


class OrderInline(ReadOnlyInline[DomainOrder, Domain]):
    model = DomainOrder
    fields = ["case", "at"]


@admin.register(Domain)
class DomainAdmin(RecordAdmin[Domain]):
    list_display = ["unicode_name", "state", "registry", "expires_at"]
    list_filter = ["state", "registry", "is_high_value"]
    search_fields = ["name"]
    search_help_text = _("The beginning of a name or of a part of it, in any script")
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["unicode_name", "name", "customer", "state", "registered_at", "expires_at"]}),
        (_("At the registry"), {"fields": ["registry", "registrant_handle", "told_contacts", "statuses", "locks"]}),
        (
            _("What stops a change"),
            {"fields": ["held_by", "overdue_invoice", "is_high_value", "transfer_lock_until", "lock_opt_out_at"]},
        ),
        (_("Transfers"), {"fields": ["transferred_at", "authinfo_set_at"]}),
    ]
    readonly_fields = ["unicode_name", "told_contacts", "held_by", "overdue_invoice"]
    inlines = [HoldingInline, OrderInline]

    @admin.display(description=_("contacts"))
    def told_contacts(self, domain: Domain) -> str:
        return ", ".join(f"{kind} {handle}" for kind, handle in domain.contacts) or "—"

    @admin.display(description=_("held by the case"))
    def held_by(self, domain: Domain) -> str:
        held = Case.objects.filter(id=domain.held_by_case).first() if domain.held_by_case else None
        return str(held) if held else "—"

    @admin.display(description=_("overdue invoice"))
    def overdue_invoice(self, domain: Domain) -> str:
        late = debts.overdue(domain, timezone.now())
        return f"{late.number}: {due.in_words(late, timezone.now())}" if late else "—"

    def customer_of(self, record: Domain) -> Customer:
        return record.customer

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Domain], search_term: str
    ) -> tuple[QuerySet[Domain], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=find(text=search_term).values("pk")), False
