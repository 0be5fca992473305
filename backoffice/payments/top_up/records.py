"""Top-ups as a kind of a customer's records: the newest first, in the portal and at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.records import Record, RecordKind
from backoffice.money import Money
from backoffice.payments.ledger import balances
from backoffice.payments.ledger.models import AccountKind
from backoffice.payments.top_up.models import TopUp

MOST_SHOWN = 5


def balances_of(customer: Customer) -> Sequence[Money]:
    """What we owe a customer, in each currency in which they ever added money; below zero what they owe us."""
    used = TopUp.objects.filter(case__customer=customer, captured_at__isnull=False).order_by("currency")
    found = used.values_list("currency", flat=True).distinct()
    return [balances.owed(kind=AccountKind.CUSTOMER, owner=customer, currency=one) for one in found]


def _of_customer(customer: Customer) -> Sequence[Record]:
    newest = TopUp.objects.filter(case__customer=customer, amount__isnull=False).select_related("case")
    return [Record(customer, str(one), str(one.get_money_display())) for one in newest[:MOST_SHOWN]]


KIND = RecordKind(
    name="top_ups",
    title=_("Money added by telephone"),
    mine=_("Money that I added by telephone"),
    of_customer=_of_customer,
    page=lambda customer: "portal:top_up:mine" if TopUp.objects.filter(case__customer=customer).exists() else "",
    page_words=_("All that I added, and my balance"),
)
