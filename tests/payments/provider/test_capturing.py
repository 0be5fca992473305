from __future__ import annotations

from collections.abc import Callable

import pytest

from backoffice.payments.provider.ports import PaymentStatus, ProviderRefused, RefundStatus, Refusal
from backoffice.payments.provider.stripe_payments import StripePayments
from tests.devstack.payment_simulator.simulator import Payments


@pytest.fixture
def held(simulator: Payments, provider: StripePayments, key: str) -> str:
    """A payment of 1,000 cents that is held."""
    return provider.authorise(simulator.order(amount=1000), key=key).id


def _because(refused: pytest.ExceptionInfo[ProviderRefused]) -> Refusal:
    return refused.value.because


def test_all_that_is_held_is_taken(provider: StripePayments, held: str, key: str) -> None:
    taken = provider.capture(held, key=f"{key}-2")

    assert (taken.status, taken.captured) == (PaymentStatus.CAPTURED, 1000)
    assert provider.look(held) == taken


def test_less_can_be_taken_and_the_rest_is_released(provider: StripePayments, held: str, key: str) -> None:
    taken = provider.capture(held, key=f"{key}-2", amount=400)

    assert (taken.status, taken.captured, taken.amount) == (PaymentStatus.CAPTURED, 400, 1000)
    with pytest.raises(ProviderRefused) as refused:
        provider.capture(held, key=f"{key}-3", amount=600)
    assert _because(refused) is Refusal.STATE


def test_more_than_is_held_cannot_be_taken(provider: StripePayments, held: str, key: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.capture(held, key=f"{key}-2", amount=1001)

    assert _because(refused) is Refusal.AMOUNT
    assert provider.look(held).status is PaymentStatus.AUTHORISED


def test_taking_again_what_was_taken_changes_nothing(provider: StripePayments, held: str, key: str) -> None:
    taken = provider.capture(held, key=f"{key}-2", amount=400)

    assert provider.capture(held, key=f"{key}-3", amount=400) == taken


def test_what_is_held_is_released_and_then_cannot_be_taken(provider: StripePayments, held: str, key: str) -> None:
    released = provider.cancel(held, key=f"{key}-2")

    assert (released.status, released.captured) == (PaymentStatus.CANCELED, 0)
    assert provider.cancel(held, key=f"{key}-3") == released
    with pytest.raises(ProviderRefused) as refused:
        provider.capture(held, key=f"{key}-4")
    assert _because(refused) is Refusal.STATE


def test_what_was_taken_cannot_be_released(provider: StripePayments, held: str, key: str) -> None:
    provider.capture(held, key=f"{key}-2")

    with pytest.raises(ProviderRefused) as refused:
        provider.cancel(held, key=f"{key}-3")

    assert _because(refused) is Refusal.STATE


def test_a_declined_payment_cannot_be_taken_and_can_be_ended(
    simulator: Payments, provider: StripePayments, key: str
) -> None:
    declined = provider.authorise(simulator.order("4000000000000002"), key=key)

    with pytest.raises(ProviderRefused) as refused:
        provider.capture(declined.id, key=f"{key}-2")

    assert _because(refused) is Refusal.STATE
    assert provider.cancel(declined.id, key=f"{key}-3").status is PaymentStatus.CANCELED


def test_what_is_held_for_seven_days_is_released_by_itself(own_simulator: Payments, key: str) -> None:
    provider = own_simulator.adapter()
    held = provider.authorise(own_simulator.order(), key=key)

    own_simulator.advance(days=7)

    assert provider.look(held.id).status is PaymentStatus.CANCELED


def test_a_payment_that_nobody_made_is_unknown(provider: StripePayments, key: str) -> None:
    acts: list[Callable[[], object]] = [
        lambda: provider.look("pi_nobody"),
        lambda: provider.capture("pi_nobody", key=key),
        lambda: provider.cancel("pi_nobody", key=key),
        lambda: provider.capture("pi_nobody", key=key, amount=100),
    ]
    for act in acts:
        with pytest.raises(ProviderRefused) as refused:
            act()
        assert _because(refused) is Refusal.UNKNOWN


def test_what_was_taken_goes_back_in_parts(provider: StripePayments, held: str, key: str) -> None:
    provider.capture(held, key=f"{key}-2")

    part = provider.refund(held, key=f"{key}-3", amount=300)
    rest = provider.refund(held, key=f"{key}-4")

    assert (part.amount, rest.amount, part.currency, part.payment) == (300, 700, "EUR", held)
    assert {part.status, rest.status} == {RefundStatus.DONE}
    assert list(provider.refunds(held)) == [rest, part]
    assert [one.key for one in provider.refunds(held)] == [f"{key}-4", f"{key}-3"]


@pytest.mark.parametrize("amount", [701, 1001, None])
def test_more_than_is_left_cannot_go_back(provider: StripePayments, held: str, key: str, amount: int | None) -> None:
    provider.capture(held, key=f"{key}-2")
    provider.refund(held, key=f"{key}-3", amount=300 if amount else 1000)

    with pytest.raises(ProviderRefused) as refused:
        provider.refund(held, key=f"{key}-4", amount=amount)

    assert _because(refused) is Refusal.MORE_THAN_CAPTURED
    assert len(provider.refunds(held)) == 1


def test_of_less_that_was_taken_only_that_goes_back(provider: StripePayments, held: str, key: str) -> None:
    provider.capture(held, key=f"{key}-2", amount=400)

    assert provider.refund(held, key=f"{key}-3").amount == 400


def test_what_was_not_taken_cannot_go_back(provider: StripePayments, held: str, key: str) -> None:
    with pytest.raises(ProviderRefused):
        provider.refund(held, key=f"{key}-2")

    assert list(provider.refunds(held)) == []


def test_what_the_bank_gives_back_we_do_not(simulator: Payments, provider: StripePayments, held: str, key: str) -> None:
    provider.capture(held, key=f"{key}-2")
    simulator.ask("POST", "/_sim/disputes", {"payment_intent": held})

    with pytest.raises(ProviderRefused) as refused:
        provider.refund(held, key=f"{key}-3")

    assert _because(refused) is Refusal.DISPUTED
