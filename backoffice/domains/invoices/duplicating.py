"""Duplicates of invoices: who may have one, and the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.actors import system
from backoffice.cases import timeline
from backoffice.cases.models import Case
from backoffice.customers.contact_points import current
from backoffice.customers.models import ContactKind, Customer
from backoffice.documents import pdfs, storing
from backoffice.documents.making import Unprintable
from backoffice.documents.models import MediaType, Origin
from backoffice.domains.invoices.models import Invoice, InvoiceDuplicate
from backoffice.domains.invoices.rendering import render
from backoffice.refusals import Conflict
from backoffice.statements import update
from workflows.base.spec import Nothing
from workflows.duplicate_invoice.spec import PERIODS

PURPOSE = "duplicate_invoice"
KEPT_YEARS = 5
"""An invoice is kept until its tax is out of time: five years from the end of the year in which it was to be paid
(Polish act on the tax on goods and services, art. 112; Tax Ordinance, art. 70 (1))."""
TAX_PAID_AFTER = timedelta(days=25)
"""The tax of a month is paid by the 25th of the next (art. 103 (1)): that of December in the year that follows."""


def kept_until(invoice: Invoice) -> date:
    """The last day on which a duplicate can be had."""
    next_month = invoice.issued_on.replace(day=1) + timedelta(days=31)
    return date(next_month.year + KEPT_YEARS, 12, 31)


def why_none(invoice: Invoice, today: date) -> str:
    """Why no duplicate of this invoice can be had now; empty when one can."""
    if today > kept_until(invoice):
        told = {"day": date_format(kept_until(invoice), "j F Y")}
        return _("This invoice is too old: we kept it until %(day)s.") % told
    if InvoiceDuplicate.objects.filter(invoice=invoice, live=True).exists():
        return _("A duplicate of this invoice is being made.")
    return ""


def why_not_for(customer: Customer) -> str:
    """Why this customer cannot have a duplicate of any invoice; empty when they can."""
    if current(customer=customer, kind=ContactKind.MAIL) is None:
        return _("There is no e-mail address on file to tell you by. Add one first.")
    refusals = [why_none(one, timezone.localdate()) for one in Invoice.objects.filter(customer=customer)]
    if not refusals:
        return _("There is no invoice.")
    return "" if "" in refusals else refusals[0]


def check_printable(invoice: Invoice, today: date) -> None:
    """Raises `Conflict` on `invoice` for one that our fonts cannot print, before anything is promised."""
    try:
        render(invoice, duplicate_on=today)
    except Unprintable:
        raise Conflict("unprintable", _("We cannot print this invoice here. Call us."), field="invoice") from None


def make(*, case: Case, args: Nothing, now: datetime) -> Nothing:
    """The effect: makes the file and keeps it with the case. The day on it is that of UTC."""
    particulars = InvoiceDuplicate.of(case)
    if particulars.document_id is not None:
        return Nothing()
    made_on = now.astimezone(UTC).date()
    content = render(particulars.invoice, duplicate_on=made_on, case_reference=case.reference)
    what = storing.What(
        purpose=PURPOSE,
        origin=Origin.MADE,
        case=case,
        customer=case.customer,
        label=particulars.invoice.number,
        retain_until=now + PERIODS.the_file_stays,
    )
    pages = pdfs.pages_of(content)
    document = storing.keep(what, content, media_type=MediaType.PDF, pages=pages, by=system(), now=now)
    particulars.made_on, particulars.document = made_on, document
    update(particulars, ("made_on", "document"))
    timeline.note(case, "invoice.duplicate_made", by=system(), at=now)
    return Nothing()


def settle(case: Case) -> None:
    """A closed case lets another duplicate of the same invoice be asked for."""
    update(InvoiceDuplicate(case=case, live=False), ("live",))
