"""Enters an invoice that was issued, as it was issued. Afterwards nobody changes it; what is paid of it notes
`paying`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import idn, languages
from backoffice.actors import Actor
from backoffice.customers.models import Customer
from backoffice.domains.invoices.models import Currency, Invoice, InvoiceLine
from backoffice.domains.invoices.paying import settled_on
from backoffice.domains.invoices.rights import ENTER_INVOICE
from backoffice.domains.models import Domain
from backoffice.refusals import Conflict, Invalid
from backoffice.staff.rights import needs
from backoffice.text import kept

LONGEST_NUMBER = 40
LONGEST_TEXT = 200
MOST_LINES = 500
MOST = Decimal("9999999999")
"""Of an amount, so that every sum fits its column."""


@dataclass(frozen=True)
class Party:
    """A seller or buyer on the day of the invoice. `numbers` are (label, number): ("NIP", "8567346215")."""

    name: str
    lines: Sequence[str] = ()
    numbers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """`vat_rate` is in per cent; None for what bears no VAT, and `vat_note` says why then. `domain` is the name that it
    was sold for, where it was for one: while the invoice is overdue, that domain changes neither holder nor
    registrar."""

    text: str
    unit_net: Decimal
    quantity: Decimal = Decimal(1)
    vat_rate: Decimal | None
    vat_note: str = ""
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Issued:
    """An invoice as accounting tells of it. `due_on` is the last day on which it can be paid in time; None for one of
    which nobody says that it is late."""

    number: str
    issued_on: date
    sold_on: date
    due_on: date | None = None
    seller: Party
    buyer: Party
    currency: str
    lines: Sequence[Line]
    language: str = "en"
    notes: Sequence[str] = ()


@needs(ENTER_INVOICE)
def enter(*, customer: Customer, issued: Issued, by: Actor, now: datetime) -> Invoice:
    """Writes the invoice and its lines. The same number for the same customer again gives the invoice that is there.
    Raises `Invalid` with every fault on its field, and `Conflict` on `number` when it is another customer's."""
    domains = _domains(issued)
    errors = _faults(issued, domains)
    if errors:
        raise Invalid(errors)
    told = {name: getattr(issued, name) for name in ("issued_on", "sold_on", "due_on", "currency", "language")}
    told |= {"seller": _stored(issued.seller), "buyer": _stored(issued.buyer), "notes": [*issued.notes]}
    with transaction.atomic():
        invoice, made = Invoice.objects.get_or_create(
            number=kept(issued.number), defaults={**told, "customer": customer, "entered_at": now}
        )
        if made:
            InvoiceLine.objects.bulk_create(
                InvoiceLine(invoice=invoice, place=place, **asdict(line) | {"domain": domains.get(line.domain)})
                for place, line in enumerate(issued.lines, 1)
            )
            if (settled := settled_on(invoice)) is not None:
                invoice.settled_on = settled
                invoice.save(update_fields=["settled_on"])
    if invoice.customer_id != customer.pk:
        raise Conflict("number_taken", _("Another invoice has this number."), field="number")
    return invoice


def _domains(issued: Issued) -> dict[str, Domain]:
    """Those of our domains that the lines name, by the name as it was written."""
    names = {line.domain: idn.to_ascii(line.domain) or "" for line in issued.lines if line.domain}
    known = {one.name: one for one in Domain.objects.filter(name__in=names.values())}
    return {written: known[name] for written, name in names.items() if name in known}


def _stored(party: Party) -> dict[str, Any]:
    return {"name": party.name, "lines": [*party.lines], "numbers": [[*one] for one in party.numbers]}


def _faults(issued: Issued, domains: Mapping[str, Domain]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not kept(issued.number) or len(kept(issued.number)) > LONGEST_NUMBER:
        errors["number"] = [
            _("Enter the number of the invoice, at most %(most)d characters.") % {"most": LONGEST_NUMBER}
        ]
    if issued.due_on is not None and issued.due_on < issued.issued_on:
        errors["due_on"] = [_("It cannot be due before it was issued.")]
    if issued.currency not in Currency.values:
        errors["currency"] = [_("We do not invoice in this currency.")]
    if issued.language not in dict(languages.choices()):
        errors["language"] = [_("We do not write in this language yet.")]
    for name in ("seller", "buyer"):
        if not kept(getattr(issued, name).name):
            errors[name] = [_("Enter this name.")]
    if not 0 < len(issued.lines) <= MOST_LINES:
        errors["lines"] = [_("An invoice has between one line and %(most)d.") % {"most": MOST_LINES}]
    faults = [fault for number, line in enumerate(issued.lines, 1) if (fault := _fault_of(line, number, domains))]
    if faults:
        errors["lines"] = faults
    return errors


def _fault_of(line: Line, number: int, domains: Mapping[str, Domain]) -> str:
    told = {"number": number}
    if line.domain and line.domain not in domains:
        return _("Line %(number)d is for a domain that we do not know.") % told
    if not kept(line.text) or len(line.text) > LONGEST_TEXT:
        return _("Line %(number)d does not say what was sold, or needs too many characters for it.") % told
    if not line.quantity or abs(line.quantity * line.unit_net) > MOST or abs(line.unit_net) > MOST:
        return _("Line %(number)d has an amount that cannot be.") % told
    if line.vat_rate is None and not kept(line.vat_note):
        return _("Line %(number)d bears no VAT, and does not say why.") % told
    if line.vat_rate is not None and not 0 <= line.vat_rate <= 100:
        return _("Line %(number)d has a VAT rate that cannot be.") % told
    return ""
