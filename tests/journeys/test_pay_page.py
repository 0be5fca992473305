"""Somebody pays the bill of another person in a real browser: our page, that of the provider, and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from backoffice.payments.bills.models import BillPage
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import GOOD, KEY, Payments
from tests.factories import make_invoice
from tests.journeys.conftest import BOTH_WIDTHS, NewPage, in_looks
from tests.journeys.test_desk_pages import Check, picture
from tests.payments.bills.paying import book

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_relative_pays_a_bill_with_its_number_and_amount(
    live_server: Any, new_page: NewPage, accessible: Check, fits: Check, simulator: Payments, settings: Any
) -> None:
    phone = new_page(width=360, height=740, has_touch=True, is_mobile=True, timezone_id="Asia/Kolkata")
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY, settings.PUBLIC_URL = simulator.url, KEY, live_server.url
    cache.clear()
    invoice = make_invoice()

    def look(name: str) -> None:
        for width, _scheme in in_looks(phone, *BOTH_WIDTHS):
            picture(phone, f"pay-{name}-{width}")
            fits(phone)
        accessible(phone)

    def find(amount: str) -> None:
        phone.get_by_label("The number of the bill").fill(invoice.number)
        phone.get_by_label("The amount").fill(amount)
        phone.get_by_label("Currency").select_option("EUR")
        phone.get_by_role("button", name="Find the bill").click()

    phone.goto(live_server.url + reverse("pay"))
    look("start")
    find("70.81")
    expect(phone.get_by_text("We find no open bill")).to_be_visible()
    look("not-found")
    find("70.80")
    expect(phone.get_by_role("heading", name="Not paid yet")).to_be_visible()
    look("not-paid")
    phone.get_by_role("link", name="Pay by card").click()
    for label, typed in (("Card number", GOOD), ("Expires", "12/99"), ("Security code", "123")):
        phone.get_by_label(label).fill(typed)
    phone.get_by_role("button", name="Pay 70.80 EUR").click()
    expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    book(BillPage.objects.get())
    phone.reload()
    expect(phone.get_by_text("We are booking it")).to_have_count(0)
    look("paid")
    phone.get_by_role("link", name="Receipt to print or keep").click()
    expect(phone.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(phone.get_by_text("GMT+5:30")).to_be_visible()
    look("receipt")
