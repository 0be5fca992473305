"""A duplicate of an invoice: asked for in the portal, made, and kept there."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from benchmarks.processes.script import Script, customer_actor

if TYPE_CHECKING:
    from backoffice.domains.models import Invoice


class Duplicate(Script):
    name = "duplicate_invoice"

    def make(self, count: int) -> list[Invoice]:
        return [self._invoice() for _ in range(count)]

    def open_case(self, subject: Invoice) -> uuid.UUID:
        return self._open(subject.customer, customer_actor(subject.customer), invoice=str(subject.public_id))

    def _invoice(self) -> Invoice:
        from backoffice.actors import system
        from backoffice.domains.invoices.entering import Issued, Line, Party, enter

        customer, now = self._make_customer(), datetime.now(UTC)
        day = (now - timedelta(days=40)).date()
        issued = Issued(
            number=f"FV/{customer.public_id.hex[:12]}",
            issued_on=day,
            sold_on=day,
            seller=Party("Meridian Registrar B.V.", ["Damrak 1", "1012 LG Amsterdam"], [("VAT", "NL001234567B01")]),
            buyer=Party(customer.name, ["Keizersgracht 1", "1015 CJ Amsterdam"], []),
            currency="EUR",
            lines=[Line(text="A name, one year", unit_net=Decimal("14.00"), vat_rate=Decimal(23))],
        )
        return enter(customer=customer, issued=issued, by=system(), now=now)
