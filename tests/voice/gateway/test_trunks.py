"""Trunks are asked whether they are there, so that calls go first by one that is."""

from __future__ import annotations

import asyncio

from backoffice.voice.gateway.dial_plan import DialPlan
from backoffice.voice.gateway.trunks import asking_trunks
from backoffice.voice.sip.hops import Hop, Transport
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import THEM, US, answer, negotiation, station
from tests.voice.virtual_time import in_virtual_time

OTHER = Hop(Transport.UDP, "10.0.0.3", 5060)
PLAN = DialPlan(trunks=("sip:10.0.0.2", "sip:10.0.0.3"))


@in_virtual_time
async def test_a_call_goes_first_by_the_trunk_that_is_there() -> None:
    network = Network()
    first, second, us = Peer(network, THEM), Peer(network, OTHER), station(network)

    async with asking_trunks(us.agent, PLAN):
        asked = await second.request("OPTIONS")
        assert asked.uri == "sip:10.0.0.3"
        second.send(answer(asked, 200), US)
        await asyncio.sleep(33)
    assert first.count("OPTIONS") > 1

    us.agent.call_by(await PLAN.ways("+31205550111"), negotiation=negotiation()).start()
    invite = await second.request("INVITE", within=0.1)
    assert invite.uri == "sip:+31205550111@10.0.0.3"
    assert first.count("INVITE") == 0


@in_virtual_time
async def test_one_trunk_alone_is_not_asked() -> None:
    network = Network()
    first, us = Peer(network, THEM), station(network)

    async with asking_trunks(us.agent, DialPlan(trunks=PLAN.trunks[:1])):
        await asyncio.sleep(60)

    assert first.got == []


@in_virtual_time
async def test_asking_ends_with_the_gateway_and_leaves_nothing() -> None:
    network = Network()
    first, second, us = Peer(network, THEM), Peer(network, OTHER), station(network)

    async with asking_trunks(us.agent, PLAN, every=5):
        await asyncio.sleep(11)
    await asyncio.sleep(40)

    assert us.agent.open_transactions == 0
    assert first.count("OPTIONS") >= 3
    assert second.count("OPTIONS") >= 3
