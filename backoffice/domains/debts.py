"""Whether a domain is in debt: an invoice for it is overdue, whoever was to pay it. It is asked anew each time and kept
nowhere, so that neither midnight nor a payment nor a returned payment can leave it behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.domains.invoices import due
from backoffice.domains.invoices.due import Standing
from backoffice.domains.invoices.models import Invoice, InvoiceLine
from backoffice.domains.invoices.rendering import money
from backoffice.domains.models import Domain

_READ = "unpaid_lines"


def with_debts(domains: QuerySet[Domain]) -> QuerySet[Domain]:
    """The same domains, each with what `overdue` needs, in one query for all: for lists. A rule reads its domain
    anew."""
    return domains.prefetch_related(Prefetch("invoice_lines", queryset=_unpaid(), to_attr=_READ))


def overdue(domain: Domain, now: datetime) -> Invoice | None:
    """The invoice for this domain that is overdue at `now` (aware) for the longest time; None when there is none."""
    lines: Iterable[InvoiceLine] = getattr(domain, _READ, None) or ()
    if not hasattr(domain, _READ):
        lines = _unpaid().filter(domain=domain)
    late = {line.invoice for line in lines if due.standing(line.invoice, now) is Standing.OVERDUE}
    return min(late, key=lambda one: (one.due_on, one.pk), default=None)


def sentence(domain: Domain, invoice: Invoice) -> str:
    """Why nothing is changed, for the holder of the domain: which invoice, if it is theirs. What somebody else has not
    paid, perhaps the holder before them, is not theirs to know."""
    if invoice.customer_id != domain.customer_id:
        told = {"phone": settings.COMPANY_PHONE}
        return _("We cannot do this for this domain yet. Call us on %(phone)s.") % told
    assert invoice.due_on is not None
    told = {
        "number": invoice.number,
        "day": date_format(invoice.due_on, "j F Y"),
        "amount": money(due.still_to_pay(invoice), invoice.currency),
    }
    return (
        _("Invoice %(number)s for this domain is overdue: %(amount)s was to be paid by %(day)s. Pay it first.") % told
    )


def own(domain: Domain, now: datetime) -> str:
    """For the holder: which invoice of theirs for this domain is overdue; empty when none is."""
    late = overdue(domain, now)
    return sentence(domain, late) if late and late.customer_id == domain.customer_id else ""


def _unpaid() -> QuerySet[InvoiceLine]:
    found = InvoiceLine.objects.filter(invoice__settled_on=None, invoice__due_on__isnull=False)
    return found.select_related("invoice__customer")
