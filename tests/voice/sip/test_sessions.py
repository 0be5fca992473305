"""Session timers (RFC 4028) and UPDATE (RFC 3311): who refreshes a call, and what becomes of one that nobody does."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import CallState, Ending
from backoffice.voice.sip.messages import Request, Response
from backoffice.voice.sip.outgoing import OutgoingCall
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import OFFER, THEM, US, Heard, Station, ack, answer, invite, negotiation, request, station
from tests.voice.virtual_time import in_virtual_time

HOLDS = OFFER + "a=sendonly\r\n"


def with_timer(message: Response, told: str) -> Response:
    message.headers.set_single("Session-Expires", told)
    return message


async def called(network: Network, told: str, *, allow: str = "INVITE") -> tuple[Peer, OutgoingCall, Heard]:
    """A call of ours, with the timer that the peer wants."""
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    accepted = answer(await peer.request("INVITE"), 200, body=OFFER)
    accepted.headers.set_single("Allow", allow)
    peer.send(with_timer(accepted, told), US)
    await peer.request("ACK")
    return peer, call, heard


async def taken(network: Network, told: str, *, supported: str = "timer") -> tuple[Peer, Station, Response]:
    """A call of theirs that we answered, and our answer."""
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    asked.headers.set_single("Session-Expires", told)
    asked.headers.set_single("Supported", supported)
    asked.headers.set_single("Allow", "INVITE, UPDATE")
    peer.send(asked, US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    accepted = await peer.response("200 INVITE")
    peer.send(ack(accepted), US)
    await asyncio.sleep(0.1)
    return peer, us, accepted


@in_virtual_time
@pytest.mark.parametrize(("allow", "method"), [("INVITE, UPDATE", "UPDATE"), ("INVITE", "INVITE")])
async def test_we_refresh_in_half_the_time_by_update_where_they_take_it(allow: str, method: str) -> None:
    network = Network()
    peer, call, heard = await called(network, "600;refresher=uac", allow=allow)
    asked = (await peer.request("INVITE")).headers
    already = peer.count(method)
    assert asked.get("session-expires") + asked.get("min-se") + asked.get("supported") == ["1800", "90", "timer"]

    for number in (1, 2, 3):
        await asyncio.sleep(295)
        assert peer.count(method) == already + number - 1
        refresh = await peer.request(method, nth=already + number, within=10)
        assert refresh.headers.get("session-expires") == ["600;refresher=uac"]
        body = OFFER if method == "INVITE" else ""
        peer.send(with_timer(answer(refresh, 200, body=body), "600;refresher=uac"), US)

    assert (call.state, heard.over) == (CallState.UP, [])


@in_virtual_time
async def test_a_call_that_they_do_not_refresh_is_over_before_its_time() -> None:
    network = Network()
    peer, _call, heard = await called(network, "600;refresher=uas")

    await asyncio.sleep(560)
    assert heard.over == []
    await peer.request("BYE", within=9)

    assert heard.over == [Ending.NO_RESPONSE]


@in_virtual_time
@pytest.mark.parametrize("status", [500, 481])
async def test_a_refresh_of_ours_that_is_refused_ends_the_call_in_time(status: int) -> None:
    network = Network()
    peer, _call, heard = await called(network, "120;refresher=uac", allow="UPDATE")

    peer.send(answer(await peer.request("UPDATE", within=61), status), US)
    await peer.request("BYE", within=30)

    assert heard.over == [Ending.NO_RESPONSE]


@in_virtual_time
@pytest.mark.parametrize(
    ("told", "supported", "answered", "required"),
    [
        ("1800;refresher=uas", "timer", "1800;refresher=uas", []),
        ("1800;refresher=uac", "timer", "1800;refresher=uac", ["timer"]),
        ("1800", "timer", "1800;refresher=uac", ["timer"]),
        ("1800;refresher=uac", "replaces", "1800;refresher=uas", []),
    ],
)
async def test_who_refreshes_a_call_of_theirs_is_as_they_ask_and_we_do_where_they_cannot(
    told: str, supported: str, answered: str, required: list[str]
) -> None:
    network = Network()
    peer, _us, accepted = await taken(network, told, supported=supported)

    await asyncio.sleep(1000)

    assert accepted.headers.get("session-expires") == [answered]
    assert accepted.headers.get("require") == required
    assert (peer.count("UPDATE") > 0) == answered.endswith("uas")


@in_virtual_time
async def test_their_update_refreshes_and_may_hold_but_not_while_we_change_the_call_ourselves() -> None:
    network = Network()
    peer, us, accepted = await taken(network, "120;refresher=uac")
    tag = messages.tag_of(accepted, "to") or ""

    def update(number: int, body: str = "") -> Request:
        made = request("UPDATE", number=number, to_tag=tag, body=body)
        made.headers.append("Contact", f"<sip:them@{THEM.host}:{THEM.port}>")
        made.headers.set_single("Supported", "timer")
        made.headers.set_single("Session-Expires", "120;refresher=uac")
        return made

    for number, body in ((2, ""), (3, HOLDS)):
        await asyncio.sleep(60)
        peer.send(update(number, body), US)
        taken_too = await peer.response("200 UPDATE", nth=number - 1)
        assert taken_too.headers.get("session-expires") == ["120;refresher=uac"]
    agreed = us.heard[0].agreed
    assert [(one.sends, one.takes) for one in agreed] == [(True, True), (False, True)]

    peer.send(update(4, OFFER.replace("AVP 0 101", "AVP 18")), US)
    await peer.response("488 UPDATE")
    us.coming[0].offer_again()
    peer.send(update(5, OFFER), US)
    await peer.response("491 UPDATE")
    assert us.heard[0].over == []


@in_virtual_time
async def test_before_the_answer_an_update_without_an_offer_is_taken_and_one_with_an_offer_is_not() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    tag = messages.tag_of(await peer.response("180 INVITE"), "to") or ""

    peer.send(request("UPDATE", number=2, to_tag=tag), US)
    await peer.response("200 UPDATE")
    peer.send(request("UPDATE", number=3, to_tag=tag, body=OFFER), US)
    refused = await peer.response("500 UPDATE")

    assert refused.headers.get("retry-after") == ["5"]
    assert us.coming[0].state is CallState.SETTING_UP


@in_virtual_time
async def test_who_wants_rarer_refreshes_is_asked_again_so() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    us.call()

    refused = answer(await peer.request("INVITE"), 422)
    refused.headers.set_single("Min-SE", "2400")
    peer.send(refused, US)

    assert (await peer.request("INVITE", nth=2)).headers.get("session-expires") == ["2400"]
