"""An invoice, or its duplicate, as a PDF: the words and numbers of the day on which it was issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from backoffice.documents import making, paper
from backoffice.domains.invoices.models import Invoice, InvoiceLine
from backoffice.domains.invoices.totals import Total, net_of, totals, vat_on
from backoffice.languages import offered
from backoffice.money import Money

TEMPLATE = Path("duplicate_invoice/invoice.typ")


def render(invoice: Invoice, *, duplicate_on: date | None, case_reference: str = "") -> bytes:
    """The PDF in the invoice's own language; with a day, as a duplicate that says so. Raises `making.Unprintable`."""
    language = offered(invoice.language)
    with translation.override(language):
        told = _paper(invoice, duplicate_on, case_reference).as_data()
    return making.make(TEMPLATE, told, language)


def money(amount: Decimal, currency: str) -> str:
    """ "1,234.50 PLN", as the active language writes numbers."""
    return Money.of(amount, currency).shown()


def _paper(invoice: Invoice, duplicate_on: date | None, case_reference: str) -> paper.Invoice:
    lines = list(invoice.lines.all())
    whole, currency = totals(lines), invoice.currency
    seller = _party(_("Seller"), invoice.seller)
    exempt = sorted({line.vat_note for line in lines if line.vat_rate is None})
    return paper.Invoice(
        frame=paper.Frame(title=_("Invoice"), case=case_reference, company=seller.name, company_lines=seller.lines),
        number=invoice.number,
        facts=(
            (_("Date of issue"), date_format(invoice.issued_on, "j F Y")),
            (_("Date of supply"), date_format(invoice.sold_on, "j F Y")),
        ),
        parties=(seller, _party(_("Buyer"), invoice.buyer)),
        lines=[_line(line, currency) for line in lines],
        totals=[_total(one, _rate(one.rate), currency) for one in whole.by_rate],
        whole=paper.RateTotal(
            _("Together"), money(whole.net, currency), money(whole.vat, currency), money(whole.gross, currency)
        ),
        due=money(whole.gross, currency),
        notes=(*exempt, *invoice.notes, _("The VAT of each rate is computed on the sum of its net amounts.")),
        duplicate_of_day=duplicate_on,
    )


def _party(role: str, stored: Mapping[str, Any]) -> paper.PaperParty:
    numbers = [(label, number) for label, number in stored["numbers"]]
    return paper.PaperParty(role, stored["name"], tuple(stored["lines"]), numbers)


def _line(line: InvoiceLine, currency: str) -> paper.InvoiceLine:
    net = net_of(line)
    vat = vat_on(net, line.vat_rate)
    return paper.InvoiceLine(
        line.text,
        number_format(line.quantity.normalize(), use_l10n=True),
        money(net, currency),
        _rate(line.vat_rate),
        money(vat, currency),
        money(net + vat, currency),
    )


def _total(one: Total, rate: str, currency: str) -> paper.RateTotal:
    return paper.RateTotal(rate, money(one.net, currency), money(one.vat, currency), money(one.gross, currency))


def _rate(rate: Decimal | None) -> str:
    """ "23 %"."""
    return f"{number_format(rate.normalize(), use_l10n=True)} %" if rate is not None else _("none")
