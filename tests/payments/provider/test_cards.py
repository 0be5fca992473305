from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backoffice.payments.provider.ports import Card, Decline, PaymentStatus, ProviderRefused, Refusal
from backoffice.payments.provider.stripe_payments import StripePayments
from tests.devstack.payment_simulator.simulator import GOOD, Payments

MASTERCARD, AMEX = "5555555555554444", "378282246310005"


@pytest.mark.parametrize(
    ("number", "brand"), [("4242424242424242", "visa"), (MASTERCARD, "mastercard"), (AMEX, "amex")]
)
def test_of_a_card_we_know_brand_last_four_expiry_and_fingerprint(
    simulator: Payments, provider: StripePayments, number: str, brand: str
) -> None:
    card = provider.card(simulator.card(number, exp_month=7, exp_year=2088))

    assert (card.brand, card.last_four, card.expiry_month, card.expiry_year) == (brand, number[-4:], 7, 2088)
    assert card.customer == ""
    assert number not in repr(card)


def test_one_number_has_one_fingerprint_and_two_have_two(simulator: Payments, provider: StripePayments) -> None:
    first, again = (provider.card(simulator.card()) for _ in range(2))
    other = provider.card(simulator.card(MASTERCARD))

    assert first.reference != again.reference
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_a_good_card_is_verified_without_a_payment(simulator: Payments, provider: StripePayments, key: str) -> None:
    card = simulator.card()

    verified = provider.verify(card, key=key)

    assert verified.decline is None
    assert verified == provider.verify(card, key=key)
    assert simulator.payments_under(key) == []


@pytest.mark.parametrize(
    ("number", "decline"),
    [
        ("4000000000000002", Decline.DO_NOT_HONOUR),
        ("4000000000009979", Decline.STOLEN),
        ("4000000000000127", Decline.WRONG_CODE),
    ],
)
def test_a_bad_card_is_declined_when_it_is_verified_or_saved(
    simulator: Payments, provider: StripePayments, key: str, number: str, decline: Decline
) -> None:
    card, customer = simulator.card(number), provider.new_customer(key=key)

    assert provider.verify(card, key=f"{key}-2", customer=customer).decline is decline
    assert provider.save_card(card, customer=customer, key=f"{key}-3") is decline
    assert list(provider.saved_cards(customer)) == []


def test_a_card_that_wants_its_holder_is_verified_by_telephone_only(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    card = simulator.card("4000002760003184")

    assert provider.verify(card, key=key).decline is None
    assert provider.verify(card, key=f"{key}-2", by_telephone=False).decline is Decline.NEEDS_CARDHOLDER


def test_a_customer_is_made_once_under_a_key(provider: StripePayments, key: str) -> None:
    assert provider.new_customer(key=key) == provider.new_customer(key=key) != provider.new_customer(key=f"{key}-2")


def test_a_saved_card_pays_again_and_again_until_it_is_forgotten(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    customer = provider.new_customer(key=f"{key}-0")
    order = simulator.order(customer=customer)

    saved = provider.save_card(order.card, customer=customer, key=f"{key}-1")
    paid = [provider.authorise(order, key=f"{key}-{number}").status for number in (2, 3)]
    provider.forget_card(order.card, key=f"{key}-4")

    assert isinstance(saved, Card)
    assert (saved.reference, saved.customer) == (order.card, customer)
    assert paid == [PaymentStatus.AUTHORISED] * 2
    assert list(provider.saved_cards(customer)) == []
    for again in (order, replace(order, customer="")):
        with pytest.raises(ProviderRefused) as refused:
            provider.authorise(again, key=f"{key}-5{again.customer}")
        assert refused.value.because is Refusal.CARD_NOT_USABLE


def test_a_card_that_was_told_for_one_payment_is_good_for_one(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    order = simulator.order()
    provider.authorise(order, key=key)

    with pytest.raises(ProviderRefused) as refused:
        provider.authorise(order, key=f"{key}-2")

    assert refused.value.because is Refusal.CARD_NOT_USABLE


def test_saved_cards_are_listed_the_newest_first(simulator: Payments, provider: StripePayments, key: str) -> None:
    customer = provider.new_customer(key=key)
    cards = [simulator.card(number) for number in (GOOD, MASTERCARD)]
    provider.save_card(cards[0], customer=customer, key=f"{key}-1")
    provider.verify(cards[1], key=f"{key}-2", customer=customer)

    assert [card.reference for card in provider.saved_cards(customer)] == [cards[1], cards[0]]
    assert {card.customer for card in provider.saved_cards(customer)} == {customer}


def test_forgetting_a_card_twice_is_no_error(simulator: Payments, provider: StripePayments, key: str) -> None:
    customer, card = provider.new_customer(key=key), simulator.card()
    provider.save_card(card, customer=customer, key=f"{key}-1")

    provider.forget_card(card, key=f"{key}-2")
    provider.forget_card(card, key=f"{key}-3")

    assert list(provider.saved_cards(customer)) == []


def test_what_nobody_has_is_unknown(provider: StripePayments, key: str) -> None:
    acts: list[Callable[[], object]] = [
        lambda: provider.card("pm_nobody"),
        lambda: provider.saved_cards("cus_nobody"),
        lambda: provider.forget_card("pm_nobody", key=key),
    ]
    for act in acts:
        with pytest.raises(ProviderRefused) as refused:
            act()
        assert refused.value.because is Refusal.UNKNOWN


def test_a_card_cannot_be_saved_with_a_customer_that_nobody_made(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.save_card(simulator.card(), customer="cus_nobody", key=key)

    assert refused.value.because is Refusal.UNKNOWN
