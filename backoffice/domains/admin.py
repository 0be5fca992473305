"""Domains in the admin: found by their name, read as their holder's record; a process changes them, no form."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.domains import registry_admin as registry_admin
from backoffice.domains.models import Domain
from backoffice.domains.searching import find
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class DomainInline(ReadOnlyInline[Domain, Customer]):
    model = Domain
    fields = ["unicode_name", "state", "locks", "expires_at"]
    readonly_fields = ["unicode_name"]
    show_change_link = True


@admin.register(Domain)
class DomainAdmin(RecordAdmin[Domain]):
    list_display = ["unicode_name", "state", "expires_at"]
    list_filter = ["state"]
    search_fields = ["name"]
    search_help_text = _("The beginning of a name or of a part of it, in any script")
    show_full_result_count = False
    fields = ["unicode_name", "name", "customer", "state", "locks", "registered_at", "expires_at"]
    readonly_fields = ["unicode_name"]

    def customer_of(self, record: Domain) -> Customer:
        return record.customer

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Domain], search_term: str
    ) -> tuple[QuerySet[Domain], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=find(text=search_term).values("pk")), False
