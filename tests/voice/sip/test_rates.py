"""A peer that floods us keeps nobody else from being heard."""

from __future__ import annotations

import asyncio

from backoffice.voice.sip import messages, rates
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.rates import AT_ONCE, Rates
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import THEM, US, ack, invite, negotiation, request, station
from tests.voice.virtual_time import in_virtual_time

OTHER = Hop(Transport.UDP, "10.0.0.3", 5060)
MANY = int(AT_ONCE) + 600


@in_virtual_time
async def test_a_flood_of_calls_is_cut_short_and_another_peer_is_heard() -> None:
    network = Network()
    flood, other, us = Peer(network, THEM), Peer(network, OTHER), station(network)

    for number in range(MANY):
        call = invite()
        call.headers.set_single("Call-ID", f"flood-{number}")
        flood.send(call, US)
    other.send(request("OPTIONS", source=OTHER), US)

    await other.response("200 OPTIONS", within=1)
    assert len(us.coming) == AT_ONCE
    assert us.agent.refused["too_fast"] == MANY - AT_ONCE
    assert us.agent.open_transactions <= AT_ONCE + 1


@in_virtual_time
async def test_a_call_that_stands_is_ended_by_a_bye_that_comes_again_after_a_flood() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    ok = await peer.response("200 INVITE")
    peer.send(ack(ok), US)
    for number in range(MANY):
        peer.send(request("OPTIONS", call_id=f"flood-{number}"), US)
    bye = request("BYE", number=2, to_tag=messages.tag_of(ok, "to") or "")
    peer.send(bye, US)
    await asyncio.sleep(0.5)
    peer.send(bye, US)

    await peer.response("200 BYE", within=1)
    assert us.agent.calls == []


@in_virtual_time
async def test_a_request_that_came_again_is_none_more() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    again = request("OPTIONS")

    for _time in range(MANY):
        peer.send(again, US)
    await asyncio.sleep(1)

    assert us.agent.refused["too_fast"] == 0


@in_virtual_time
async def test_the_bucket_fills_again_and_forgets_hosts_that_are_too_many() -> None:
    bucket = Rates()
    assert sum(bucket.allows("10.0.0.2") for _each in range(MANY)) == AT_ONCE
    await asyncio.sleep(1)
    assert sum(bucket.allows("10.0.0.2") for _each in range(MANY)) == rates.A_SECOND
    for number in range(rates.MOST_HOSTS + 50):
        bucket.allows(f"host-{number}")
    assert len(bucket._left) == rates.MOST_HOSTS
