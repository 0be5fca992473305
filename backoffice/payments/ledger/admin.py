"""The ledger in the admin, to look at. What belongs to a customer is read as their record is: with a need to know."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.record_admin import RecordAdmin
from backoffice.payments.ledger.balances import in_words
from backoffice.payments.ledger.models import OWNED, Account, AccountKind, Entry, Posting
from backoffice.references import tidy_reference
from backoffice.staff.read_only import ReadOnlyInline

M = TypeVar("M", Account, Posting)
NEWEST = 30
"""So many entries of an account stand on its page: that of the provider has one of each payment."""


class ByCurrency(admin.SimpleListFilter):
    """Offers the currencies of our own accounts, of which there is one in each: postings are too many to look for
    theirs."""

    title, parameter_name = _("currency"), "currency"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        ours = Account.objects.exclude(kind__in=OWNED).order_by("currency").values_list("currency", flat=True)
        return [(code, code) for code in ours.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> QuerySet[M]:
        return queryset.filter(currency=self.value()) if self.value() else queryset


@admin.register(Account)
class AccountAdmin(RecordAdmin[Account]):
    list_display = ["kind", "currency", "opened_at"]
    list_filter = ["kind", ByCurrency]
    fields = ["kind", "owner", "currency", "stands", "opened_at", "newest"]
    readonly_fields = ["stands", "newest"]

    def customer_of(self, record: Account) -> Customer | None:
        return record.owner

    @admin.display(description=_("balance"))
    def stands(self, account: Account) -> str:
        return in_words(account.money, AccountKind(account.kind))

    @admin.display(description=_("newest entries"))
    def newest(self, account: Account) -> SafeString | str:
        entries = account.entries.select_related("posting__case").order_by("-id")[:NEWEST]
        return format_html_join("", "<div>{} · {} · {} · {}</div>", map(_line, entries)) or "—"


class EntryInline(ReadOnlyInline[Entry, Posting]):
    model = Entry
    fields = ["account", "debit", "credit"]
    readonly_fields = ["debit", "credit"]

    @admin.display(description=_("debit"))
    def debit(self, entry: Entry) -> str:
        return entry.money.shown() if entry.minor > 0 else ""

    @admin.display(description=_("credit"))
    def credit(self, entry: Entry) -> str:
        return (-entry.money).shown() if entry.minor < 0 else ""


@admin.register(Posting)
class PostingAdmin(RecordAdmin[Posting]):
    list_display = ["at", "kind", "reference", "currency"]
    list_filter = ["kind", ByCurrency]
    list_select_related = ["case"]
    search_fields = ["case__reference"]
    search_help_text = _("Reference of the case")
    fields = ["case_link", "kind", "moved", "at", "actor_kind", "channel", "proof"]
    readonly_fields = ["case_link", "moved"]
    inlines = [EntryInline]

    def customer_of(self, record: Posting) -> Customer:
        return record.case.customer

    @admin.display(description=_("case"), ordering="case__reference")
    def reference(self, posting: Posting) -> str:
        return posting.case.reference

    @admin.display(description=_("case"))
    def case_link(self, posting: Posting) -> SafeString:
        return _case_link(posting)

    @admin.display(description=_("amount"))
    def moved(self, posting: Posting) -> str:
        return posting.money.shown()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Posting], search_term: str
    ) -> tuple[QuerySet[Posting], bool]:
        if not search_term.strip():
            return queryset, False
        tidy = tidy_reference(search_term)
        return (queryset.filter(case__reference=tidy) if tidy else queryset.none()), False


def _line(entry: Entry) -> tuple[str, str, str, SafeString]:
    posting = entry.posting
    day = date_format(posting.at, "j F Y")
    return day, str(posting.get_kind_display()), entry.money.shown(), _case_link(posting)


def _case_link(posting: Posting) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("admin:desk_case", args=[posting.case.reference]), posting.case)
