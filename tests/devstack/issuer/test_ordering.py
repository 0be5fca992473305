from __future__ import annotations

import dataclasses
import traceback
from itertools import pairwise

import pytest
import stripe

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.models import Shipping
from backoffice.cards.ports import IssuerRefusal, IssuerStatus, OrderRequest, Replacement
from tests.devstack.issuer.simulator import ADDRESS, Simulator, request_for


@pytest.mark.parametrize("reason", [Replacement.LOST, Replacement.STOLEN])
def test_a_lost_or_stolen_card_is_closed_and_the_new_one_has_a_new_number(
    simulator: Simulator, issuer: StripeIssuer, reason: Replacement, case_id: str
) -> None:
    old = simulator.seed()

    new = issuer.order(request_for(old, reason=reason, case_id=case_id), case_id)

    assert new.last_four != "4242"
    assert (new.status, new.shipping, new.replaces) == (IssuerStatus.INACTIVE, Shipping.PENDING, old)
    assert issuer.look(old).status is IssuerStatus.CANCELED
    assert issuer.look(old).replaced_by == new.token


@pytest.mark.parametrize("reason", [Replacement.DAMAGED, Replacement.EXPIRED])
def test_a_damaged_or_expiring_card_pays_until_the_new_one_with_its_number_is_active(
    simulator: Simulator, issuer: StripeIssuer, reason: Replacement, case_id: str
) -> None:
    old = simulator.seed()

    new = issuer.order(request_for(old, reason=reason, case_id=case_id), case_id)

    assert new.last_four == "4242"
    assert (new.expiry_month, new.expiry_year) != (issuer.look(old).expiry_month, issuer.look(old).expiry_year)
    assert issuer.look(old).status is IssuerStatus.ACTIVE
    assert issuer.activate(new.token, f"{case_id}-activate").status is IssuerStatus.ACTIVE
    assert issuer.look(old).status is IssuerStatus.CANCELED


def test_a_card_that_is_replaced_in_its_first_month_has_another_date_too(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    cards = [issuer.order(request_for(simulator.seed(), reason=Replacement.DAMAGED, case_id=case_id), case_id)]
    for number in range(2):
        request = request_for(cards[-1].token, reason=Replacement.DAMAGED, case_id=case_id)
        issuer.activate(cards[-1].token, f"{case_id}-activate-{number}")
        cards.append(issuer.order(request, f"{case_id}-{number}"))

    dates = [(card.expiry_year, card.expiry_month) for card in cards]
    assert all(one != next_one for one, next_one in pairwise(dates))
    assert all(1 <= month <= 12 for _year, month in dates)


def test_activating_a_card_with_a_new_number_leaves_other_cards_alone(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    first = simulator.seed()
    damaged = issuer.order(request_for(first, reason=Replacement.DAMAGED, case_id=case_id), case_id)
    sent_again = issuer.reship(damaged.token, request_for(first, case_id=case_id), f"{case_id}-again")

    issuer.activate(sent_again.token, f"{case_id}-activate")

    assert issuer.look(first).status is IssuerStatus.ACTIVE


@pytest.mark.parametrize("reason", ["lost", "stolen"])
def test_the_issuer_replaces_no_lost_or_stolen_card_that_is_still_open(simulator: Simulator, reason: str) -> None:
    old = simulator.seed()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        simulator.library().v1.issuing.cards.create(
            {
                "type": "physical",
                "currency": "eur",
                "replacement_for": old,
                "replacement_reason": reason,  # type: ignore[typeddict-item]
                "shipping": {
                    "name": "A",
                    "address": {"line1": "B", "city": "C", "postal_code": "D", "country": "NL"},
                },
            }
        )

    assert refusal.value.param == "replacement_for"


def test_a_card_closed_as_stolen_keeps_its_number_from_being_used_again(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    old = simulator.seed()
    issuer.close(old, Replacement.STOLEN, f"{case_id}-close")

    with pytest.raises(IssuerRefusal):
        issuer.order(request_for(old, reason=Replacement.DAMAGED, case_id=case_id), case_id)


def test_the_issuer_gets_of_us_the_case_and_the_address_only(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    new = issuer.order(request_for(simulator.seed(), case_id=case_id), case_id)

    card = simulator.library().v1.issuing.cards.retrieve(new.token)

    assert card.metadata.to_dict() == {"case": case_id}
    assert card.shipping is not None
    assert (card.shipping.name, card.shipping.address.postal_code) == (ADDRESS.name, ADDRESS.postal_code)
    assert new.case_id == case_id


def test_a_first_card_needs_a_cardholder(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    holder = simulator.library().v1.issuing.cardholders.create({"name": "N", "billing": {"address": {}}})  # type: ignore[typeddict-item]
    request = OrderRequest(reason=Replacement.LOST, shipping=ADDRESS, case_id=case_id, cardholder=holder.id)

    assert issuer.order(request, case_id).replaces == ""
    with pytest.raises(IssuerRefusal) as refusal:
        issuer.order(dataclasses.replace(request, cardholder=None), f"{case_id}-2")
    assert refusal.value.code == "parameter_missing"


def test_what_a_case_has_ordered_can_be_found_without_its_key(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    old = simulator.seed()
    assert issuer.ordered(old, case_id) is None

    new = issuer.order(request_for(old, case_id=case_id), case_id)

    assert issuer.ordered(old, case_id) == new
    assert issuer.ordered(old, "another case") is None


def test_sending_again_closes_the_card_that_did_not_arrive_and_takes_a_new_number(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    lost = issuer.order(request_for(simulator.seed(), reason=Replacement.DAMAGED, case_id=case_id), case_id)

    again = issuer.reship(lost.token, request_for("not used", case_id=case_id), f"{case_id}-again")

    assert issuer.look(lost.token).status is IssuerStatus.CANCELED
    assert (again.replaces, again.shipping) == (lost.token, Shipping.PENDING)
    assert again.last_four != lost.last_four


def test_a_cancelled_order_is_not_sent(simulator: Simulator, issuer: StripeIssuer, case_id: str) -> None:
    new = issuer.order(request_for(simulator.seed(), case_id=case_id), case_id)

    cancelled = issuer.cancel_order(new.token, f"{case_id}-cancel")
    simulator.advance(days=30)

    assert (cancelled.status, cancelled.shipping) == (IssuerStatus.CANCELED, Shipping.NONE)
    assert issuer.look(new.token).shipping is Shipping.NONE


def test_an_address_that_is_refused_is_not_repeated_in_the_refusal(
    simulator: Simulator, issuer: StripeIssuer, case_id: str
) -> None:
    nowhere = dataclasses.replace(ADDRESS, country="Utopia")
    request = dataclasses.replace(request_for(simulator.seed(), case_id=case_id), shipping=nowhere)

    with pytest.raises(IssuerRefusal) as refusal:
        issuer.order(request, case_id)

    told = "".join(traceback.format_exception(refusal.value)) + repr(request) + repr(refusal.value.args)
    assert refusal.value.code == "address_refused"
    assert not [secret for secret in ("Wilhelmina", "Achterlaan", "3511", "Utopia", "sk_test") if secret in told]
