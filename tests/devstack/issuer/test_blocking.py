from __future__ import annotations

import pytest
from pytest_django import Settings

from backoffice.cards import ports
from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.models import Reason
from backoffice.cards.ports import IssuerRefusal, IssuerStatus, Replacement
from tests.devstack.issuer.simulator import KEY, Simulator


def test_a_blocked_card_is_inactive_until_it_is_unblocked(simulator: Simulator, issuer: StripeIssuer) -> None:
    token = simulator.seed()

    assert issuer.block(token, f"{token}-1").status is IssuerStatus.INACTIVE
    assert issuer.look(token).status is IssuerStatus.INACTIVE
    assert issuer.unblock(token, f"{token}-2").status is IssuerStatus.ACTIVE
    assert issuer.look(token).status is IssuerStatus.ACTIVE


@pytest.mark.parametrize("reason", [Replacement.LOST, Replacement.STOLEN])
def test_a_lost_or_stolen_card_is_canceled_for_that_reason(
    simulator: Simulator, issuer: StripeIssuer, reason: Replacement
) -> None:
    token = simulator.seed()

    issuer.close(token, reason, f"{token}-1")

    card = simulator.library().v1.issuing.cards.retrieve(token)
    assert (card.status, card.cancellation_reason) == ("canceled", reason.value)


@pytest.mark.parametrize("reason", [None, Replacement.DAMAGED, Replacement.EXPIRED])
def test_a_card_closed_for_another_reason_has_none_at_the_issuer(
    simulator: Simulator, issuer: StripeIssuer, reason: Replacement | None
) -> None:
    token = simulator.seed()

    issuer.close(token, reason, f"{token}-1")

    card = simulator.library().v1.issuing.cards.retrieve(token)
    assert (card.status, card.cancellation_reason) == ("canceled", None)


def test_a_closed_card_cannot_come_back(simulator: Simulator, issuer: StripeIssuer) -> None:
    token = simulator.seed()
    issuer.close(token, Replacement.LOST, f"{token}-1")

    for number, wake in enumerate((issuer.unblock, issuer.activate)):
        with pytest.raises(IssuerRefusal) as refusal:
            wake(token, f"{token}-wake-{number}")
        assert refusal.value.code == "card_closed"
    assert issuer.look(token).status is IssuerStatus.CANCELED


def test_blocking_and_closing_a_closed_card_is_done_already(simulator: Simulator, issuer: StripeIssuer) -> None:
    token = simulator.seed()
    issuer.close(token, Replacement.LOST, f"{token}-1")

    assert issuer.block(token, f"{token}-2").status is IssuerStatus.CANCELED
    assert issuer.close(token, Replacement.STOLEN, f"{token}-3").status is IssuerStatus.CANCELED
    assert simulator.library().v1.issuing.cards.retrieve(token).cancellation_reason == "lost"


def test_a_card_that_the_issuer_does_not_know_is_refused(simulator: Simulator, issuer: StripeIssuer) -> None:
    with pytest.raises(IssuerRefusal) as on_look:
        issuer.look("ic_nobody")
    with pytest.raises(IssuerRefusal) as on_block:
        issuer.block("ic_nobody", "nobody-1")

    assert (on_look.value.code, on_block.value.code) == ("unknown_card", "unknown_card")


def test_each_reason_of_a_case_has_its_word_of_the_card_networks() -> None:
    words = {reason: Replacement.of(reason) for reason in Reason}

    assert words == {
        Reason.LOST: Replacement.LOST,
        Reason.STOLEN: Replacement.STOLEN,
        Reason.FRAUD: Replacement.STOLEN,
        Reason.DAMAGED: Replacement.DAMAGED,
        Reason.EXPIRING: Replacement.EXPIRED,
    }


def test_the_port_gives_one_adapter_a_process_as_the_settings_say(simulator: Simulator, settings: Settings) -> None:
    settings.ISSUER_URL, settings.ISSUER_KEY = simulator.url, KEY
    token = simulator.seed(last4="1881")

    assert ports.issuer().look(token).last_four == "1881"
    assert ports.issuer() is ports.issuer()
