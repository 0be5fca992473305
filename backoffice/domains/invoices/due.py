"""Whether an invoice is open, paid or overdue, and how much of it is still to be paid: the one place that says so."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.customers.models import Customer
from backoffice.domains.invoices.models import Cancelled, Invoice
from backoffice.domains.invoices.rendering import money
from backoffice.domains.invoices.totals import NOTHING, totals


class Standing(StrEnum):
    """How an invoice stands. `UNDATED` is one that was entered without a day by which to pay it."""

    PAID = "paid"
    OPEN = "open"
    OVERDUE = "overdue"
    UNDATED = "undated"


def today_of(customer: Customer, now: datetime) -> date:
    """The day that the customer's calendar shows at `now` (aware)."""
    return now.astimezone(ZoneInfo(customer.time_zone)).date()


def standing(invoice: Invoice, now: datetime) -> Standing:
    """The last day on which it can be paid in time ends with the customer's own midnight."""
    if invoice.settled_on is not None:
        return Standing.PAID
    if invoice.due_on is None:
        return Standing.UNDATED
    return Standing.OVERDUE if today_of(invoice.customer, now) > invoice.due_on else Standing.OPEN


def whole(invoice: Invoice) -> Decimal:
    """What it comes to, with VAT. One that takes back what another one asked for comes to less than nothing."""
    return totals(invoice.lines.all()).gross


def paid(invoice: Invoice) -> Decimal:
    return sum((one.amount for one in invoice.payments.all() if one.cancelled == Cancelled.NO), NOTHING)


def still_to_pay(invoice: Invoice) -> Decimal:
    return max(whole(invoice) - paid(invoice), NOTHING)


def in_words(invoice: Invoice, now: datetime, *, beside_the_whole: bool = False) -> str:
    """ "overdue: 70.80 EUR was to be paid by 17 November 2026". Empty for one of which nobody can say it. Beside the
    amount of the whole invoice, nothing repeats that amount: "overdue, it was to be paid by 17 November 2026"."""
    if beside_the_whole and still_to_pay(invoice) == whole(invoice):
        told = {"day": _day(invoice.due_on)}
        match standing(invoice, now):
            case Standing.OPEN:
                return _("to be paid by %(day)s") % told
            case Standing.OVERDUE:
                return _("overdue, it was to be paid by %(day)s") % told
    told = {"day": _day(invoice.settled_on or invoice.due_on), "amount": money(still_to_pay(invoice), invoice.currency)}
    match standing(invoice, now):
        case Standing.PAID:
            return _("paid in full on %(day)s") % told
        case Standing.OPEN:
            return _("%(amount)s to be paid by %(day)s") % told
        case Standing.OVERDUE:
            return _("overdue: %(amount)s was to be paid by %(day)s") % told
        case Standing.UNDATED:
            return ""


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""
