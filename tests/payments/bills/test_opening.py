"""Anybody who has a bill before them opens a page for it, and whoever has less learns nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings
from structlog.testing import capture_logs

from backoffice.cases.models import Case
from backoffice.money import Money
from backoffice.payments.bills import opening
from backoffice.payments.bills.models import BillPage, PageState
from backoffice.payments.bills.opening import CannotPayNow, TooOften
from backoffice.payments.bills.pages import anybody
from backoffice.refusals import NotFound
from backoffice.trust.limits import Limit
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import make_invoice, now
from tests.payments.bills.paying import WHOLE, look_at, open_page, transfer

pytestmark = pytest.mark.django_db


def answer(client: Client, reference: str, amount: str = "70.80", currency: str = "EUR") -> tuple[int, list[str]]:
    """The status and the page, without what differs between any two pages, and without what was typed."""
    told = {"reference": reference, "amount": amount, "currency": currency}
    response = client.post(reverse("pay"), told)
    text = response.content.decode().replace(reference, "…").replace(amount, "…")
    return response.status_code, [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]


def test_a_bill_is_found_by_its_number_and_amount_and_its_page_is_of_the_provider(simulator: Payments) -> None:
    invoice = make_invoice()

    page = open_page(invoice)

    assert (page.state, page.sum, page.reference) == (PageState.OPEN, WHOLE, invoice.number)
    assert look_at(page).address.startswith(f"{simulator.url}/pay/")
    assert simulator.payments_under(page.key) == []


def test_a_page_that_nobody_has_paid_is_no_case_of_the_customer() -> None:
    for _ in range(3):
        open_page(make_invoice())

    assert not Case.objects.exists()


def test_a_number_is_found_however_it_was_typed() -> None:
    invoice = make_invoice()
    invoice.number = f"  {invoice.number.lower()} "

    assert open_page(invoice).state == PageState.OPEN


def test_only_what_is_still_to_be_paid_can_be_paid() -> None:
    invoice = make_invoice()
    transfer(invoice, "20.80")

    with pytest.raises(NotFound):
        open_page(invoice)
    assert open_page(invoice, amount=Money(5000, "EUR")).sum == Money(5000, "EUR")


def test_unknown_other_amount_and_paid_read_the_same(client: Client) -> None:
    paid = make_invoice()
    transfer(paid, "70.80")
    known = make_invoice()

    answers = [
        answer(client, "FV/1999/01/0001"),
        answer(client, paid.number),
        answer(client, known.number, "70.81"),
        answer(client, "Tulip B.V."),
    ]

    assert {status for status, _page in answers} == {200}
    assert all(page == answers[0][1] for _status, page in answers)
    assert "We find no open bill" in "".join(answers[0][1])
    assert "We find no open bill" in "".join(answer(client, known.number, "70.80", "PLN")[1])
    assert not BillPage.objects.exists()


def test_every_such_answer_takes_the_padded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[timedelta] = []
    monkeypatch.setattr(opening, "pad", lambda began, to: waited.append(to))
    paid = make_invoice()
    transfer(paid, "70.80")

    wrong = (("FV/1999/01/0001", WHOLE), (paid.number, WHOLE), (make_invoice().number, Money(1, "EUR")))
    for reference, amount in wrong:
        with pytest.raises(NotFound):
            opening.open_page(reference=reference, amount=amount, network="", by=anybody(), now=now())

    assert waited == [opening.PADDED_TO] * 3


@pytest.mark.parametrize("limit", ["PER_ADDRESS", "PER_REFERENCE", "IN_ALL"])
def test_whoever_tries_too_often_gets_no_answer_even_to_the_right_one(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(opening, limit, Limit(limit, times=2, per=timedelta(days=999)))
    invoice = make_invoice()
    for amount in (1, 2):
        with pytest.raises(NotFound):
            open_page(invoice, amount=Money(amount, "EUR"))

    with pytest.raises(TooOften):
        open_page(invoice)


def test_beyond_the_limit_nothing_is_even_looked_up(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PER_ADDRESS", Limit("few", times=1, per=timedelta(days=999)))
    with pytest.raises(NotFound):
        opening.open_page(reference="FV/1", amount=WHOLE, network="", by=anybody(), now=now())

    with django_assert_num_queries(0), pytest.raises(TooOften):
        opening.open_page(reference="FV/2", amount=WHOLE, network="", by=anybody(), now=now())


def test_where_the_provider_does_not_answer_nothing_was_opened_and_the_payer_hears_so(
    simulator: Payments, settings: Settings
) -> None:
    invoice = make_invoice()
    settings.PAYMENTS_URL = "http://127.0.0.1:9"

    with pytest.raises(CannotPayNow) as refused:
        open_page(invoice)

    assert "Nothing was paid" in refused.value.sentence
    assert BillPage.objects.get().state == PageState.ENDED


def test_without_a_provider_no_bills_are_paid_by_card(client: Client, settings: Settings) -> None:
    settings.PAYMENTS_URL = ""

    page = client.get(reverse("pay")).content.decode()

    assert "No bills can be paid by card here" in page
    assert "<form" not in page.partition("<main")[2]
    with pytest.raises(CannotPayNow):
        open_page()


def test_neither_the_log_nor_a_row_holds_the_address_of_the_providers_page() -> None:
    with capture_logs() as logs:
        page = open_page()
        address = look_at(page).address

    secret = address.rpartition("/")[2]
    kept = {field.attname: str(getattr(page, field.attname)) for field in BillPage._meta.concrete_fields}
    assert secret
    assert address not in str(logs) + str(kept)
    assert address not in repr(look_at(page))
