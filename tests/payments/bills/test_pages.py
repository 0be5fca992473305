"""The public pages for whoever pays a bill: no account, no name, no secret in an address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.customers import reading
from backoffice.domains.invoices.models import Invoice
from backoffice.payments.bills.models import BillPage
from backoffice.staff.models import Role
from tests.factories import actor, make_invoice, make_staff, now, sign_in
from tests.payments.bills.paying import book, pay_on, refund, transfer

pytestmark = pytest.mark.django_db


def start(client: Client, invoice: Invoice, **typed: str) -> Any:
    told = {"reference": invoice.number, "amount": "70.80", "currency": "EUR"} | typed
    return client.post(reverse("pay"), told)


def shown(client: Client) -> str:
    return client.get(reverse("pay_yours")).content.decode()


def test_who_pays_comes_back_to_an_address_without_a_secret_and_reads_that_it_is_paid(client: Client) -> None:
    invoice = make_invoice()

    led = start(client, invoice)
    before = shown(client)
    page = BillPage.objects.get()
    pay_on(page)
    after = shown(client)
    book(page)

    assert led.headers["Location"] == reverse("pay_yours")
    assert "Not paid yet" in before
    assert "/pay/cs_" in before
    assert "Paid" in after
    assert "We are booking it" in after
    assert "/pay/cs_" not in after
    assert "We are booking it" not in shown(client)


def test_nothing_of_the_customer_is_shown_to_who_pays(client: Client) -> None:
    invoice = make_invoice()
    customer = invoice.customer

    start(client, invoice)
    page = shown(client)
    pay_on(BillPage.objects.get())

    for text in (page, shown(client)):
        for told in (customer.given_name, customer.family_name, customer.phrase, "Tulip B.V.", "Keizersgracht"):
            assert told not in text


def test_another_browser_sees_nothing_of_it(client: Client) -> None:
    start(client, make_invoice())

    assert "There is no payment of this browser here" in shown(Client())
    forged = Client()
    forged.cookies["bill_page"] = str(BillPage.objects.get().pk)
    assert "There is no payment of this browser here" in shown(forged)


def test_the_cookie_is_for_these_pages_only_and_no_script_reads_it(client: Client) -> None:
    start(client, make_invoice())

    cookie = client.cookies["bill_page"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (reverse("pay"), True, "Lax")


def test_who_paid_too_late_reads_that_the_money_goes_back(client: Client) -> None:
    invoice = make_invoice()
    start(client, invoice)
    page = BillPage.objects.get()
    pay_on(page)
    shown(client)
    transfer(invoice, "70.80")
    book(page)

    going = shown(client)
    refund(page)

    assert "your money goes back" in going
    assert "your money goes back" in shown(client)


def test_who_paid_gets_a_receipt_that_says_nothing_of_whose_bill_it_is(client: Client) -> None:
    invoice = make_invoice()
    start(client, invoice)
    page = BillPage.objects.get()
    before = client.get(reverse("pay_receipt"))
    pay_on(page)

    led, receipt = shown(client), client.get(reverse("pay_receipt"))

    page.refresh_from_db()
    assert page.case is not None
    text, customer = receipt.content.decode(), invoice.customer
    assert before.headers["Location"] == reverse("pay_yours")
    assert reverse("pay_receipt") in led
    for told in ("70.80 EUR", invoice.number, page.receipt_number, f"{page.paid_at:%B %Y, %H:%M} UTC"):
        assert told in text
    for told in (customer.given_name, customer.family_name, customer.phrase, page.case.reference, page.payment):
        assert told not in text
    assert "no-store" in receipt.headers["Cache-Control"]
    assert Client().get(reverse("pay_receipt")).headers["Location"] == reverse("pay_yours")


def test_a_receipt_of_what_goes_back_says_so(client: Client) -> None:
    invoice = make_invoice()
    start(client, invoice)
    page = BillPage.objects.get()
    pay_on(page)
    shown(client)
    transfer(invoice, "70.80")
    book(page)

    assert "This money goes back to you" in client.get(reverse("pay_receipt")).content.decode()


def test_staff_find_the_page_by_the_bill_and_open_it_with_a_reason(client: Client) -> None:
    invoice = make_invoice()
    start(client, invoice)
    page = BillPage.objects.get()
    pay_on(page)
    shown(client)
    hanna, desk = make_staff(), Client()
    sign_in(desk, hanna)
    one = f"/desk/payments/billpage/{page.pk}/change/"

    listed = desk.get("/desk/payments/billpage/", {"q": invoice.number}).content.decode()
    unasked = desk.get(one)
    why = "The customer is on the phone or at the counter"
    reading.open_record(customer=invoice.customer, by=actor(hanna), user=hanna, now=now(), reason=why)

    assert page.receipt_number in listed
    assert "70.80" not in listed
    assert invoice.customer.family_name not in listed
    assert unasked.status_code == 403
    assert "70.80 EUR" in desk.get(one).content.decode()
    sign_in(desk, make_staff(role=Role.ADMINISTRATOR))
    assert desk.get("/desk/payments/billpage/").status_code == 403


def test_stopping_takes_a_press_and_reading_the_page_stops_nothing(client: Client) -> None:
    start(client, make_invoice())

    assert client.get(reverse("pay_stop")).status_code == 405
    assert "Not paid yet" in shown(client)
    assert client.post(reverse("pay_stop")).headers["Location"] == reverse("pay_yours")
    assert "nothing was paid here" in shown(client)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"reference": "F" * 65}, "reference"),
        ({"amount": ""}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-70.80"}, "amount"),
        ({"amount": "70.805"}, "amount"),
        ({"amount": "seventy"}, "amount"),
        ({"currency": "JPY"}, "currency"),
        ({"currency": ""}, "currency"),
    ],
)
def test_what_is_wrong_is_said_on_its_field_and_nothing_is_looked_up(
    client: Client, typed: dict[str, str], field: str
) -> None:
    response = start(client, make_invoice(), **typed)

    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert not BillPage.objects.exists()


def test_the_pages_are_not_kept_and_a_form_of_another_page_is_refused(client: Client) -> None:
    assert "no-store" in client.get(reverse("pay")).headers["Cache-Control"]
    assert "no-store" in client.get(reverse("pay_yours")).headers["Cache-Control"]
    assert Client(enforce_csrf_checks=True).post(reverse("pay"), {"reference": "FV/1"}).status_code == 403
