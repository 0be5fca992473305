"""Claims in the admin, to look at: the rules of their process change them, no form."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.cases.admin import ByReference, case_link
from backoffice.cases.models import Case
from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.payments.card_names import card_name
from backoffice.payments.claims.models import CardRefund, PaymentClaim
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class PaymentClaimInline(ReadOnlyInline[PaymentClaim, Customer]):
    model = PaymentClaim
    fields = ["case", "why", "received_at", "decide_by", "verdict"]


class HowItCame(admin.ChoicesFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _t("how it came")


@admin.register(PaymentClaim)
class PaymentClaimAdmin(ByReference[PaymentClaim]):
    list_display = ["case", "why", "verdict", "received_at"]
    list_filter = ["why", "verdict", ("came", HowItCame)]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the claim")
    ordering = ["-received_at"]
    fields = [
        *("customer", "case", "why", "came", "needs", "received_at", "credit_by", "decide_by", "latest_by"),
        *("credited_at", "verdict", "decided_at", "reverse_on", "reversed_at", "paid_to", "paid_at"),
    ]


class ByArrival(admin.SimpleListFilter):
    """Whether a refund arrived, as far as the provider has said."""

    title, parameter_name = _("arrival"), "arrival"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("failed", _t("did not arrive")), ("otherwise", _t("paid in another way"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CardRefund]) -> QuerySet[CardRefund]:
        match self.value():
            case "failed":
                return queryset.exclude(failed_at=None)
            case "otherwise":
                return queryset.exclude(paid_otherwise_at=None)
        return queryset


@admin.register(CardRefund)
class CardRefundAdmin(ByReference[CardRefund]):
    """Whose card it is says the payment. A refund that did not arrive has a case of its own."""

    reference = "payment__case__reference"
    list_display = ["reference_shown", "seen_at", "failed_at", "paid_otherwise_at"]
    list_filter = [ByArrival]
    list_select_related = ["payment__case"]
    search_fields = ["payment__case__reference"]
    search_help_text = _("Reference of the payment")
    ordering = ["-seen_at", "id"]
    fields = [
        *("case_reference", "sum", "card", "at_provider", "asked_by"),
        *("seen_at", "failed_at", "followed_in", "paid_otherwise_at"),
    ]
    readonly_fields = ["case_reference", "sum", "card", "at_provider", "asked_by", "followed_in"]

    def case_of(self, record: CardRefund) -> Case:
        return record.payment.case

    @admin.display(description=_("payment"), ordering="payment__case__reference")
    def reference_shown(self, refund: CardRefund) -> str:
        return refund.payment.case.reference

    @admin.display(description=_("amount"))
    def sum(self, refund: CardRefund) -> str:
        return refund.money.shown()

    @admin.display(description=_("card"))
    def card(self, refund: CardRefund) -> str:
        return card_name(refund.payment.brand, refund.payment.last_four)

    @admin.display(description=_("at the provider"))
    def at_provider(self, refund: CardRefund) -> str:
        return refund.pk

    @admin.display(description=_("asked by"))
    def asked_by(self, refund: CardRefund) -> SafeString | str:
        if not refund.key:
            return _t("somebody at the provider's own pages")
        claim = refund.claim()
        return case_link(claim.case if claim else refund.payment.case)

    @admin.display(description=_("followed in"))
    def followed_in(self, refund: CardRefund) -> SafeString | str:
        return case_link(refund.case) if refund.case else "—"
