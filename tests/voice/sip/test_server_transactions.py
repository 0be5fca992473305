"""What we answer, and answer again: the timers of RFC 3261, 17.2, and RFC 6026."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import CallState, Ending
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.messages import Request
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import OFFER, THEM, US, ack, branch_of, invite, negotiation, request, station
from tests.voice.sip.test_client_transactions import times
from tests.voice.virtual_time import in_virtual_time


@in_virtual_time
async def test_an_invite_is_said_to_be_here_at_once_and_is_one_call_however_often_it_comes() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()

    peer.send(asked, US)
    await peer.response("180 INVITE")
    assert peer.count("100 INVITE") == 1
    for _again in range(3):
        peer.send(asked, US)
        await asyncio.sleep(0.1)

    assert len(us.coming) == 1
    assert peer.count("180 INVITE") == 4
    tags = {messages.tag_of(one, "to") for one in peer.got if not isinstance(one, Request) and one.status_code == 180}
    assert len(tags) == 1


@in_virtual_time
async def test_a_refusal_is_sent_again_until_its_ack_comes() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    peer.send(asked, US)
    await peer.response("180 INVITE")

    us.coming[0].refuse(486)
    await asyncio.sleep(3.7)
    sent = times(network, "486 INVITE")
    peer.send(ack(await peer.response("486 INVITE"), branch=branch_of(asked)), US)
    await asyncio.sleep(20)

    assert sent == [0, 0.5, 1.5, 3.5]
    assert times(network, "486 INVITE") == sent
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_a_refusal_without_an_ack_is_sent_ten_times_more_and_given_up_after_32_seconds() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")

    us.coming[0].refuse(486)
    await asyncio.sleep(40)

    assert times(network, "486 INVITE") == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert us.agent.open_transactions == 0
    assert us.heard[0].over == [Ending.BY_US]


@in_virtual_time
async def test_an_acceptance_is_sent_again_until_its_ack_comes() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")

    assert us.coming[0].accept(negotiation())
    await asyncio.sleep(3.7)
    sent = times(network, "200 INVITE")
    peer.send(ack(await peer.response("200 INVITE")), US)
    await asyncio.sleep(60)

    assert sent == [0, 0.5, 1.5, 3.5]
    assert times(network, "200 INVITE") == sent
    assert us.heard[0].over == []


@in_virtual_time
async def test_an_acceptance_without_an_ack_ends_with_bye_after_32_seconds() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")

    us.coming[0].accept(negotiation())
    await asyncio.sleep(31.9)
    assert peer.count("BYE") == 0
    await asyncio.sleep(0.3)

    assert peer.count("BYE") == 1
    assert us.heard[0].over == [Ending.NO_RESPONSE]
    assert us.agent.calls == []


@in_virtual_time
async def test_an_invite_that_comes_again_after_the_acceptance_gets_nothing_but_the_acceptance() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    peer.send(asked, US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    peer.send(ack(await peer.response("200 INVITE")), US)
    await asyncio.sleep(0.1)
    answers = len(peer.got)

    peer.send(asked, US)
    await asyncio.sleep(1)

    assert len(peer.got) == answers
    assert len(us.coming) == 1


@in_virtual_time
async def test_a_bye_that_comes_again_gets_the_same_answer_again() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    accepted = await peer.response("200 INVITE")
    peer.send(ack(accepted), US)
    bye = request("BYE", number=2, to_tag=messages.tag_of(accepted, "to") or "")

    for _again in range(3):
        peer.send(bye, US)
        await asyncio.sleep(0.5)

    assert peer.count("200 BYE") == 3
    assert us.heard[0].over == [Ending.BY_THEM]
    await asyncio.sleep(33)
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_over_a_stream_a_refusal_is_sent_once() -> None:
    network = Network()
    them = Hop(Transport.TCP, THEM.host, THEM.port)
    peer, us = Peer(network, them), station(network)
    peer.send(invite(source=them), US)
    await peer.response("180 INVITE")

    us.coming[0].refuse(486)
    await asyncio.sleep(20)

    assert peer.count("486 INVITE") == 1


@in_virtual_time
async def test_the_same_invite_by_another_way_is_refused_as_a_loop() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)

    peer.send(invite(), US)
    await peer.response("180 INVITE")
    peer.send(invite(), US)

    await peer.response("482 INVITE")
    assert len(us.coming) == 1


@in_virtual_time
@pytest.mark.parametrize("branch", ["1", "abc"])
async def test_a_branch_of_rfc_2543_is_matched_by_the_other_headers_too(branch: str) -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    first = request("INVITE", branch=branch, body=OFFER)

    peer.send(first, US)
    peer.send(first, US)
    peer.send(request("INVITE", branch=branch, body=OFFER, call_id="call-2"), US)
    await peer.response("180 INVITE", nth=3)

    assert len(us.coming) == 2


@in_virtual_time
@pytest.mark.parametrize(
    ("method", "to_tag", "status"),
    [
        ("OPTIONS", "", 200),
        ("BYE", "", 481),
        ("BYE", "nobody", 481),
        ("INVITE", "nobody", 481),
        ("CANCEL", "", 481),
        ("INFO", "", 405),
        ("REGISTER", "", 405),
        ("MESSAGE", "", 405),
        ("REFER", "nobody", 481),
        ("UPDATE", "", 481),
    ],
)
async def test_a_request_that_belongs_to_no_call_is_answered_by_the_rules(
    method: str, to_tag: str, status: int
) -> None:
    network = Network()
    peer = Peer(network, THEM)
    station(network)

    peer.send(request(method, to_tag=to_tag), US)

    response = await peer.response(f"{status} {method}", within=1)
    assert status != 405 or "INVITE" in response.headers.get("allow")[0]


@in_virtual_time
async def test_an_ack_for_nothing_is_not_answered() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)

    peer.send(request("ACK", to_tag="nobody"), US)
    await asyncio.sleep(1)

    assert peer.got == []
    assert us.agent.open_transactions == 0


@in_virtual_time
@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("Require", "100rel"), 420),
        (("Require", "timer, replaces"), 420),
        (("Contact", None), 400),
        (("Content-Type", "text/plain"), 415),
        (("Session-Expires", "89"), 422),
    ],
)
async def test_an_invite_that_we_cannot_take_is_refused_before_anybody_is_asked(
    change: tuple[str, str | None], status: int
) -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    name, value = change
    asked.headers.remove(name)
    if value is not None:
        asked.headers.set_single(name, value)

    peer.send(asked, US)

    response = await peer.response(f"{status} INVITE", within=1)
    assert us.coming == []
    assert status != 420 or response.headers.get("unsupported")
    assert status != 422 or response.headers.get("min-se") == ["90"]


@in_virtual_time
async def test_a_stranger_is_refused_counted_and_rings_nobody() -> None:
    network = Network()
    stranger = Peer(network, Hop(Transport.UDP, "192.0.2.66", 5060))
    us = station(network)

    for method in ("INVITE", "OPTIONS", "REGISTER", "ACK"):
        stranger.send(request(method, source=stranger.hop), US)
    await asyncio.sleep(1)

    assert [one.status_code for one in stranger.got if not isinstance(one, Request)] == [403, 403, 403]
    assert us.coming == []
    assert us.agent.counts["stranger"] == 4
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_nobody_but_the_caller_says_who_calls_and_keys_by_info_are_not_taken() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    for name in ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"):
        asked.headers.append(name, "<sip:bank@10.0.0.2>")
    peer.send(asked, US)
    tag = messages.tag_of(await peer.response("180 INVITE"), "to") or ""
    us.coming[0].accept(negotiation())
    peer.send(ack(await peer.response("200 INVITE")), US)
    for number, method in enumerate(("INFO", "PRACK"), 2):
        peer.send(request(method, number=number, to_tag=tag), US)

        refused = await peer.response(f"405 {method}", within=1)
        assert method not in refused.headers.get("allow")

    assert us.coming[0].caller == "them"
    assert us.coming[0].state is CallState.UP
