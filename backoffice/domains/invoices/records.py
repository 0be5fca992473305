"""A customer's invoices, as the faces show and find them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.records import Record, RecordKind, Start
from backoffice.domains.invoices.duplicating import why_none
from backoffice.domains.invoices.models import Invoice
from backoffice.domains.invoices.rendering import money
from backoffice.domains.invoices.totals import totals
from backoffice.text import kept
from workflows.duplicate_invoice.spec import DUPLICATE_INVOICE

MOST = 60


def of_customer(customer: Customer) -> Sequence[Record]:
    return [_record(one) for one in _whole(Invoice.objects.filter(customer=customer))[:MOST]]


def find(typed: str, most: int) -> Sequence[Record]:
    """An invoice by its whole number, as it is written on it or in capitals."""
    numbers = {kept(typed), kept(typed).upper()} - {""}
    return [_record(one) for one in _whole(Invoice.objects.filter(number__in=numbers))[:most]]


def _whole(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return invoices.select_related("customer").prefetch_related("lines")


def _record(invoice: Invoice) -> Record:
    start = Start(
        DUPLICATE_INVOICE.name,
        _t("Get a duplicate"),
        {"invoice": str(invoice.public_id)},
        why_none(invoice, timezone.localdate()),
    )
    return Record(invoice.customer, str(invoice), _state(invoice), (start,))


def _state(invoice: Invoice) -> str:
    """ "of 3 November 2026, 120.00 EUR"."""
    told = {
        "day": date_format(invoice.issued_on, "j F Y"),
        "amount": money(totals(invoice.lines.all()).gross, invoice.currency),
    }
    return _t("of %(day)s, %(amount)s") % told


KIND = RecordKind(
    name="invoices",
    title=_("Invoices"),
    mine=_("My invoices"),
    of_customer=of_customer,
    find=find,
    sought=_("the whole number of an invoice"),
)
