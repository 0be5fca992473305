"""Pages on which bills were paid, and what payers' banks took back of it, in the admin, to look at: whoever paid calls
with the number of the receipt. Nobody's name is in a list, and a page opens as the record of the customer whose bill it
is."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.admin import ByReference, case_link
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.payments.bills.models import BillDispute, BillPage, BillRefund


@admin.register(BillPage)
class BillPageAdmin(RecordAdmin[BillPage]):
    list_display = ["reference", "receipt_number", "state", "opened_at", "paid_at"]
    list_filter = ["state"]
    search_fields = ["=reference", "=case__reference"]
    search_help_text = _("The number of the bill, or the reference of the case")
    show_full_result_count = False
    ordering = ["-opened_at"]
    fields = [
        *("reference", "receipt_number", "customer", "sum", "state", "case"),
        *("opened_at", "ends_at", "looked_at", "paid_at", "payment"),
    ]

    @admin.display(description=_("receipt"))
    def receipt_number(self, page: BillPage) -> str:
        return page.receipt_number if page.paid_at else "—"

    @admin.display(description=_("amount"))
    def sum(self, page: BillPage) -> str:
        return page.sum.shown()

    def customer_of(self, record: BillPage) -> Customer:
        return record.customer


class ByDecision(admin.SimpleListFilter):
    """What the payer's bank decided."""

    title, parameter_name = _("decision"), "decision"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("waits", _t("not decided")), ("won", _t("for us")), ("lost", _t("for the payer"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BillDispute]) -> QuerySet[BillDispute]:
        match self.value():
            case "waits":
                return queryset.filter(over_at=None)
            case "won" | "lost":
                return queryset.filter(won=self.value() == "won")
        return queryset


@admin.register(BillDispute)
class BillDisputeAdmin(ByReference[BillDispute]):
    list_display = ["reference_shown", "taken_at", "answer_by", "over_at", "decision"]
    list_filter = [ByDecision]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["-taken_at", "id"]
    fields = [
        *("bill", "case_reference", "sum", "banks_word", "at_provider"),
        *("taken_at", "answer_by", "over_at", "decision"),
    ]
    readonly_fields = ["bill", "case_reference", "sum", "banks_word", "at_provider", "decision"]

    def customer_of(self, record: BillDispute) -> Customer:
        return record.page.customer

    @admin.display(description=_("case"), ordering="case__reference")
    def reference_shown(self, dispute: BillDispute) -> str:
        return dispute.case.reference if dispute.case else "—"

    @admin.display(description=_("case"))
    def case_reference(self, record: BillDispute) -> SafeString:
        return case_link(record.case) if record.case else SafeString("—")

    @admin.display(description=_("bill"))
    def bill(self, dispute: BillDispute) -> str:
        return dispute.page.reference

    @admin.display(description=_("amount"))
    def sum(self, dispute: BillDispute) -> str:
        return dispute.money.shown()

    @admin.display(description=_("the bank's word for it"))
    def banks_word(self, dispute: BillDispute) -> str:
        return dispute.reason.replace("_", " ") or "—"

    @admin.display(description=_("at the provider"))
    def at_provider(self, dispute: BillDispute) -> str:
        return dispute.pk

    @admin.display(description=_("decision"))
    def decision(self, dispute: BillDispute) -> str:
        if dispute.won is None:
            return _t("not decided")
        return _t("for us") if dispute.won else _t("for the payer")


@admin.register(BillRefund)
class BillRefundAdmin(ByReference[BillRefund]):
    """Who paid is known to nobody: they call, and name the number of their receipt, so it does not stand here."""

    list_display = ["reference_shown", "failed_at", "paid_otherwise_at"]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    ordering = ["-failed_at", "id"]
    fields = ["bill", "case_reference", "sum", "at_provider", "failed_at", "paid_otherwise_at"]
    readonly_fields = ["bill", "case_reference", "sum", "at_provider"]

    def customer_of(self, record: BillRefund) -> Customer:
        return record.page.customer

    @admin.display(description=_("case"), ordering="case__reference")
    def reference_shown(self, refund: BillRefund) -> str:
        return refund.case.reference if refund.case else "—"

    @admin.display(description=_("case"))
    def case_reference(self, record: BillRefund) -> SafeString:
        return case_link(record.case) if record.case else SafeString("—")

    @admin.display(description=_("bill"))
    def bill(self, refund: BillRefund) -> str:
        return refund.page.reference

    @admin.display(description=_("amount"))
    def sum(self, refund: BillRefund) -> str:
        return refund.money.shown()

    @admin.display(description=_("at the provider"))
    def at_provider(self, refund: BillRefund) -> str:
        return refund.pk
