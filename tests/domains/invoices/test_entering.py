"""Invoices as accounting tells of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from backoffice.customers import reading
from backoffice.domains.invoices.entering import Line, Party
from backoffice.domains.invoices.models import Invoice, InvoiceLine
from backoffice.refusals import Conflict, Invalid
from tests.factories import actor, make_customer, make_invoice, make_staff, now, sign_in

pytestmark = pytest.mark.django_db


def test_an_invoice_is_kept_as_it_was_issued_and_its_buyer_sealed() -> None:
    invoice = make_invoice(buyer=Party("Żółw sp. z o.o.", ["Rynek 1"], [("NIP", "8567346215")]))

    invoice.refresh_from_db()
    assert invoice.buyer == {"name": "Żółw sp. z o.o.", "lines": ["Rynek 1"], "numbers": [["NIP", "8567346215"]]}
    assert [(one.place, one.text) for one in invoice.lines.all()] == [(1, "tulip.example, one year"), (2, "Handbook")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT buyer FROM domains_invoice")
        stored = cursor.fetchone()[0]
    assert "8567346215" not in stored
    assert "Rynek" not in stored


def test_the_same_number_is_one_invoice_of_one_customer() -> None:
    invoice = make_invoice()

    again = make_invoice(customer=invoice.customer, number=invoice.number)
    with pytest.raises(Conflict) as refused:
        make_invoice(number=invoice.number)

    assert again == invoice
    assert invoice.lines.count() == 2
    assert refused.value.field == "number"


def line(**fields: Any) -> Line:
    told: dict[str, Any] = {"text": "A name", "unit_net": Decimal(1), "vat_rate": Decimal(23)}
    return Line(**(told | fields))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "1" * 41}, "number"),
        ({"currency": "XXX"}, "currency"),
        ({"language": "tlh"}, "language"),
        ({"buyer": Party(" ")}, "buyer"),
        ({"seller": Party("")}, "seller"),
        ({"lines": []}, "lines"),
        ({"lines": [line(text=" ")]}, "lines"),
        ({"lines": [line(text="A" * 201)]}, "lines"),
        ({"lines": [line(quantity=Decimal(0))]}, "lines"),
        ({"lines": [line(unit_net=Decimal("1e11"))]}, "lines"),
        ({"lines": [line(vat_rate=None)]}, "lines"),
        ({"lines": [line(vat_rate=Decimal(101))]}, "lines"),
        ({"lines": [line(vat_rate=Decimal(-1))]}, "lines"),
    ],
)
def test_each_fault_stands_on_its_field_and_nothing_is_written(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_invoice(**fields)

    assert list(refused.value.errors) == [field]
    assert not Invoice.objects.exists()


def test_the_database_knows_no_line_without_vat_and_without_a_reason() -> None:
    invoice = make_invoice()

    with pytest.raises(IntegrityError, match="no_vat_needs_a_reason"), transaction.atomic():
        InvoiceLine.objects.filter(invoice=invoice).update(vat_rate=None)


def test_the_desk_finds_an_invoice_by_its_whole_number_and_changes_nothing(client: Client) -> None:
    invoice, sam = make_invoice(customer=make_customer()), make_staff()
    sign_in(client, sam)
    address = f"/desk/domains/invoice/{invoice.pk}/change/"

    assert f">{invoice.number}</a>" in client.get("/desk/domains/invoice/", {"q": invoice.number}).content.decode()
    assert f">{invoice.number}</a>" not in client.get("/desk/domains/invoice/", {"q": "FV/2026"}).content.decode()
    assert client.get(address).status_code == 403
    reading.open_record(customer=invoice.customer, by=actor(sam), user=sam, now=now(), reason="They called about it")
    page = client.get(address).content.decode()
    assert "60.00 EUR and 10.80 EUR VAT: 70.80 EUR" in page
    assert "NIP 8567346215" in page
    client.post(address, {"number": "FV/1"})
    invoice.refresh_from_db()
    assert invoice.number != "FV/1"
