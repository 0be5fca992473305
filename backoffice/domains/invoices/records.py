"""A customer's invoices, as the faces show and find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from backoffice.customers.models import Customer
from backoffice.customers.records import Detail, Record, RecordKind, Start
from backoffice.domains.invoices import due, pages
from backoffice.domains.invoices.duplicating import why_none
from backoffice.domains.invoices.models import Invoice
from backoffice.domains.invoices.rendering import money
from backoffice.text import kept
from workflows.duplicate_invoice.spec import DUPLICATE_INVOICE

MOST = 60


def of_customer(customer: Customer) -> Sequence[Record]:
    return [_record(one) for one in _whole(Invoice.objects.filter(customer=customer))[:MOST]]


def detail_for_customer(customer: Customer, key: str) -> Detail | None:
    found = _of_key(customer, key)
    return pages.detail(_record(found), found, timezone.now(), to_its_customer=True) if found else None


def detail_for_staff(customer: Customer, key: str) -> Detail | None:
    found = _of_key(customer, key)
    return pages.detail(_record(found), found, timezone.now(), to_its_customer=False) if found else None


def _of_key(customer: Customer, key: str) -> Invoice | None:
    try:
        return _whole(Invoice.objects.filter(customer=customer, public_id=key)).first()
    except (ValueError, ValidationError):
        return None


def find(typed: str, most: int) -> Sequence[Record]:
    """An invoice by its whole number, as it is written on it or in capitals."""
    numbers = {kept(typed), kept(typed).upper()} - {""}
    return [_record(one) for one in _whole(Invoice.objects.filter(number__in=numbers))[:most]]


def _whole(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return invoices.select_related("customer").prefetch_related("lines", "payments")


def _record(invoice: Invoice) -> Record:
    start = Start(
        DUPLICATE_INVOICE.name,
        _t("Get a duplicate"),
        {"invoice": str(invoice.public_id)},
        why_none(invoice, timezone.localdate()),
    )
    return Record(invoice.customer, str(invoice), _state(invoice, timezone.now()), (start,), str(invoice.public_id))


def _state(invoice: Invoice, now: datetime) -> str:
    """ "of 3 November 2026, 120.00 EUR, paid in full on 9 November 2026"."""
    told = {
        "day": date_format(invoice.issued_on, "j F Y"),
        "amount": money(due.whole(invoice), invoice.currency),
    }
    stands = due.in_words(invoice, now, beside_the_whole=True)
    return ", ".join(part for part in (_t("of %(day)s, %(amount)s") % told, stands) if part)


KIND = RecordKind(
    name="invoices",
    title=_("Invoices"),
    mine=_("My invoices"),
    of_customer=of_customer,
    find=find,
    sought=_("the whole number of an invoice"),
    detail_for_customer=detail_for_customer,
    detail_for_staff=detail_for_staff,
)
