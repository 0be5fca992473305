"""Enters an invoice that was issued, as it was issued. Afterwards nobody changes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import languages
from backoffice.actors import Actor
from backoffice.customers.models import Customer
from backoffice.domains.invoices.models import Currency, Invoice, InvoiceLine
from backoffice.domains.invoices.rights import ENTER_INVOICE
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
    """`vat_rate` is in per cent; None for what bears no VAT, and `vat_note` says why then."""

    text: str
    unit_net: Decimal
    quantity: Decimal = Decimal(1)
    vat_rate: Decimal | None
    vat_note: str = ""


@dataclass(frozen=True, kw_only=True)
class Issued:
    """An invoice as accounting tells of it."""

    number: str
    issued_on: date
    sold_on: date
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
    errors = _faults(issued)
    if errors:
        raise Invalid(errors)
    told = {name: getattr(issued, name) for name in ("issued_on", "sold_on", "currency", "language")}
    told |= {"seller": _stored(issued.seller), "buyer": _stored(issued.buyer), "notes": [*issued.notes]}
    with transaction.atomic():
        invoice, made = Invoice.objects.get_or_create(
            number=kept(issued.number), defaults={**told, "customer": customer, "entered_at": now}
        )
        if made:
            InvoiceLine.objects.bulk_create(
                InvoiceLine(invoice=invoice, place=place, **asdict(line)) for place, line in enumerate(issued.lines, 1)
            )
    if invoice.customer_id != customer.pk:
        raise Conflict("number_taken", _("Another invoice has this number."), field="number")
    return invoice


def _stored(party: Party) -> dict[str, Any]:
    return {"name": party.name, "lines": [*party.lines], "numbers": [[*one] for one in party.numbers]}


def _faults(issued: Issued) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not kept(issued.number) or len(kept(issued.number)) > LONGEST_NUMBER:
        errors["number"] = [
            _("Enter the number of the invoice, at most %(most)d characters.") % {"most": LONGEST_NUMBER}
        ]
    if issued.currency not in Currency.values:
        errors["currency"] = [_("We do not invoice in this currency.")]
    if issued.language not in dict(languages.choices()):
        errors["language"] = [_("We do not write in this language yet.")]
    for name in ("seller", "buyer"):
        if not kept(getattr(issued, name).name):
            errors[name] = [_("Enter this name.")]
    if not 0 < len(issued.lines) <= MOST_LINES:
        errors["lines"] = [_("An invoice has between one line and %(most)d.") % {"most": MOST_LINES}]
    faults = [fault for number, line in enumerate(issued.lines, 1) if (fault := _fault_of(line, number))]
    if faults:
        errors["lines"] = faults
    return errors


def _fault_of(line: Line, number: int) -> str:
    told = {"number": number}
    if not kept(line.text) or len(line.text) > LONGEST_TEXT:
        return _("Line %(number)d does not say what was sold, or needs too many characters for it.") % told
    if not line.quantity or abs(line.quantity * line.unit_net) > MOST or abs(line.unit_net) > MOST:
        return _("Line %(number)d has an amount that cannot be.") % told
    if line.vat_rate is None and not kept(line.vat_note):
        return _("Line %(number)d bears no VAT, and does not say why.") % told
    if line.vat_rate is not None and not 0 <= line.vat_rate <= 100:
        return _("Line %(number)d has a VAT rate that cannot be.") % told
    return ""
