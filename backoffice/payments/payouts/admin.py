"""Payouts in the admin, to look at: the process of a payment makes them, no form."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.cases.admin import ByReference
from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.payouts.models import Payout


@admin.register(Payout)
class PayoutAdmin(ByReference[Payout]):
    reference = "payment__case__reference"
    list_display = ["taken_at", "reference_shown", "state", "held_because", "due_at", "paid_at"]
    list_filter = ["state", "held_because"]
    list_select_related = ["payment__case"]
    search_fields = ["payment__case__reference"]
    search_help_text = _("Reference of the payment")
    ordering = ["-taken_at"]
    fields = [
        *("case_reference", "state", "held_because", "goes_out", "ours", "providers", "debt"),
        *("account", "due_at", "asked_at", "paid_at", "transfer", "came_back", "attempt", "refusal", "refused_at"),
    ]
    readonly_fields = ["case_reference", "goes_out", "ours", "providers", "debt", "came_back"]

    def case_of(self, record: Payout) -> Case:
        return record.payment.case

    @admin.display(description=_("case"), ordering="payment__case__reference")
    def reference_shown(self, payout: Payout) -> str:
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
