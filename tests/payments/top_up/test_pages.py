"""The customer's pages of a top-up, and of their payment cards."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from pytest_django import Settings

from backoffice.payments.top_up import calls, limits, opening
from backoffice.payments.top_up.models import Step
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import make_customer
from tests.payments.making import make_card_on_file
from tests.payments.top_up.calling_us import Caller, agreed, waiting
from tests.payments.top_up.test_taking import authorise, done, keep
from tests.portal.conftest import make_person

pytestmark = pytest.mark.django_db


def test_a_customer_has_the_digits_shown_once_and_they_let_the_caller_in() -> None:
    person = make_person()
    case = waiting(person.customer)
    page = person.client.get(reverse("portal:case", args=[case.reference])).content.decode()
    assert "Call us, and key in your digits" in page
    assert not re.search(r"\d{4} \d{4} \d{4}", page)

    shown = person.client.post(reverse("portal:top_up:code", args=[case.reference]), follow=True).content.decode()

    digits = "".join(re.findall(r"<span>(\d{4})</span>", shown))
    assert len(digits) == 12
    caller = Caller()
    caller.keys(digits)
    assert caller.call.step == Step.AMOUNT


def test_each_page_before_the_call_says_that_a_hidden_number_is_asked_about_first() -> None:
    person = make_person()
    case = waiting(person.customer)
    page = person.client.get(reverse("portal:case", args=[case.reference])).content.decode()
    shown = person.client.post(reverse("portal:top_up:code", args=[case.reference]), follow=True).content.decode()

    assert "if it shows none, or another one, we always ask you here first" in " ".join(page.split())
    assert "Does your telephone hide its number? Then we ask you" in " ".join(shown.split())
    assert "If your call shows no number, we always ask you here first" in str(opening.TopUpForm.intro)
    assert page.count('href="tel:') > 1  # A customer who reads this on a telephone calls with one press.
    assert 'href="tel:' in shown


def test_another_customer_has_no_digits_shown() -> None:
    case, stranger = waiting(make_customer()), make_person()

    answer = stranger.client.post(reverse("portal:top_up:code", args=[case.reference]))

    assert answer.status_code == 404


def test_where_no_payments_are_taken_nobody_can_start(settings: Settings) -> None:
    settings.PAYMENTS_URL = ""

    assert "no payments" in opening.why_not(make_customer())


@pytest.mark.parametrize(("country", "currency"), [("NL", "EUR"), ("PL", "PLN"), ("JP", "JPY"), ("BT", "EUR")])
def test_the_currency_is_that_of_the_country_where_there_is_a_top_up_in_it(country: str, currency: str) -> None:
    assert limits.usual_currency(make_customer(country=country)) == currency


def test_a_customer_sees_their_cards_and_has_one_forgotten(payments: Payments) -> None:
    person, address = make_person(), reverse("portal:top_up:cards")
    card = keep(payments, waiting(person.customer))
    old = make_card_on_file(person.customer, brand="mastercard", last_four="1881", expiry_year=2020)
    assert reverse("portal:top_up:cards") in person.client.get(reverse("portal:mine")).content.decode()
    page = person.client.get(address).content.decode()
    assert "Visa ····4242" in page
    assert "Good until 12/2099" in page
    assert "Expired in 09/2020" in page

    page = person.client.post(reverse("portal:top_up:forget", args=[card.public_id]), follow=True).content.decode()

    assert page.count("Visa ····4242") == page.count("Visa ····4242: ") == 2
    assert str(old) in page


def test_another_customers_card_is_not_forgotten() -> None:
    card, stranger = make_card_on_file(), make_person()

    answer = stranger.client.post(reverse("portal:top_up:forget", args=[card.public_id]))

    card.refresh_from_db()
    assert (answer.status_code, card.forgotten_at) == (404, None)


def test_a_customer_sees_what_they_added_and_their_balance_on_one_page(payments: Payments) -> None:
    person, address = make_person(), reverse("portal:top_up:mine")
    assert "You have added no money by telephone" in person.client.get(address).content.decode()
    case = waiting(person.customer)
    agreed(case, keep(payments, case), token=payments.security_code())
    authorise(case)
    done(calls.capture, case)
    stranger = waiting(make_customer())

    page = person.client.get(address).content.decode()

    assert "On your balance now: <strong>25.00 EUR</strong>" in page
    assert "25.00 EUR for your balance" in page
    assert case.reference in page
    assert stranger.reference not in page
    assert address in person.client.get(reverse("portal:mine")).content.decode()
