"""Who pays without telling who they are does so on a page of the provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import pytest
import urllib3

from backoffice.payments.provider.ports import Bill, HostedPage, PaymentStatus, ProviderRefused, Refusal
from backoffice.payments.provider.stripe_payments import StripePayments
from tests.devstack.payment_simulator.simulator import GOOD, Payments

PAID, BACK = "https://cases.example/pay/thanks", "https://cases.example/pay"


def _bill(*, amount: int = 2500, currency: str = "EUR", title: str = "MB-1234-5678") -> Bill:
    return Bill(amount, currency, title, PAID, BACK, ends_at=datetime.now(UTC) + timedelta(hours=1))


@pytest.fixture
def page(provider: StripePayments, key: str) -> HostedPage:
    return provider.open_page(_bill(), key=key)


def _send(page: HostedPage, *, number: str = GOOD, expiry: str = "12/99", **headers: str) -> urllib3.BaseHTTPResponse:
    body = urlencode({"number": number, "expiry": expiry, "cvc": "123"})
    form = {"content-type": "application/x-www-form-urlencoded", **headers}
    return urllib3.request("POST", page.url, body=body, headers=form, redirect=False, retries=False)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (125000, "EUR", "1,250.00 EUR"),
        (1250, "KWD", "1.250 KWD"),
        (1250, "JPY", "1,250 JPY"),
        (1205, "ALL", "12.05 ALL"),
        (300, "ISK", "300.00 ISK"),
        (50000, "MGA", "500 MGA"),
    ],
)
def test_the_page_shows_what_is_paid_and_nothing_else_of_ours(
    provider: StripePayments, key: str, amount: int, currency: str, shown: str
) -> None:
    page = provider.open_page(_bill(amount=amount, currency=currency, title="<b>MB-1</b>"), key=key)

    content = urllib3.request("GET", page.url).data.decode()

    assert shown in content
    assert "&lt;b&gt;MB-1&lt;/b&gt;" in content
    assert f'href="{BACK}"' in content
    assert key not in content


def test_a_bill_that_cannot_be_paid_has_no_page(provider: StripePayments, key: str) -> None:
    for bill in (_bill(amount=10), _bill(amount=1255, currency="KWD"), _bill(amount=0)):
        with pytest.raises(ProviderRefused) as refused:
            provider.open_page(bill, key=key)
        assert refused.value.because is Refusal.AMOUNT


def test_whoever_pays_there_comes_back_and_the_payment_has_our_key(
    simulator: Payments, provider: StripePayments, page: HostedPage, key: str
) -> None:
    sent = _send(page, origin=simulator.url)

    paid = provider.look_at_page(page.id)
    payment = provider.look(paid.payment)
    assert (sent.status, sent.headers["location"]) == (303, PAID)
    assert (page.is_paid, paid.is_paid, paid.url) == (False, True, "")
    assert (payment.status, payment.captured, payment.currency, payment.key) == (
        PaymentStatus.CAPTURED, 2500, "EUR", key,
    )  # fmt: skip


def test_after_a_decline_another_card_may_pay_and_it_is_one_payment(
    simulator: Payments, provider: StripePayments, page: HostedPage, key: str
) -> None:
    declined, wrong, paid = (_send(page, number=one) for one in ("4000000000009995", "4242424242424241", GOOD))

    assert (declined.status, wrong.status, paid.status) == (402, 402, 303)
    assert "insufficient funds" in declined.data.decode()
    assert "number is incorrect" in wrong.data.decode()
    assert "4000000000009995" not in declined.data.decode()
    assert simulator.payments_under(key) == ["succeeded"]


@pytest.mark.parametrize("expiry", ["", "13/99", "12/20", "12", "x/y", "12/9999"])
def test_a_wrong_expiry_is_said_and_nothing_is_paid(provider: StripePayments, page: HostedPage, expiry: str) -> None:
    assert "expiration" in _send(page, expiry=expiry).data.decode()
    assert not provider.look_at_page(page.id).is_paid


def test_paying_twice_takes_the_money_once(simulator: Payments, page: HostedPage, key: str) -> None:
    first, again = _send(page), _send(page)

    assert (first.status, again.status) == (303, 303)
    assert simulator.payments_under(key) == ["succeeded"]


def test_a_page_that_was_closed_takes_no_money(
    simulator: Payments, provider: StripePayments, page: HostedPage, key: str
) -> None:
    closed = provider.close_page(page.id, key=f"{key}-2")

    assert (closed.url, closed.is_paid) == ("", False)
    assert provider.close_page(page.id, key=f"{key}-3") == closed
    assert _send(page).status == 410
    assert simulator.payments_under(key) == []


def test_a_page_on_which_somebody_has_paid_stays_paid_when_it_is_closed(
    provider: StripePayments, page: HostedPage, key: str
) -> None:
    _send(page)

    assert provider.close_page(page.id, key=f"{key}-2").is_paid


def test_a_page_ends_by_itself(own_simulator: Payments, key: str) -> None:
    provider = own_simulator.adapter()
    page = provider.open_page(_bill(), key=key)

    own_simulator.advance(hours=1)

    assert provider.look_at_page(page.id).url == ""
    assert _send(page).status == 410


def test_the_same_key_opens_one_page(provider: StripePayments, key: str) -> None:
    bill = _bill()

    assert provider.open_page(bill, key=key) == provider.open_page(bill, key=key)


def test_a_page_that_should_live_too_long_is_refused(provider: StripePayments, key: str) -> None:
    bill = Bill(2500, "EUR", "MB-1", PAID, BACK, ends_at=datetime.now(UTC) + timedelta(days=2))

    with pytest.raises(ProviderRefused) as refused:
        provider.open_page(bill, key=key)

    assert refused.value.because is Refusal.OTHER


def test_another_site_cannot_pay_with_a_form_of_its_own(provider: StripePayments, page: HostedPage) -> None:
    assert _send(page, origin="https://elsewhere.example").status == 403
    assert not provider.look_at_page(page.id).is_paid


def test_the_browser_says_from_which_page_the_form_comes_and_may_go_back_to_us(page: HostedPage) -> None:
    headers = urllib3.request("GET", page.url).headers

    assert headers["referrer-policy"] == "same-origin"
    assert "form-action 'self' https://cases.example;" in headers["content-security-policy"]


def test_the_address_of_a_page_is_not_shown_by_chance(page: HostedPage) -> None:
    assert urlsplit(page.url).path not in repr(page)


def test_an_address_that_nobody_has_says_so(simulator: Payments) -> None:
    assert urllib3.request("GET", f"{simulator.url}/pay/cs_nobody").status == 404
