"""What the issuer gets of an address, and what it asks of one."""

from __future__ import annotations

import dataclasses

import pytest

from backoffice.cards.adapters.stripe_issuing import StripeIssuer
from backoffice.cards.ports import IssuerRefusal, Replacement
from backoffice.cards.reissue import ordering
from backoffice.customers.postal import PostalAddress
from tests.cards.test_shipping_address import BOX, CALIFORNIA, HONG_KONG, TOKYO, case_of
from tests.devstack.issuer.simulator import ADDRESS, Simulator, request_for


@pytest.mark.django_db
@pytest.mark.parametrize("address", [BOX, HONG_KONG, TOKYO, CALIFORNIA])
def test_the_issuer_takes_what_was_checked_and_keeps_each_part(
    simulator: Simulator, issuer: StripeIssuer, case_id: str, address: PostalAddress
) -> None:
    label = ordering.shipping_address(case_of(address).customer)
    request = dataclasses.replace(request_for(simulator.seed(), reason=Replacement.DAMAGED), shipping=label)

    new = issuer.order(request, case_id)

    kept = simulator.library().v1.issuing.cards.retrieve(new.token).shipping
    assert kept is not None
    parts = kept.address.to_dict()
    assert kept.name == label.name
    assert {name: parts[name] or "" for name in ("line1", "line2", "city", "postal_code", "state", "country")} == {
        "line1": label.line1,
        "line2": label.line2,
        "city": label.city,
        "postal_code": label.postal_code,
        "state": label.state,
        "country": label.country,
    }


@pytest.mark.parametrize(
    "part", [{"postal_code": ""}, {"country": "XX"}, {"country": "Netherlands"}, {"city": ""}, {"line1": "x" * 5001}]
)
def test_the_issuer_refuses_half_an_address(
    simulator: Simulator, issuer: StripeIssuer, case_id: str, part: dict[str, str]
) -> None:
    request = request_for(simulator.seed(), reason=Replacement.DAMAGED, case_id=case_id)
    half = dataclasses.replace(request, shipping=dataclasses.replace(ADDRESS, **part))

    with pytest.raises(IssuerRefusal) as refusal:
        issuer.order(half, case_id)

    assert refusal.value.code == "address_refused"
