"""Payment cards on file: kept and forgotten by their customer alone, and never as a number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from pytest_django import Settings

from backoffice.customers.models import Customer
from backoffice.payments.cards_on_file import keeping, records
from backoffice.payments.cards_on_file.models import CardOnFile, ProviderCustomer
from backoffice.refusals import Conflict, NotFound
from tests.devstack.payment_simulator.provided import _webhook_secret as _webhook_secret
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import GOOD, KEY, Payments
from tests.factories import make_customer, now
from tests.payments.making import make_card_on_file, make_voice_payment
from tests.playing import customer_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def payments(simulator: Payments, settings: Settings) -> Payments:
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = simulator.url, KEY
    return simulator


@pytest.fixture
def customer() -> Customer:
    return make_customer()


def keep(customer: Customer, token: str) -> CardOnFile:
    return keeping.keep(customer=customer, token=token, by=customer_actor(customer), now=now())


def forget(card: CardOnFile) -> CardOnFile:
    return keeping.forget(card=card, by=customer_actor(card.customer), now=now())


def saved(payments: Payments, customer: Customer) -> list[str]:
    there = ProviderCustomer.objects.get(customer=customer).reference
    return [one.reference for one in payments.adapter().saved_cards(there)]


def test_of_a_card_we_keep_what_its_customer_sees_and_the_provider_the_rest(
    payments: Payments, customer: Customer
) -> None:
    card = keep(customer, payments.card())

    assert (str(card), records.expiry(card)) == ("Visa ····4242", "12/2099")
    assert saved(payments, customer) == [card.reference]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM payments_cardonfile t")
        rows = str(cursor.fetchall())
    assert card.reference not in rows
    assert GOOD not in rows


def test_a_card_with_the_same_number_takes_the_place_of_the_one_before(payments: Payments, customer: Customer) -> None:
    first, second = keep(customer, payments.card()), keep(customer, payments.card())
    other = keep(customer, payments.card("5555555555554444"))

    assert list(records.kept(customer)) == [other, second]
    first.refresh_from_db()
    assert (first.reference, first.forgotten_at is not None) == ("", True)
    assert set(saved(payments, customer)) == {second.reference, other.reference}
    assert ProviderCustomer.objects.count() == 1


def test_the_same_token_twice_is_kept_once(payments: Payments, customer: Customer) -> None:
    token = payments.card()

    assert keep(customer, token) == keep(customer, token)


def test_a_card_that_its_issuer_declines_or_that_nobody_knows_is_not_kept(
    payments: Payments, customer: Customer
) -> None:
    for token in (payments.card("4000000000000002"), "pm_of_nobody"):
        with pytest.raises(keeping.CardNotTaken):
            keep(customer, token)

    assert not CardOnFile.objects.exists()


def test_a_forgotten_card_can_pay_nothing_any_more(payments: Payments, customer: Customer) -> None:
    card = keep(customer, payments.card())

    assert forget(forget(card)).reference == ""
    assert saved(payments, customer) == []
    assert list(records.kept(customer)) == []


def test_while_a_card_is_being_charged_it_stays(payments: Payments, customer: Customer) -> None:
    card = keep(customer, payments.card())
    make_voice_payment(customer=customer, card=card)

    with pytest.raises(Conflict, match="under way"):
        forget(card)

    assert keep(customer, payments.card()) == card


def test_while_the_provider_is_away_nothing_changes(payments: Payments, customer: Customer, settings: Settings) -> None:
    card, token = keep(customer, payments.card()), payments.card("5555555555554444")
    settings.PAYMENTS_URL = "http://127.0.0.1:9"

    acts: list[Callable[[], object]] = [lambda: forget(card), lambda: keep(customer, token)]
    for act in acts:
        with pytest.raises(keeping.ProviderAway):
            act()

    assert list(records.kept(customer)) == [card]


def test_another_customers_card_is_unknown() -> None:
    card, thief = make_card_on_file(), customer_actor(make_customer())

    with pytest.raises(NotFound):
        keeping.forget(card=card, by=thief, now=now())
    with pytest.raises(NotFound):
        keeping.keep(customer=card.customer, token="pm_1", by=thief, now=now())


def test_a_card_is_good_until_its_month_has_ended_everywhere(customer: Customer) -> None:
    card = make_card_on_file(customer, expiry_month=9, expiry_year=2027)

    def is_good(*moment: int) -> bool:
        return records.usable(customer, now=datetime(*moment, tzinfo=UTC)).filter(pk=card.pk).exists()  # type: ignore[arg-type,misc]

    assert is_good(2027, 10, 1, 11, 59)
    assert not is_good(2027, 10, 1, 12, 1)
