"""Changing a call that stands, from both sides and from both at once (RFC 3261, section 14)."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import CallState, Ending
from backoffice.voice.sip.outgoing import OutgoingCall
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import (
    OFFER,
    THEM,
    US,
    Heard,
    Station,
    ack,
    answer,
    invite,
    negotiation,
    station,
)
from tests.voice.virtual_time import in_virtual_time

HOLDS = OFFER + "a=sendonly\r\n"


async def called(network: Network) -> tuple[Peer, Station, OutgoingCall, Heard]:
    """A call of ours that the peer answered."""
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    peer.send(answer(await peer.request("INVITE"), 200, body=OFFER), US)
    await peer.request("ACK")
    return peer, us, call, heard


async def taken(network: Network) -> tuple[Peer, Station, str]:
    """A call of the peer that we answered, and our tag in it."""
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    accepted = await peer.response("200 INVITE")
    peer.send(ack(accepted), US)
    await asyncio.sleep(0.1)
    return peer, us, messages.tag_of(accepted, "to") or ""


@in_virtual_time
async def test_the_other_side_holds_and_comes_back_in_a_call_of_theirs() -> None:
    network = Network()
    peer, us, tag = await taken(network)

    for number, body in ((2, HOLDS), (3, OFFER)):
        peer.send(invite(to_tag=tag, number=number, body=body), US)
        accepted = await peer.response("200 INVITE", nth=number)
        peer.send(ack(accepted), US)
        await asyncio.sleep(0.1)

    agreed = us.heard[0].agreed
    assert [(one.sends, one.takes) for one in agreed] == [(True, True), (False, True), (True, True)]
    assert us.agent.open_transactions > 0
    await asyncio.sleep(40)
    assert us.heard[0].over == []
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_the_other_side_holds_in_a_call_of_ours() -> None:
    network = Network()
    peer, _us, call, heard = await called(network)
    assert call.dialog is not None
    asked = invite(to_tag=call.dialog.our_tag, body=HOLDS)
    asked.headers.set_single("Call-ID", call.dialog.call_id)
    asked.headers.set_single("From", call.dialog.theirs)

    peer.send(asked, US)
    await peer.response("200 INVITE")

    assert [(one.sends, one.takes) for one in heard.agreed] == [(True, True), (False, True)]


@in_virtual_time
async def test_an_offer_of_theirs_that_we_cannot_take_changes_nothing() -> None:
    network = Network()
    peer, us, tag = await taken(network)

    peer.send(invite(to_tag=tag, number=2, body=OFFER.replace("AVP 0 101", "AVP 18")), US)
    await peer.response("488 INVITE")
    await asyncio.sleep(1)

    assert us.heard[0].over == []
    assert len(us.heard[0].agreed) == 1


@in_virtual_time
async def test_a_reinvite_without_an_offer_gets_ours_and_is_settled_by_its_ack() -> None:
    network = Network()
    peer, us, tag = await taken(network)

    peer.send(invite(to_tag=tag, number=2, body=""), US)
    accepted = await peer.response("200 INVITE", nth=2)
    assert "m=audio" in accepted.text
    settled = ack(accepted)
    messages.with_body(settled, OFFER.replace("30000", "30002"))
    peer.send(settled, US)
    await asyncio.sleep(0.1)

    assert us.heard[0].agreed[-1].remote == ("10.0.0.2", 30002)


@in_virtual_time
async def test_we_hold_and_come_back() -> None:
    network = Network()
    peer, _us, call, heard = await called(network)
    assert call.negotiation is not None

    for number, holds in ((2, True), (3, False)):
        call.negotiation.hold(holds)
        call.offer_again()
        asked = await peer.request("INVITE", nth=number)
        assert messages.cseq_of(asked)[0] == number
        assert ("a=sendonly" if holds else "a=sendrecv") in asked.text
        body = OFFER + ("a=recvonly\r\n" if holds else "")
        peer.send(answer(asked, 200, body=body), US)
        await peer.request("ACK", nth=number)

    assert [(one.sends, one.takes) for one in heard.agreed] == [(True, True), (True, False), (True, True)]


@in_virtual_time
async def test_we_may_change_a_call_that_they_made() -> None:
    network = Network()
    peer, us, _tag = await taken(network)

    us.coming[0].offer_again()
    asked = await peer.request("INVITE")
    for _again in range(3):
        peer.send(answer(asked, 200, tag="theirs", body=OFFER), US)
        await asyncio.sleep(0.5)

    assert peer.count("ACK") == 3
    assert messages.cseq_of(asked)[0] == 1
    assert len(us.heard[0].agreed) == 2


@in_virtual_time
@pytest.mark.parametrize("status", [488, 500, 603])
async def test_a_change_of_ours_that_is_refused_leaves_the_call_as_it_was(status: int) -> None:
    network = Network()
    peer, _us, call, heard = await called(network)

    call.offer_again()
    peer.send(answer(await peer.request("INVITE", nth=2), status), US)
    await peer.request("ACK", nth=2)
    await asyncio.sleep(5)

    assert call.state is CallState.UP
    assert heard.over == []
    call.hang_up()
    await peer.request("BYE")


@in_virtual_time
@pytest.mark.parametrize("status", [408, 481])
async def test_a_change_of_ours_for_a_call_that_they_do_not_know_ends_it(status: int) -> None:
    network = Network()
    peer, _us, call, heard = await called(network)

    call.offer_again()
    peer.send(answer(await peer.request("INVITE", nth=2), status), US)

    await peer.request("BYE")
    assert heard.over == [Ending.NO_RESPONSE]


@in_virtual_time
async def test_a_change_of_ours_that_is_never_answered_ends_the_call() -> None:
    network = Network()
    peer, _us, call, heard = await called(network)

    call.offer_again()
    await asyncio.sleep(33)

    assert peer.count("BYE") > 0
    assert heard.over == [Ending.NO_RESPONSE]


@in_virtual_time
async def test_their_change_during_ours_is_refused_with_491_and_ours_goes_on() -> None:
    network = Network()
    peer, us, tag = await taken(network)
    us.coming[0].offer_again()
    ours = await peer.request("INVITE")

    peer.send(invite(to_tag=tag, number=2), US)
    refused = await peer.response("491 INVITE")
    peer.send(answer(ours, 200, tag="theirs", body=OFFER), US)
    await peer.request("ACK")

    assert messages.tag_of(refused, "to") == tag
    assert len(us.heard[0].agreed) == 2


@in_virtual_time
async def test_after_a_glare_who_made_the_call_asks_again_in_two_to_four_seconds() -> None:
    network = Network()
    peer, _us, call, _heard = await called(network)

    call.offer_again()
    peer.send(answer(await peer.request("INVITE", nth=2), 491), US)
    await asyncio.sleep(2)
    assert peer.count("INVITE") == 2
    await peer.request("INVITE", nth=3, within=2.2)


@in_virtual_time
async def test_after_a_glare_who_was_called_asks_again_within_two_seconds() -> None:
    network = Network()
    peer, us, _tag = await taken(network)

    us.coming[0].offer_again()
    peer.send(answer(await peer.request("INVITE"), 491, tag="theirs"), US)

    await peer.request("INVITE", nth=2, within=2.1)


@in_virtual_time
async def test_both_sides_of_ours_hold_at_once_and_both_get_their_way() -> None:
    network = Network()
    us, them = station(network), station(network, THEM)
    call, heard = us.call()
    while not them.coming:
        await asyncio.sleep(0.01)
    them.coming[0].accept(negotiation(THEM))
    await asyncio.sleep(1)

    call.offer_again()
    them.coming[0].offer_again()
    await asyncio.sleep(10)

    assert "491 INVITE" in network.what()
    assert len(heard.agreed) == len(them.heard[0].agreed) == 3
    assert heard.over == them.heard[0].over == []
    call.hang_up()
    await asyncio.sleep(40)
    assert us.agent.open_transactions == them.agent.open_transactions == 0


@in_virtual_time
async def test_a_change_of_ours_waits_for_the_ack_of_theirs() -> None:
    network = Network()
    peer, us, tag = await taken(network)
    peer.send(invite(to_tag=tag, number=2), US)
    accepted = await peer.response("200 INVITE", nth=2)

    us.coming[0].offer_again()
    await asyncio.sleep(0.2)
    assert peer.count("INVITE") == 0
    peer.send(ack(accepted), US)

    await peer.request("INVITE")


@in_virtual_time
async def test_the_end_during_a_change_is_the_end() -> None:
    network = Network()
    peer, us, call, heard = await called(network)
    call.offer_again()
    asked = await peer.request("INVITE", nth=2)

    call.hang_up()
    peer.send(messages.respond(await peer.request("BYE"), 200), US)
    peer.send(answer(asked, 200, body=OFFER), US)
    await peer.request("ACK", nth=2)
    await asyncio.sleep(40)

    assert heard.over == [Ending.BY_US]
    assert len(heard.agreed) == 1
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_the_other_side_moves_and_is_followed() -> None:
    network = Network()
    peer, us, tag = await taken(network)
    moved = Peer(network, type(THEM)(THEM.transport, "10.0.0.99", 5066))
    asked = invite(to_tag=tag, number=2)
    asked.headers.set_single("Contact", "<sip:them@10.0.0.99:5066>")

    peer.send(asked, US)
    peer.send(ack(await peer.response("200 INVITE", nth=2)), US)
    await asyncio.sleep(0.1)
    us.coming[0].hang_up()

    await moved.request("BYE")
