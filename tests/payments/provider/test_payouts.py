"""What the provider keeps of a payment, and what goes on to the merchant: once, whatever is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backoffice.payments.provider import stripe_payments
from backoffice.payments.provider.amounts import payable
from backoffice.payments.provider.ports import Fee, NoAnswer, PayoutOrder, ProviderRefused, Refusal
from backoffice.payments.provider.stripe_payments import StripePayments
from devstack.payments.transfers import fee_of
from tests.devstack.payment_simulator.simulator import Payments
from tests.factories import now


@pytest.fixture
def paid(simulator: Payments, provider: StripePayments, key: str) -> str:
    """A payment of 1,000 cents that was taken."""
    held = provider.authorise(simulator.order(amount=1000), key=key).id
    provider.capture(held, key=f"{key}-2")
    return held


@pytest.fixture
def order(simulator: Payments, paid: str, key: str) -> PayoutOrder:
    """Of 900 cents."""
    return PayoutOrder(payment=paid, account=simulator.account(), amount=900, currency="EUR", group=key)


def test_what_the_provider_keeps_is_known_once_the_money_is_taken(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    held = provider.authorise(simulator.order(amount=1000), key=key).id
    with pytest.raises(NoAnswer):
        provider.fee(held)

    provider.capture(held, key=f"{key}-2")

    assert provider.fee(held) == fee_of(1000, "EUR") == 40


def test_the_fees_of_all_payments_are_listed_on_all_pages(
    simulator: Payments, provider: StripePayments, paid: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_payments, "A_PAGE", 1)
    second = provider.authorise(simulator.order(amount=2000), key=f"{key}-3").id
    provider.capture(second, key=f"{key}-4")

    kept = [one for one in provider.fees(since=now()) if one.payment in (paid, second)]

    assert kept == [Fee(second, fee_of(2000, "EUR"), "EUR"), Fee(paid, 40, "EUR")]
    monkeypatch.setattr(stripe_payments, "MOST_LISTED", 1)
    with pytest.raises(NoAnswer):
        provider.fees(since=now())


def test_a_payout_reaches_the_account_once_for_a_key(provider: StripePayments, order: PayoutOrder, key: str) -> None:
    first = provider.pay_out(order, key=f"{key}-3")
    again = provider.pay_out(order, key=f"{key}-3")

    assert (first.id, first.account, first.amount, first.group, first.key) == (
        *(again.id, order.account, 900, key),
        f"{key}-3",
    )
    assert list(provider.payouts(group=key)) == [first]
    assert first in provider.payouts(since=now())


def test_more_than_the_payment_took_never_goes_out(provider: StripePayments, order: PayoutOrder, key: str) -> None:
    """Under whatever key: of a payout that nobody knows of, nothing is sent again."""
    provider.pay_out(order, key=f"{key}-3")

    with pytest.raises(ProviderRefused) as refused:
        provider.pay_out(order, key=f"{key}-4")

    assert refused.value.because is Refusal.AMOUNT
    assert len(provider.payouts(group=key)) == 1


@pytest.mark.parametrize("fault", ["act_then_fail", "act_then_time_out"])
def test_a_payout_whose_answer_was_lost_is_found(simulator: Payments, order: PayoutOrder, key: str, fault: str) -> None:
    provider = simulator.adapter(read=0.3)
    simulator.faults(**{fault: {"on": "transfer"}})
    with pytest.raises(NoAnswer):
        provider.pay_out(order, key=f"{key}-3")

    assert [(one.amount, one.key) for one in provider.payouts(group=key)] == [(900, f"{key}-3")]


@pytest.mark.parametrize("how", ["unknown", "inactive"])
def test_an_account_that_cannot_be_paid_is_told_apart(
    simulator: Payments, provider: StripePayments, order: PayoutOrder, key: str, how: str
) -> None:
    if how == "inactive":
        simulator.ask("POST", "/_sim/accounts", {"account": order.account, "transfers": "inactive"})
    wrong = order if how == "inactive" else replace(order, account="acct_0000000000nobody")

    with pytest.raises(ProviderRefused) as refused:
        provider.pay_out(wrong, key=f"{key}-3")

    assert refused.value.because is Refusal.ACCOUNT_NOT_USABLE
    assert list(provider.payouts(group=key)) == []


def test_what_was_paid_out_is_taken_back_in_parts_and_no_more(
    provider: StripePayments, order: PayoutOrder, key: str
) -> None:
    sent = provider.pay_out(order, key=f"{key}-3")

    assert provider.take_back(sent.id, key=f"{key}-4", amount=300).returned == 300
    assert provider.take_back(sent.id, key=f"{key}-4", amount=300).returned == 300
    assert provider.take_back(sent.id, key=f"{key}-5", amount=600).returned == 900
    with pytest.raises(ProviderRefused) as refused:
        provider.take_back(sent.id, key=f"{key}-6", amount=1)
    assert refused.value.because is Refusal.AMOUNT


def test_what_was_taken_back_is_found_by_its_key(simulator: Payments, order: PayoutOrder, key: str) -> None:
    provider = simulator.adapter(read=0.3)
    sent = provider.pay_out(order, key=f"{key}-3")
    simulator.faults(act_then_time_out={"on": "reverse"})
    with pytest.raises(NoAnswer):
        provider.take_back(sent.id, key=f"{key}-4", amount=300)

    assert [(one.key, one.amount) for one in provider.taken_back(sent.id)] == [(f"{key}-4", 300)]


def test_what_a_merchant_has_had_paid_to_its_bank_cannot_be_taken_back(
    simulator: Payments, provider: StripePayments, order: PayoutOrder, key: str
) -> None:
    sent = provider.pay_out(order, key=f"{key}-3")
    simulator.ask("POST", "/_sim/accounts", {"account": order.account, "empty": True})

    with pytest.raises(ProviderRefused) as refused:
        provider.take_back(sent.id, key=f"{key}-4", amount=1)

    assert refused.value.because is Refusal.BALANCE
    assert list(provider.taken_back(sent.id)) == []


def test_of_a_currency_with_three_decimals_only_what_the_provider_can_count_is_paid() -> None:
    assert [payable(1239, one) for one in ("KWD", "MGA", "EUR", "JPY")] == [1230, 1200, 1239, 1239]
    assert payable(-5, "EUR") == 0
