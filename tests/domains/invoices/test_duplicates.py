"""The duplicate of an invoice: who may have one, what it says, and where it goes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from backoffice.actors import CALLER_CODE, Actor, Level
from backoffice.cases import opening, timeline
from backoffice.cases.models import Case, Event
from backoffice.customers.models import ContactPoint, Customer
from backoffice.documents import pdfs, storing
from backoffice.domains.invoices import duplicating
from backoffice.domains.invoices.entering import Line, Party
from backoffice.domains.invoices.models import Invoice, InvoiceDuplicate
from backoffice.domains.invoices.rendering import render
from backoffice.messages.composing import mail
from backoffice.messages.models import Message
from backoffice.refusals import Conflict, Forbidden, Invalid, Refused
from tests.factories import actor, make_customer, make_invoice, make_staff, now, sign_in
from tests.playing import advance, close, customer_actor
from workflows.base.contracts import DoEffect, SendNotice

pytestmark = pytest.mark.django_db
PROCESS = "duplicate_invoice"


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def ask(invoice: Invoice, /, *, by: Actor | None = None, **data: str) -> Case:
    """Opens the case as the customer in the portal does, unless somebody else does."""
    case, _new = opening.open_by_form(
        process=PROCESS,
        customer=invoice.customer,
        by=by or customer_actor(invoice.customer),
        key=str(uuid.uuid4()),
        data={"invoice": str(invoice.public_id)} | data,
    )
    return case


def made(invoice: Invoice) -> Case:
    """A case whose process has done everything."""
    case = ask(invoice)
    effect, told = DoEffect(name="make_duplicate", args={}), SendNotice("duplicate_ready", {})
    advance(case, stage="made", effects=(effect,), notices=(told,))
    close(case)
    return case


def text_of(case: Case) -> str:
    document = InvoiceDuplicate.objects.get(case=case).document
    assert document is not None
    return pdfs.text_of(storing.read(document))


# --- what it says -----------------------------------------------------------------------------------------------------


def test_a_duplicate_says_what_the_invoice_said_and_that_it_is_one() -> None:
    invoice = make_invoice(buyer=Party("Żółw sp. z o.o.", ["Rynek 1"], [("NIP", "8567346215")]))

    text = pdfs.text_of(render(invoice, duplicate_on=date(2026, 11, 29), case_reference="K7Q-4MX-2"))

    for said in ("DUPLICATE made on 29 November 2026", invoice.number, "Żółw sp. z o.o.", "8567346215", "K7Q-4MX-2"):
        assert said in text
    for sum_ in ("9.20 EUR", "1.60 EUR", "60.00 EUR", "10.80 EUR", "70.80 EUR"):
        assert sum_ in text
    assert "DUPLICATE" not in pdfs.text_of(render(invoice, duplicate_on=None))


def test_the_same_duplicate_is_the_same_file() -> None:
    invoice, day = make_invoice(), date(2026, 11, 29)

    assert render(invoice, duplicate_on=day) == render(invoice, duplicate_on=day)


def test_what_bears_no_vat_says_why() -> None:
    line = Line(text="A name", unit_net=Decimal("40.00"), vat_rate=None, vat_note="Reverse charge.")

    text = pdfs.text_of(render(make_invoice(lines=[line]), duplicate_on=None))

    assert "Reverse charge." in text
    assert "40.00 EUR" in text


# --- who may have one -------------------------------------------------------------------------------------------------


def refusal(invoice: Invoice, customer: Customer) -> tuple[str, list[str]]:
    with pytest.raises(Invalid) as refused:
        opening.open_by_form(
            process=PROCESS,
            customer=customer,
            by=customer_actor(customer),
            key=str(uuid.uuid4()),
            data={"invoice": str(invoice.public_id)},
        )
    [(field, sentences)] = refused.value.errors.items()
    return field, sentences


def test_an_invoice_of_somebody_else_reads_like_one_that_nobody_knows() -> None:
    theirs, mine = make_invoice(), make_invoice()
    unknown = Invoice(public_id=uuid.uuid4())

    answers = {str(refusal(one, mine.customer)) for one in (theirs, unknown)}

    assert answers == {str(("invoice", ["This is not an invoice of yours. Choose one of the list."]))}


def test_an_invoice_can_be_named_by_its_number() -> None:
    invoice = make_invoice()

    assert ask(invoice, invoice=f" {invoice.number.lower()} ").subject == invoice.number


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (date(2021, 1, 15), date(2026, 12, 31)),
        (date(2020, 12, 1), date(2026, 12, 31)),
        (date(2020, 12, 31), date(2026, 12, 31)),
        (date(2020, 11, 30), date(2025, 12, 31)),
    ],
)
def test_an_invoice_is_kept_for_five_years_after_the_year_of_its_tax(issued: date, until: date) -> None:
    assert duplicating.kept_until(Invoice(issued_on=issued)) == until


def test_an_invoice_that_is_too_old_is_refused_with_the_day() -> None:
    old = make_invoice(issued_on=date(2020, 11, 30))

    with pytest.raises(Refused, match="we kept it until 31 December 2025"):
        ask(old)

    assert not Case.objects.exists()


def test_one_duplicate_of_an_invoice_at_a_time() -> None:
    invoice = make_invoice()
    case = ask(invoice)

    with pytest.raises(Conflict, match="A duplicate of this invoice is being made"):
        ask(invoice)
    close(case)

    assert ask(invoice) != case


def test_without_a_mail_address_on_file_nothing_is_promised() -> None:
    invoice = make_invoice()
    ContactPoint.objects.filter(customer=invoice.customer, kind="mail").update(superseded_at=now())

    with pytest.raises(Conflict, match="no e-mail address on file"):
        ask(invoice)


def test_an_invoice_that_cannot_be_printed_is_refused_before_anything_is_promised() -> None:
    with pytest.raises(Conflict, match="We cannot print this invoice here"):
        ask(make_invoice(buyer=Party("𓂀𓃰")))

    assert not Case.objects.exists()


def test_staff_open_it_only_with_the_code_of_a_caller() -> None:
    invoice, hanna = make_invoice(), actor(make_staff())

    with pytest.raises(Forbidden, match="only from the call console"):
        ask(invoice, by=hanna)

    assert ask(invoice, by=hanna.with_proof(Level.SIGNED_IN, CALLER_CODE)).subject == invoice.number


# --- where it goes ----------------------------------------------------------------------------------------------------


def test_the_duplicate_waits_in_the_portal_and_a_mail_without_data_says_so() -> None:
    invoice = make_invoice()

    case = made(invoice)

    message = Message.objects.select_related("point", "contact").get(template="duplicate_invoice.duplicate_ready")
    words = mail(message.template, customer=invoice.customer, case_reference=case.reference, check_code="", context={})
    assert message.point == invoice.customer.contact_points.get(kind="mail", superseded_at=None)
    for private in (invoice.number, "8567346215", "70.80", "Tulip"):
        assert private not in words.text + words.subject
    assert "DUPLICATE made on" in text_of(case)
    kinds = list(Event.objects.filter(case=case).order_by("number").values_list("kind", flat=True))
    assert {"document.kept", "invoice.duplicate_made", "case.told", "case.closed"} <= set(kinds)
    case.refresh_from_db()
    assert timeline.verify(case) is None


def test_the_effect_done_twice_keeps_one_file() -> None:
    case = ask(make_invoice())
    effect = DoEffect(name="make_duplicate", args={})

    advance(case, effects=(effect,))
    advance(case, effects=(effect,))

    assert case.documents.count() == 1


def portal(client: Client, customer: Customer, name: str, *args: Any) -> Any:
    assert customer.user is not None
    return sign_in(client, customer.user).get(reverse(name, args=args))


def test_its_customer_saves_the_file_from_the_page_of_the_case(client: Client) -> None:
    case = made(make_invoice())

    page = portal(client, case.customer, "portal:case", case.reference).content.decode()
    address = reverse("portal:duplicate_invoice:file", args=[case.reference])
    answer = client.get(address)

    assert f'href="{address}"' in page
    assert "Save the PDF" in page
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="duplicate-FV-2026-11-')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_nobody_else_gets_the_file(client: Client) -> None:
    case = made(make_invoice())

    assert portal(client, make_customer(), "portal:duplicate_invoice:file", case.reference).status_code == 404
    assert Client().get(reverse("portal:duplicate_invoice:file", args=[case.reference])).status_code == 302


def test_the_page_is_true_before_the_file_is_there_and_after_its_time(client: Client) -> None:
    invoice = make_invoice()
    case = ask(invoice)
    address = reverse("portal:duplicate_invoice:file", args=[case.reference])

    assert "We are making it." in portal(client, case.customer, "portal:case", case.reference).content.decode()
    assert client.get(address).status_code == 409
    advance(case, effects=(DoEffect(name="make_duplicate", args={}),))
    close(case)
    storing.delete_due(now=now() + timedelta(days=91))

    page = client.get(reverse("portal:case", args=[case.reference])).content.decode()
    assert "The file was deleted after its time." in page
    assert client.get(address).status_code == 409


def test_the_customer_starts_it_from_their_own_list(client: Client) -> None:
    invoice = make_invoice()
    old = make_invoice(customer=invoice.customer, issued_on=date(2020, 11, 30))

    mine = portal(client, invoice.customer, "portal:mine").content.decode()
    own, of_old = (client.get(reverse("portal:thing", args=["invoices", one.public_id])) for one in (invoice, old))
    form = client.get(reverse("portal:open", args=[PROCESS]), {"invoice": str(invoice.public_id)}).content.decode()
    stranger = portal(Client(), make_customer(), "portal:mine").content.decode()

    assert "My invoices" in mine
    assert "70.80 EUR" in mine
    assert f"?invoice={invoice.public_id}" in own.content.decode()
    assert f"?invoice={old.public_id}" not in of_old.content.decode()
    assert "For another address, have it changed first." in form
    assert invoice.customer.contact_points.get(kind="mail").masked in form
    assert invoice.number not in stranger


@time_machine.travel("2026-11-29T23:30:00+00:00", tick=False)
def test_the_day_on_it_is_that_of_utc() -> None:
    case = made(make_invoice(issued_on=date(2026, 11, 3), sold_on=date(2026, 11, 3)))

    assert InvoiceDuplicate.objects.get(case=case).made_on == date(2026, 11, 29)
