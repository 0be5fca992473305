"""What a request of ours does while its answer does not come: the timers of RFC 3261, 17.1."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.sip.calls import CallState, Ending
from backoffice.voice.sip.hops import Hop, Transport
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import OFFER, THEM, US, answer, branch_of, station
from tests.voice.virtual_time import in_virtual_time

T1 = 0.5


def times(network: Network, what: str, source: Hop = US) -> list[float]:
    """When it was sent, from the first time on."""
    all_of_it = [sent.at for sent in network.sent if sent.what == what and sent.source == source]
    return [round(at - all_of_it[0], 3) for at in all_of_it]


@in_virtual_time
async def test_an_invite_without_any_answer_is_sent_seven_times_and_given_up_after_32_seconds() -> None:
    network = Network()
    Peer(network, THEM)
    _call, heard = station(network).call()

    await asyncio.sleep(31.9)
    assert heard.over == []
    await asyncio.sleep(0.2)

    assert times(network, "INVITE") == [0, T1, 3 * T1, 7 * T1, 15 * T1, 31 * T1, 63 * T1]
    assert heard.over == [Ending.NO_RESPONSE]


@in_virtual_time
async def test_a_provisional_answer_ends_the_sending_but_not_the_waiting() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    _call, heard = us.call()

    peer.send(answer(await peer.request("INVITE"), 180), US)
    await asyncio.sleep(120)

    assert times(network, "INVITE") == [0]
    assert heard.ringing == 1
    assert heard.over == []


@in_virtual_time
@pytest.mark.parametrize("status", [302, 404, 486, 503, 603])
async def test_a_refusal_is_acknowledged_each_time_that_it_comes(status: int) -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    asked = await peer.request("INVITE")

    for _again in range(3):
        peer.send(answer(asked, status), US)
        await asyncio.sleep(1)

    acks = [one for one in peer.got if getattr(one, "method", "") == "ACK"]
    assert len(acks) == 3
    assert heard.over == [Ending.REFUSED]
    assert call.status == status
    one = await peer.request("ACK")
    assert branch_of(one) == branch_of(asked)
    assert one.headers.get_first("to") == f"{asked.headers.get_first('to')};tag=peer"
    assert one.uri == asked.uri


@in_virtual_time
async def test_refusals_are_absorbed_for_32_seconds_over_udp() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    us.call()
    asked = await peer.request("INVITE")
    peer.send(answer(asked, 486), US)

    await asyncio.sleep(31)
    assert us.agent.open_transactions == 1
    await asyncio.sleep(1.5)

    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_a_success_that_comes_again_is_acknowledged_again_by_the_same_ack() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    _call, heard = us.call()
    asked = await peer.request("INVITE")
    success = answer(asked, 200, body=OFFER)

    for _again in range(4):
        peer.send(success, US)
        await asyncio.sleep(0.5)

    acks = [one for one in peer.got if getattr(one, "method", "") == "ACK"]
    assert len(acks) == 4
    assert {bytes(one) for one in acks} == {bytes(acks[0])}
    assert branch_of(await peer.request("ACK")) != branch_of(asked)
    assert heard.answered == 1


@in_virtual_time
async def test_a_bye_without_an_answer_is_sent_eleven_times_and_given_up() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    peer.send(answer(await peer.request("INVITE"), 200, body=OFFER), US)
    await asyncio.sleep(1)

    call.hang_up()
    await asyncio.sleep(40)

    assert times(network, "BYE") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert heard.over == [Ending.BY_US]
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_after_a_provisional_answer_a_bye_is_sent_every_four_seconds() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, _heard = us.call()
    peer.send(answer(await peer.request("INVITE"), 200, body=OFFER), US)
    await asyncio.sleep(1)

    call.hang_up()
    peer.send(answer(await peer.request("BYE"), 100), US)
    await asyncio.sleep(20)

    assert times(network, "BYE") == [0, 0.5, 4.5, 8.5, 12.5, 16.5]


@in_virtual_time
async def test_over_a_stream_nothing_is_sent_twice_and_nothing_lingers() -> None:
    network = Network()
    them = Hop(Transport.TCP, THEM.host, THEM.port)
    peer, us = Peer(network, them), station(network)
    _call, heard = us.call(them)

    asked = await peer.request("INVITE")
    await asyncio.sleep(20)
    assert peer.count("INVITE") == 1
    peer.send(answer(asked, 486), US)
    await asyncio.sleep(1)

    assert heard.over == [Ending.REFUSED]
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_a_network_that_is_gone_ends_the_call_at_once() -> None:
    network = Network()
    us = station(network)
    us.cable.unplugged = True

    call, heard = us.call()
    await asyncio.sleep(0)

    assert heard.over == [Ending.NO_RESPONSE]
    assert call.status == 503
    assert call.state is CallState.OVER


@in_virtual_time
async def test_an_answer_to_another_branch_or_method_is_not_taken() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    _call, heard = us.call()
    asked = await peer.request("INVITE")

    other = answer(asked, 200, body=OFFER)
    other.headers.get("via")[0] = other.headers.get("via")[0].replace(branch_of(asked), "z9hG4bK-guessed")
    peer.send(other, US)
    wrong = answer(asked, 200, body=OFFER)
    wrong.headers.set_single("CSeq", "1 BYE")
    peer.send(wrong, US)
    two_vias = answer(asked, 200, body=OFFER)
    two_vias.headers.append("Via", "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK-9")
    peer.send(two_vias, US)
    await asyncio.sleep(0.3)

    assert heard.answered == 0
    assert us.agent.counts["stray_response"] == 2
