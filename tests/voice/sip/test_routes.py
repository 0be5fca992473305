"""Which way requests of a call go, and how we prove to a proxy who we are (RFC 3261, sections 12.2, 16.12 and 22)."""

from __future__ import annotations

import asyncio

import pytest
from aiosipua.auth import SipDigestAuth

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import Ending
from backoffice.voice.sip.hops import Hop, Transport
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import OFFER, THEM, US, ack, answer, invite, negotiation, station
from tests.voice.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_challenge_is_answered_once_and_only_with_an_account() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call = us.agent.call(
        "sip:them@10.0.0.2", by=THEM, negotiation=negotiation(), account=SipDigestAuth("gateway", "secret")
    )
    call.start()
    first = await peer.request("INVITE")
    challenge = answer(first, 407)
    challenge.headers.append("Proxy-Authenticate", 'Digest realm="trunk", nonce="n1", algorithm=SHA-256, qop="auth"')
    peer.send(challenge, US)
    second = await peer.request("INVITE", nth=2)

    assert peer.count("ACK") == 1
    assert messages.cseq_of(second)[0] == 2
    assert second.call_id == first.call_id
    assert messages.tag_of(second, "from") == messages.tag_of(first, "from")
    assert "secret" not in second.serialize()
    assert 'username="gateway"' in (second.headers.get_first("proxy-authorization") or "")
    peer.send(answer(second, 407), US)
    await asyncio.sleep(1)
    assert peer.count("INVITE") == 2
    assert call.ending is Ending.REFUSED


@in_virtual_time
async def test_a_request_in_a_call_goes_by_the_proxies_that_its_invite_came_by() -> None:
    network = Network()
    first, second = Hop(Transport.UDP, "10.0.0.8", 5070), Hop(Transport.UDP, "10.0.0.9", 5060)
    near, far, us = Peer(network, first), Peer(network, second), station(network)
    asked = invite(source=first)
    asked.headers.append("Record-Route", "<sip:10.0.0.8:5070;lr>")
    asked.headers.append("Record-Route", "<sip:10.0.0.9;lr>")
    near.send(asked, US)
    await near.response("180 INVITE")
    us.coming[0].accept(negotiation())
    accepted = await near.response("200 INVITE")
    near.send(ack(accepted), US)
    await asyncio.sleep(0.1)
    us.coming[0].hang_up()
    bye = await near.request("BYE")

    assert accepted.headers.get("record-route") == ["<sip:10.0.0.8:5070;lr>", "<sip:10.0.0.9;lr>"]
    assert bye.uri == "sip:them@10.0.0.8:5070"
    assert bye.headers.get("route") == ["<sip:10.0.0.8:5070;lr>", "<sip:10.0.0.9;lr>"]
    assert far.got == []


@in_virtual_time
async def test_a_call_of_ours_follows_the_contact_and_the_proxies_of_its_answer_in_reverse() -> None:
    network = Network()
    proxy = Peer(network, Hop(Transport.UDP, "10.0.0.9", 5080))
    peer, us = Peer(network, THEM), station(network)
    call, _heard = us.call()
    accepted = answer(await peer.request("INVITE"), 200, body=OFFER, contact="<sip:phone@10.0.0.77:5099>")
    accepted.headers.append("Record-Route", "<sip:10.0.0.8;lr>")
    accepted.headers.append("Record-Route", "<sip:10.0.0.9:5080;lr>")

    peer.send(accepted, US)
    got = await proxy.request("ACK")

    assert got.uri == "sip:phone@10.0.0.77:5099"
    assert got.headers.get("route") == ["<sip:10.0.0.9:5080;lr>", "<sip:10.0.0.8;lr>"]
    call.hang_up()
    assert (await proxy.request("BYE")).uri == "sip:phone@10.0.0.77:5099"


@in_virtual_time
async def test_a_strict_proxy_gets_itself_as_the_request_uri() -> None:
    network = Network()
    proxy = Peer(network, Hop(Transport.UDP, "10.0.0.9", 5060))
    peer, us = Peer(network, THEM), station(network)
    us.call()
    accepted = answer(await peer.request("INVITE"), 200, body=OFFER)
    accepted.headers.append("Record-Route", "<sip:10.0.0.9>")

    peer.send(accepted, US)
    got = await proxy.request("ACK")

    assert got.uri == "sip:10.0.0.9"
    assert got.headers.get("route") == ["<sip:them@10.0.0.2:5060>"]


@in_virtual_time
@pytest.mark.parametrize("contact", ["<sip:x@192.0.2.7>", "<sip:x@phone.example>", "<sip:x@10.0.0.9;transport=sctp>"])
async def test_a_contact_outside_our_peers_networks_is_not_followed(contact: str) -> None:
    network = Network()
    elsewhere = [Peer(network, Hop(Transport.UDP, host, 5060)) for host in ("192.0.2.7", "10.0.0.9")]
    peer, us = Peer(network, THEM), station(network)
    us.call()

    peer.send(answer(await peer.request("INVITE"), 200, body=OFFER, contact=contact), US)

    await peer.request("ACK")
    assert [one.got for one in elsewhere] == [[], []]
