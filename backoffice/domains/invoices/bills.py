"""Invoices as bills that anybody may pay who has one before them: found by their number, and booked like any other
payment."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from backoffice.actors import Actor
from backoffice.customers.bills import Bill, BillKind
from backoffice.domains.invoices import due, paying, rights
from backoffice.domains.invoices.models import Cancelled, Currency, Invoice, InvoicePayment
from backoffice.money import Money
from backoffice.staff.rights import needs
from backoffice.text import kept


def find(typed: str) -> Bill | None:
    """The invoice of this whole number, as it is written on it or in capitals."""
    numbers = {kept(typed), kept(typed).upper()} - {""}
    found = list(_read(Invoice.objects.filter(number__in=numbers)))
    return _bill(found[0]) if len(found) == 1 else None


def look(key: str) -> Bill | None:
    try:
        found = _read(Invoice.objects.filter(public_id=key)).first()
    except (ValueError, ValidationError):
        return None
    return _bill(found) if found else None


@needs(rights.RECORD_PAYMENT)
@transaction.atomic
def settle(*, key: str, payment: str, amount: Money, by: Actor, now: datetime) -> bool:
    """See `customers.bills.Settles`. The day on which it counts as paid is that of the customer's calendar."""
    locked = Invoice.objects.select_for_update(of=("self",)).filter(public_id=key)
    invoice = _read(locked).first()
    if invoice is None or _bill(invoice).to_pay != amount:
        return False
    paid = paying.Paid(
        key=payment, amount=amount.decimal, currency=amount.currency, paid_on=due.today_of(invoice.customer, now)
    )
    paying.record_payment(invoice=invoice, paid=paid, by=by, now=now)
    return True


@needs(rights.RECORD_PAYMENT)
@transaction.atomic
def take_back(*, key: str, payment: str, by: Actor, now: datetime) -> bool:
    """See `customers.bills.TakesBack`."""
    found = InvoicePayment.objects.filter(invoice__public_id=key, key=payment).first()
    if found is None:
        return False
    paying.cancel_payment(payment=found, why=Cancelled.RETURNED, by=by, now=now)
    return True


def _read(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return invoices.select_related("customer").prefetch_related("lines", "payments")


def _bill(invoice: Invoice) -> Bill:
    to_pay = Money.of(due.still_to_pay(invoice), invoice.currency)
    return Bill(invoice.customer, str(invoice.public_id), invoice.number, to_pay)


KIND = BillKind(
    name="invoice",
    currencies=frozenset(Currency.values),
    find=find,
    look=look,
    settle=settle,
    take_back=take_back,
)
