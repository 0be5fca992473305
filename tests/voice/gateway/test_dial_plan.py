"""Which way a number is reached."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.gateway.dial_plan import DialPlan, NoWay
from backoffice.voice.sip.hops import Hop, Transport

PLAN = DialPlan(
    trunks=("sip:192.0.2.10:5070;transport=tcp",),
    addresses={"+31205550111": "sip:customer@127.0.0.1:26000", "desk-7": "sips:seven@192.0.2.20"},
)


@pytest.mark.parametrize(
    ("number", "uri", "hop"),
    [
        ("+31205550111", "sip:customer@127.0.0.1:26000", Hop(Transport.UDP, "127.0.0.1", 26000)),
        ("desk-7", "sips:seven@192.0.2.20", Hop(Transport.TLS, "192.0.2.20", 5061)),
        ("+442079460958", "sip:+442079460958@192.0.2.10:5070;transport=tcp", Hop(Transport.TCP, "192.0.2.10", 5070)),
    ],
)
def test_a_number_goes_to_its_own_address_or_by_the_trunk(number: str, uri: str, hop: Hop) -> None:
    [way] = asyncio.run(PLAN.ways(number))

    assert (way.uri, way.hop) == (uri, hop)


@pytest.mark.parametrize(
    "number", ["", "+", "+3120 555", "sip:a@192.0.2.1", "desk-8", "+12345678901234567", "1;transport=tls", "1@x", "１"]
)
def test_what_is_no_number_or_has_no_way_is_refused(number: str) -> None:
    with pytest.raises(NoWay):
        asyncio.run(PLAN.ways(number))


def test_without_a_trunk_only_the_plan_is_dialled() -> None:
    with pytest.raises(NoWay, match="no_route"):
        asyncio.run(DialPlan().ways("+442079460958"))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+31900123456", "costs_extra"),
        ("+881612345678", "costs_extra"),
        ("+979112345678", "costs_extra"),
        ("+99912345", "costs_extra"),
        ("0900123456", "no_extension"),
        ("00881612345678", "no_extension"),
        ("11811", "no_extension"),
        ("112", "no_extension"),
        ("911", "no_extension"),
        ("9110", "no_extension"),
        ("31205550111", "no_extension"),
    ],
)
def test_what_costs_extra_or_calls_for_help_never_leaves_by_the_trunk(number: str, why: str) -> None:
    with pytest.raises(NoWay, match=why):
        asyncio.run(PLAN.ways(number))


def test_an_extension_of_the_exchange_behind_the_trunk_is_rung() -> None:
    assert asyncio.run(PLAN.ways("6001"))[0].uri == "sip:6001@192.0.2.10:5070;transport=tcp"


def test_only_the_countries_that_are_named_are_rung_by_the_trunk() -> None:
    plan = DialPlan(trunks=PLAN.trunks, addresses=PLAN.addresses, calling_codes=frozenset({31}))

    assert asyncio.run(plan.ways("+31205550112"))
    assert asyncio.run(plan.ways("+31205550111"))
    with pytest.raises(NoWay, match="country"):
        asyncio.run(plan.ways("+442079460958"))
