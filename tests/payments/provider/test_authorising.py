from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.payments.provider.ports import (
    Decline,
    PaymentStatus,
    ProviderRefused,
    Refusal,
)
from backoffice.payments.provider.stripe_payments import StripePayments
from tests.devstack.payment_simulator.simulator import Payments

DECLINED = {
    "4000000000000002": Decline.DO_NOT_HONOUR,
    "4000000000009995": Decline.INSUFFICIENT_FUNDS,
    "4000000000009987": Decline.LOST,
    "4000000000009979": Decline.STOLEN,
    "4000000000000069": Decline.EXPIRED,
    "4000000000000127": Decline.WRONG_CODE,
    "4000000000000119": Decline.TRY_LATER,
    "4000000000006975": Decline.LIMIT,
    "4000000000000341": Decline.DO_NOT_HONOUR,
}


def test_a_good_card_has_the_amount_held_and_nothing_taken(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    payment = provider.authorise(simulator.order(amount=1250, currency="EUR"), key=key)

    assert (payment.status, payment.amount, payment.currency) == (PaymentStatus.AUTHORISED, 1250, "EUR")
    assert (payment.key, payment.captured, payment.decline) == (key, 0, None)
    assert abs(datetime.now(UTC) - payment.created) < timedelta(days=30)
    assert provider.look(payment.id) == payment


@pytest.mark.parametrize("number", DECLINED)
def test_a_decline_is_an_outcome_and_holds_nothing(
    simulator: Payments, provider: StripePayments, key: str, number: str
) -> None:
    payment = provider.authorise(simulator.order(number), key=key)

    assert (payment.status, payment.decline) == (PaymentStatus.DECLINED, DECLINED[number])
    assert (payment.key, payment.captured) == (key, 0)
    assert provider.look(payment.id) == payment


@pytest.mark.parametrize("code", ["pickup_card", "fraudulent", "transaction_not_allowed", "a_code_of_next_year"])
def test_every_code_of_a_decline_is_one_of_ours(
    simulator: Payments, provider: StripePayments, key: str, code: str
) -> None:
    simulator.faults(decline={"code": code, "on": "authorise"})

    payment = provider.authorise(simulator.order(), key=key)

    ours = {"pickup_card": Decline.NOT_PERMITTED, "transaction_not_allowed": Decline.NOT_PERMITTED}
    assert payment.decline is ours.get(code, Decline.SUSPECTED_FRAUD if code == "fraudulent" else Decline.DO_NOT_HONOUR)


def test_the_same_key_gives_the_same_decline_again(simulator: Payments, provider: StripePayments, key: str) -> None:
    order = simulator.order("4000000000009995")

    first, again = provider.authorise(order, key=key), provider.authorise(order, key=key)

    assert first == again
    assert len(simulator.payments_under(key)) == 1


def test_a_card_that_wants_its_holder_is_good_by_telephone_only(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    order = simulator.order("4000002760003184")

    by_telephone = provider.authorise(order, key=key)
    elsewhere = provider.authorise(
        replace(order, card=simulator.card("4000002760003184"), by_telephone=False), key=f"{key}-2"
    )

    assert by_telephone.status is PaymentStatus.AUTHORISED
    assert (elsewhere.status, elsewhere.decline) == (PaymentStatus.DECLINED, Decline.NEEDS_CARDHOLDER)


def test_a_card_whose_month_has_ended_since_it_was_told_is_expired(own_simulator: Payments, key: str) -> None:
    now = datetime.now(UTC)
    card = own_simulator.card(exp_month=now.month, exp_year=now.year)
    own_simulator.advance(days=32)

    payment = own_simulator.adapter().authorise(replace(own_simulator.order(), card=card), key=key)

    assert payment.decline is Decline.EXPIRED


def test_a_security_code_is_good_for_one_payment(simulator: Payments, provider: StripePayments, key: str) -> None:
    code = simulator.security_code()
    paid = provider.authorise(simulator.order(security_code=code), key=key)

    with pytest.raises(ProviderRefused) as refused:
        provider.authorise(simulator.order(security_code=code), key=f"{key}-2")

    assert paid.status is PaymentStatus.AUTHORISED
    assert refused.value.because is Refusal.CODE_NOT_USABLE
    assert simulator.payments_under(f"{key}-2") == []


def test_a_security_code_is_not_shown(simulator: Payments) -> None:
    order = simulator.order(security_code="cvctok_of_a_test")

    assert "cvctok_of_a_test" not in repr(order)


def test_another_customers_card_is_refused(simulator: Payments, provider: StripePayments, key: str) -> None:
    mine, other = provider.new_customer(key=f"{key}-1"), provider.new_customer(key=f"{key}-2")
    order = simulator.order(customer=other)
    provider.save_card(order.card, customer=mine, key=f"{key}-3")

    for customer in (other, ""):
        with pytest.raises(ProviderRefused) as refused:
            provider.authorise(replace(order, customer=customer), key=f"{key}-{customer}")
        assert refused.value.because is Refusal.CARD_NOT_USABLE
    assert provider.authorise(replace(order, customer=mine), key=key).status is PaymentStatus.AUTHORISED


def test_a_card_that_nobody_told_is_refused(simulator: Payments, provider: StripePayments, key: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.authorise(replace(simulator.order(), card="pm_nobody"), key=key)

    assert refused.value.because is Refusal.CARD_NOT_USABLE


@pytest.mark.parametrize(
    ("amount", "currency", "told"), [(1500, "JPY", 1500), (1250, "KWD", 1250), (300, "ISK", 30000), (50000, "MGA", 500)]
)
def test_amounts_are_in_the_smallest_unit_of_their_currency(
    simulator: Payments, provider: StripePayments, key: str, amount: int, currency: str, told: int
) -> None:
    payment = provider.authorise(simulator.order(amount=amount, currency=currency), key=key)

    taken = provider.capture(payment.id, key=f"{key}-2")

    assert (taken.amount, taken.captured, taken.currency) == (amount, amount, currency)
    assert simulator.library.v1.payment_intents.retrieve(payment.id).amount_received == told


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(0, "EUR"), (-100, "EUR"), (1255, "KWD"), (50001, "MGA"), (10, "EUR"), (100_000_000, "EUR")],
)
def test_an_amount_that_cannot_be_paid_is_refused(
    simulator: Payments, provider: StripePayments, key: str, amount: int, currency: str
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.authorise(simulator.order(amount=amount, currency=currency), key=key)

    assert refused.value.because is Refusal.AMOUNT
    assert simulator.payments_under(key) == []
