"""Cards in the admin: found by their last four digits, and read as their customer's record. Only the rules of this app
change them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.cards.autopay import admin as autopay_admin
from backoffice.cards.models import Card
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin, desk_actor
from backoffice.staff import rights
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class CardInline(ReadOnlyInline[Card, Customer]):
    model = Card
    fields = ["card", "state", "shipping", "expiry_month", "expiry_year", "replaces"]
    readonly_fields = ["card"]
    show_change_link = True

    @admin.display(description=_("card"))
    def card(self, card: Card) -> str:
        return str(card)


@admin.register(Card)
class CardAdmin(RecordAdmin[Card]):
    """The issuer's token is shown only to people who talk to the issuer, not to support agents."""

    list_display = ["__str__", "state", "expiry_year"]
    list_filter = ["state", "brand"]
    search_fields = ["last_four"]
    search_help_text = _("Last four digits; by name, find the customer")
    ordering = ["-pk"]
    show_full_result_count = False

    def customer_of(self, record: Card) -> Customer:
        return record.customer

    def get_fields(self, request: HttpRequest, obj: Card | None = None) -> Any:
        shown = ["customer", "brand", "last_four", "expiry_month", "expiry_year", "state", "shipping", "replaces"]
        return [*shown, "issuer_token"] if rights.SEE_TOKEN.allows(desk_actor(request)) else shown

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Card], search_term: str
    ) -> tuple[QuerySet[Card], bool]:
        typed = search_term.strip()
        if not typed:
            return queryset, False
        return queryset.filter(last_four=typed), False


__all__ = ["CardAdmin", "CardInline", "autopay_admin"]
