from __future__ import annotations

import pytest
import stripe

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.models import Shipping
from tests.devstack.issuer.simulator import Simulator, request_for


@pytest.fixture
def ordered(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> str:
    return issuer.order(request_for(simulator.seed(), case_id=case_id), case_id).token


def test_a_letter_is_shipped_and_delivered_by_the_clock(
    simulator: Simulator, issuer: StripeIssuer, ordered: str
) -> None:
    simulator.advance(days=0.5)
    assert issuer.look(ordered).shipping is Shipping.PENDING

    simulator.advance(days=0.6)
    shipped = issuer.look(ordered)
    assert (shipped.shipping, shipped.tracked) == (Shipping.SHIPPED, True)

    simulator.advance(days=2)
    assert issuer.look(ordered).shipping is Shipping.DELIVERED


def test_a_letter_that_is_to_come_back_comes_back(simulator: Simulator, issuer: StripeIssuer, ordered: str) -> None:
    simulator.faults(return_letter={})

    simulator.advance(days=1)
    assert issuer.look(ordered).shipping is Shipping.SHIPPED
    simulator.advance(days=2)

    assert issuer.look(ordered).shipping is Shipping.RETURNED


def test_a_lost_letter_is_reported_as_lost(simulator: Simulator, issuer: StripeIssuer, ordered: str) -> None:
    simulator.faults(lose_letter={})

    simulator.advance(days=1)
    simulator.advance(days=2)

    assert issuer.look(ordered).shipping is Shipping.LOST


def test_a_letter_lost_in_silence_is_never_reported(simulator: Simulator, issuer: StripeIssuer, ordered: str) -> None:
    simulator.faults(lose_letter={"told": False})

    simulator.advance(days=1)
    simulator.advance(days=40)

    assert issuer.look(ordered).shipping is Shipping.SHIPPED


def test_only_the_next_letters_come_back(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    simulator.faults(return_letter={"times": 1})
    seen = set()
    for number in range(2):
        token = issuer.order(request_for(simulator.seed(), case_id=case_id), f"{case_id}-{number}").token
        simulator.advance(days=1)
        simulator.advance(days=2)
        seen.add((number, issuer.look(token).shipping))

    assert seen == {(0, Shipping.RETURNED), (1, Shipping.DELIVERED)}


@pytest.mark.parametrize(
    ("step", "becomes"),
    [("deliver_card", Shipping.DELIVERED), ("return_card", Shipping.RETURNED), ("fail_card", Shipping.LOST)],
)
def test_a_letter_moves_by_the_commands_of_the_library(
    simulator: Simulator, issuer: StripeIssuer, ordered: str, step: str, becomes: Shipping
) -> None:
    commands = simulator.library().v1.test_helpers.issuing.cards

    commands.submit_card(ordered)
    assert issuer.look(ordered).shipping is Shipping.PENDING
    commands.ship_card(ordered)
    assert issuer.look(ordered).shipping is Shipping.SHIPPED
    getattr(commands, step)(ordered)

    assert issuer.look(ordered).shipping is becomes


@pytest.mark.parametrize("step", ["deliver_card", "return_card", "fail_card"])
def test_a_letter_that_has_not_left_cannot_arrive(
    simulator: Simulator, issuer: StripeIssuer, ordered: str, step: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        getattr(simulator.library().v1.test_helpers.issuing.cards, step)(ordered)

    assert issuer.look(ordered).shipping is Shipping.PENDING


def test_a_letter_cannot_be_delivered_twice(simulator: Simulator, ordered: str) -> None:
    commands = simulator.library().v1.test_helpers.issuing.cards
    commands.ship_card(ordered)
    commands.deliver_card(ordered)

    with pytest.raises(stripe.InvalidRequestError):
        commands.deliver_card(ordered)
