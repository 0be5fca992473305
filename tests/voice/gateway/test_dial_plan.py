"""Which way a number is reached."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.gateway.dial_plan import DialPlan, NoWay
from backoffice.voice.sip.hops import Hop, Transport

PLAN = DialPlan(
    trunk="sip:192.0.2.10:5070;transport=tcp",
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
    way = asyncio.run(PLAN.way(number))

    assert (way.uri, way.hop) == (uri, hop)


@pytest.mark.parametrize(
    "number", ["", "+", "+3120 555", "sip:a@192.0.2.1", "desk-8", "+12345678901234567", "1;transport=tls", "1@x", "１"]
)
def test_what_is_no_number_or_has_no_way_is_refused(number: str) -> None:
    with pytest.raises(NoWay):
        asyncio.run(PLAN.way(number))


def test_without_a_trunk_only_the_plan_is_dialled() -> None:
    with pytest.raises(NoWay, match="no_route"):
        asyncio.run(DialPlan().way("+442079460958"))
