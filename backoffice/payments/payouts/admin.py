"""Payouts in the admin, to look at: the process of a payment makes them, no form."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.money import Money
from backoffice.payments.payouts.models import Payout


@admin.register(Payout)
class PayoutAdmin(RecordAdmin[Payout]):
    list_display = ["taken_at", "reference", "state", "held_because", "due_at", "paid_at"]
    list_filter = ["state", "held_because"]
    list_select_related = ["payment__case"]
    ordering = ["-taken_at"]
    fields = [
        *("reference", "state", "held_because", "goes_out", "ours", "providers", "debt"),
        *("account", "due_at", "asked_at", "paid_at", "transfer", "came_back", "attempt", "refusal", "refused_at"),
    ]
    readonly_fields = ["reference", "goes_out", "ours", "providers", "debt", "came_back"]

    def customer_of(self, record: Payout) -> Customer:
        return record.payment.case.customer

    @admin.display(description=_("case"), ordering="payment__case__reference")
    def reference(self, payout: Payout) -> str:
        return payout.payment.case.reference

    @admin.display(description=_("amount"))
    def goes_out(self, payout: Payout) -> str:
        return payout.sum.shown()

    @admin.display(description=_("our fee"))
    def ours(self, payout: Payout) -> str:
        return Money(payout.our_fee, payout.currency).shown()

    @admin.display(description=_("fee of the provider"))
    def providers(self, payout: Payout) -> str:
        known = payout.provider_fee is not None
        return Money(payout.provider_fee or 0, payout.currency).shown() if known else "—"

    @admin.display(description=_("kept for a debt"))
    def debt(self, payout: Payout) -> str:
        return Money(payout.withheld, payout.currency).shown()

    @admin.display(description=_("taken back"))
    def came_back(self, payout: Payout) -> str:
        return Money(payout.returned, payout.currency).shown()
