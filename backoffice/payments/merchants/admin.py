"""Merchants in the admin, to look at: the process of their admission changes them, no form."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.customers.admin import show_on_customer
from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.payments.agents.models import MerchantAgent
from backoffice.payments.merchants import accounts, evidence, trades
from backoffice.payments.merchants.models import Merchant, Suspension
from backoffice.staff.read_only import ReadOnlyInline


@show_on_customer
class MerchantInline(ReadOnlyInline[Merchant, Customer]):
    model = Merchant
    fields = ["trading_name", "state", "admitted_at", "review_due"]
    show_change_link = True


class SuspensionInline(ReadOnlyInline[Suspension, Merchant]):
    model = Suspension
    fields = ["at", "reason", "suspended_by", "lifted_at", "lifted"]
    readonly_fields = ["suspended_by", "lifted"]

    @admin.display(description=_("suspended by"))
    def suspended_by(self, suspension: Suspension) -> str:
        return evidence.name_of(suspension.by)

    @admin.display(description=_("lifted by"))
    def lifted(self, suspension: Suspension) -> str:
        return evidence.name_of(suspension.lifted_by) if suspension.lifted_at else "—"


class AgentInline(ReadOnlyInline[MerchantAgent, Merchant]):
    model = MerchantAgent
    fields = ["name", "is_machine", "telephone", "added_at", "joined_at", "removed_at"]
    verbose_name_plural = _("who orders payments for it")


class ByTrade(admin.SimpleListFilter):
    """Offers the trades of our merchants, in words."""

    title, parameter_name = _("trade"), "trade"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        codes = Merchant.objects.order_by("trade").values_list("trade", flat=True).distinct()
        return sorted(((code, trades.in_words(code)) for code in codes), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> QuerySet[Merchant]:
        return queryset.filter(trade=self.value()) if self.value() else queryset


@admin.register(Merchant)
class MerchantAdmin(RecordAdmin[Merchant]):
    list_display = ["case", "state", "admitted_at", "review_due"]
    list_filter = ["state", ByTrade, "currency"]
    list_select_related = ["case"]
    search_fields = ["trading_name"]
    search_help_text = _("A part of the name that is read out")
    show_full_result_count = False
    ordering = ["review_due"]
    fields = [
        *("trading_name", "company", "case", "state", "trade_words", "account"),
        *("payment", "day", "month", "payout_account", "fee", "paid_out", "payout_cools_until"),
        *("admitted_at", "reviewed_at", "review_due", "ended_at"),
    ]
    readonly_fields = ["trade_words", "account", "payment", "day", "month", "fee", "paid_out"]
    inlines = [AgentInline, SuspensionInline]

    @admin.display(description=_("trade"))
    def trade_words(self, merchant: Merchant) -> str:
        return merchant.trade_in_words

    @admin.display(description=_("account"))
    def account(self, merchant: Merchant) -> str:
        return accounts.masked(merchant.iban)

    @admin.display(description=_("limit of a payment"))
    def payment(self, merchant: Merchant) -> str:
        return merchant.limits.per_payment.shown()

    @admin.display(description=_("limit of a day"))
    def day(self, merchant: Merchant) -> str:
        return merchant.limits.per_day.shown()

    @admin.display(description=_("limit of a month"))
    def month(self, merchant: Merchant) -> str:
        return merchant.limits.per_month.shown()

    @admin.display(description=_("our fee"))
    def fee(self, merchant: Merchant) -> str:
        return merchant.terms.fee_in_words()

    @admin.display(description=_("paid out"))
    def paid_out(self, merchant: Merchant) -> str:
        return merchant.terms.delay_in_words()

    def customer_of(self, record: Merchant) -> Customer:
        return record.company
