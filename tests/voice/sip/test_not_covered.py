"""What of SIP we do not take part in is refused by its rules, and never taken for something else."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import CallState
from backoffice.voice.sip.messages import Request
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import OFFER, THEM, US, Station, ack, answer, invite, negotiation, request, station
from tests.voice.virtual_time import in_virtual_time

FAX = "\r\n".join(
    ["v=0", "o=- 1 2 IN IP4 10.0.0.2", "s=-", "c=IN IP4 10.0.0.2", "t=0 0", "m=image 30000 udptl t38", ""]
)
"""T.38: the telephone of a fax machine asks to change to it."""
ICE = OFFER + "\r\n".join(
    [
        *("a=ice-ufrag:F7gI", "a=ice-pwd:x9cml/YzichV2+XlhiMu8g", "a=rtcp-mux"),
        "a=candidate:1 1 UDP 2130706431 10.0.0.2 30000 typ host",
        "",
    ]
)
DTLS = ("a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass")


async def in_a_call(peer: Peer, us: Station) -> str:
    """A call of the peer that stands; our tag."""
    peer.send(invite(), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    ok = await peer.response("200 INVITE")
    peer.send(ack(ok), US)
    await asyncio.sleep(0.1)
    return messages.tag_of(ok, "to") or ""


@in_virtual_time
@pytest.mark.parametrize("method", ["REFER", "PRACK", "INFO", "NOTIFY", "SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER"])
async def test_in_a_call_and_outside_one_a_method_that_we_have_not_is_refused_with_those_that_we_have(
    method: str,
) -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    tag = await in_a_call(peer, us)

    for nth, to_tag in enumerate((tag, ""), start=1):
        asks = request(method, number=2, to_tag=to_tag, call_id="call-1" if to_tag else "call-2")
        asks.headers.append("Refer-To", "<sip:+881612345678@10.0.0.2>")
        peer.send(asks, US)
        refused = await peer.response(f"405 {method}", nth=nth)
        allowed = {one.strip() for value in refused.headers.get("allow") for one in value.split(",")}
        assert allowed == set(messages.ALLOW)
        assert method not in allowed
    assert us.coming[0].state is CallState.UP
    assert network.what(US).count("INVITE") == 0


@in_virtual_time
async def test_reliable_provisional_answers_are_never_offered_and_refused_where_they_are_required() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)

    us.call()
    ours = await peer.request("INVITE")
    assert "100rel" not in messages.options_of(ours, "supported") | messages.options_of(ours, "require")
    asks = invite()
    asks.headers.append("Require", "100rel")
    peer.send(asks, US)
    refused = await peer.response("420 INVITE")
    assert refused.headers.get("unsupported") == ["100rel"]
    willing = invite()
    willing.headers.set_single("Call-ID", "call-2")
    willing.headers.append("Supported", "100rel")
    peer.send(willing, US)
    ringing = await peer.response("180 INVITE")
    assert not ringing.headers.get("rseq")
    assert not ringing.headers.get("require")


@in_virtual_time
async def test_an_announcement_before_the_answer_is_nobody_who_answers() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    ours = await peer.request("INVITE")

    for number in range(3):
        early = answer(ours, 183, body=OFFER, tag=f"network-{number}")
        early.headers.append("Require", "100rel")
        early.headers.append("RSeq", "1")
        peer.send(early, US)
    await asyncio.sleep(5)
    assert (heard.answered, heard.agreed, call.state) == (0, [], CallState.SETTING_UP)
    peer.send(answer(ours, 404), US)

    await asyncio.sleep(1)
    assert (call.status, len(heard.over), heard.answered) == (404, 1, 0)
    assert "PRACK" not in network.what(US)


@in_virtual_time
async def test_after_early_media_the_answer_counts() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    _call, heard = us.call()
    ours = await peer.request("INVITE")
    peer.send(answer(ours, 183, body=OFFER.replace("30000", "31000")), US)
    peer.send(answer(ours, 200, body=OFFER), US)
    await peer.request("ACK")

    assert [one.remote for one in heard.agreed] == [("10.0.0.2", 30000)]


@in_virtual_time
async def test_a_fax_is_refused_and_the_call_stays() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    tag = await in_a_call(peer, us)
    before = list(us.heard[0].agreed)

    for number, body in ((2, FAX), (3, FAX.replace("m=image", "m=audio 0 RTP/AVP 0\r\nm=image"))):
        peer.send(invite(body=body, to_tag=tag, number=number), US)
        refused = await peer.response("488 INVITE", nth=number - 1)
        acknowledged = ack(refused, branch=messages.top_via(refused).branch or "")
        peer.send(acknowledged, US)
        await asyncio.sleep(0.1)

    assert us.coming[0].state is CallState.UP
    assert us.heard[0].agreed == before
    peer.send(request("BYE", to_tag=tag, number=4), US)
    await peer.response("200 BYE")


@in_virtual_time
async def test_ice_is_answered_without_and_what_needs_dtls_is_refused() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(body=ICE), US)
    await peer.response("180 INVITE")
    assert us.coming[0].accept(negotiation())
    text = messages.sdp_of(await peer.response("200 INVITE")) or ""
    assert "ice-" not in text
    assert "candidate" not in text
    assert "m=audio" in text

    for number, profile in enumerate(("RTP/SAVPF", "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVP"), start=1):
        secure = OFFER.replace("RTP/AVP", profile) + "\r\n".join([*DTLS, ""])
        other: Request = invite(body=secure)
        other.headers.set_single("Call-ID", f"secure-{number}")
        peer.send(other, US)
        await peer.response("180 INVITE", nth=number + 1)
        assert not us.coming[number].accept(negotiation())
        await peer.response("488 INVITE", nth=number)
