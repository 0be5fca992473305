"""An invoice on its own page: what it is for, what was paid of it, and what is to be done."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.customers.records import Detail, Record, Row, Section
from backoffice.domains.invoices import due
from backoffice.domains.invoices.due import Standing
from backoffice.domains.invoices.models import Cancelled, Invoice, InvoicePayment
from backoffice.domains.invoices.rendering import money


def detail(record: Record, invoice: Invoice, now: datetime, *, to_its_customer: bool) -> Detail:
    """For the customer to whom it went, or for staff, who need no advice how to pay."""
    sections = [_facts(invoice), _payments(invoice, now)]
    if to_its_customer and (advice := _advice(invoice, now)):
        sections.insert(0, advice)
    return Detail(record, sections)


def day(one: date) -> str:
    return date_format(one, "j F Y")


def _facts(invoice: Invoice) -> Section:
    rows = [Row(_("Issued"), day(invoice.issued_on)), Row(_("Sold"), day(invoice.sold_on))]
    if invoice.due_on:
        rows.append(Row(_("To be paid by"), day(invoice.due_on)))
    rows += [Row(_("For"), line.text) for line in invoice.lines.all()]
    return Section(_("The invoice"), rows)


def _payments(invoice: Invoice, now: datetime) -> Section:
    rows = [Row(_("In all"), money(due.whole(invoice), invoice.currency))]
    rows += [Row(day(one.paid_on), amount_of(one, invoice)) for one in invoice.payments.all()]
    if due.standing(invoice, now) in (Standing.OPEN, Standing.OVERDUE):
        rows.append(Row(_("Still to be paid"), money(due.still_to_pay(invoice), invoice.currency)))
    over = due.paid(invoice) - due.whole(invoice)
    if over > 0 and invoice.payments.all():
        rows.append(Row(_("Paid too much"), money(over, invoice.currency)))
    return Section(_("Payments"), rows)


def amount_of(payment: InvoicePayment, invoice: Invoice) -> str:
    """ "70.80 EUR", with the reason why it does not count."""
    amount = money(payment.amount, invoice.currency)
    if payment.cancelled == Cancelled.NO:
        return _("%(amount)s paid") % {"amount": amount}
    why = Cancelled(payment.cancelled).label
    return _("%(amount)s, which does not count: %(why)s") % {"amount": amount, "why": why}


def _by_card(invoice: Invoice) -> str:
    told = {
        "page": f"{urlsplit(settings.PUBLIC_URL).netloc}/pay/",
        "number": invoice.number,
        "amount": money(due.still_to_pay(invoice), invoice.currency),
    }
    return (
        _("You, or anybody whom you tell both, pay on %(page)s with the number %(number)s and the amount %(amount)s.")
        % told
    )


def _advice(invoice: Invoice, now: datetime) -> Section | None:
    """How to pay what is to be paid, and what an overdue invoice stops meanwhile."""
    stands = due.standing(invoice, now)
    if stands not in (Standing.OPEN, Standing.OVERDUE):
        return None
    rows = [Row(_("How to pay"), note) for note in invoice.notes]
    if not rows:
        told = {"number": invoice.number}
        rows.append(Row(_("How to pay"), _("Transfer it, and write %(number)s as its reference.") % told))
    if settings.PAYMENTS_URL:
        rows.append(Row(_("By card"), _by_card(invoice)))
    names = sorted({str(line.domain) for line in invoice.lines.all() if line.domain})
    if stands is Standing.OVERDUE and names:
        told = {"domains": ", ".join(names)}
        held = (
            _("Until it is paid, these cannot get a new holder: %(domains)s. Their pages say what else waits.") % told
        )
        rows.append(Row(_("What it stops"), held))
    told = {"phone": settings.COMPANY_PHONE}
    rows.append(Row(_("If you have paid"), _("It can take some days until we see it. Call us on %(phone)s.") % told))
    return Section(_("What to do"), rows)
