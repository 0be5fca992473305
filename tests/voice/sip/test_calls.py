"""Calls from end to end: two of our user agents, and the races between them and a scripted peer."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.sip import messages
from backoffice.voice.sip.calls import CallState, Ending
from tests.voice.sip.network import Network, Peer
from tests.voice.sip.talking import (
    OFFER,
    THEM,
    US,
    Station,
    ack,
    answer,
    branch_of,
    invite,
    negotiation,
    request,
    station,
)
from tests.voice.virtual_time import in_virtual_time


async def comes_in(station: Station) -> None:
    while not station.coming:
        await asyncio.sleep(0.01)


@in_virtual_time
async def test_a_call_rings_is_answered_and_is_ended_by_who_called() -> None:
    network = Network()
    us, them = station(network), station(network, THEM)

    call, heard = us.call()
    await comes_in(them)
    assert them.coming[0].called == "them"
    await asyncio.sleep(1)
    assert (heard.ringing, heard.answered) == (1, 0)
    them.coming[0].accept(negotiation(THEM))
    await asyncio.sleep(1)

    assert heard.answered == 1
    assert call.state is CallState.UP
    assert heard.agreed[0].remote[0] == THEM.host
    assert them.heard[0].agreed[0].remote[0] == US.host
    call.hang_up()
    await asyncio.sleep(1)
    assert heard.over == [Ending.BY_US]
    assert them.heard[0].over == [Ending.BY_THEM]
    await asyncio.sleep(40)
    assert us.agent.open_transactions == them.agent.open_transactions == 0
    assert us.agent.calls == them.agent.calls == []


@in_virtual_time
async def test_who_was_called_may_end_it_and_both_may_at_once() -> None:
    network = Network()
    us, them = station(network), station(network, THEM)
    call, heard = us.call()
    await comes_in(them)
    them.coming[0].accept(negotiation(THEM))
    await asyncio.sleep(1)

    them.coming[0].hang_up()
    call.hang_up()
    await asyncio.sleep(40)

    assert heard.over == [Ending.BY_US]
    assert them.heard[0].over == [Ending.BY_US]
    assert us.agent.open_transactions == them.agent.open_transactions == 0


@in_virtual_time
async def test_a_call_that_is_sent_elsewhere_has_failed_and_its_answer_is_acknowledged() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()

    peer.send(answer(await peer.request("INVITE"), 302, contact="<sip:elsewhere@10.0.0.9>"), US)
    await peer.request("ACK")
    await asyncio.sleep(40)

    assert (heard.over, call.status) == ([Ending.REFUSED], 302)
    assert network.what(US) == ["INVITE", "ACK"]
    assert us.agent.open_transactions == 0


@in_virtual_time
async def test_a_call_is_cancelled_while_it_rings() -> None:
    network = Network()
    us, them = station(network), station(network, THEM)
    call, heard = us.call()
    await comes_in(them)
    await asyncio.sleep(0.5)

    call.hang_up()
    call.hang_up()
    await asyncio.sleep(1)

    assert heard.over == [Ending.BY_US]
    assert them.heard[0].over == [Ending.CANCELLED]
    assert network.what(US).count("CANCEL") == 1
    assert "487 INVITE" in network.what(THEM)
    await asyncio.sleep(40)
    assert us.agent.open_transactions == them.agent.open_transactions == 0


@in_virtual_time
async def test_before_anything_is_heard_a_cancel_waits() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    asked = await peer.request("INVITE")

    call.hang_up()
    await asyncio.sleep(3)
    assert peer.count("CANCEL") == 0
    peer.send(answer(asked, 180), US)
    cancel = await peer.request("CANCEL")
    peer.send(messages.respond(cancel, 200, tag="peer"), US)
    peer.send(answer(asked, 487), US)
    await asyncio.sleep(1)

    assert branch_of(cancel) == branch_of(asked)
    assert cancel.headers.get_first("cseq") == "1 CANCEL"
    assert peer.count("ACK") == 1
    assert heard.over == [Ending.BY_US]


@in_virtual_time
async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    asked = await peer.request("INVITE")
    peer.send(answer(asked, 180), US)
    await asyncio.sleep(1)

    call.hang_up()
    peer.send(answer(asked, 200, body=OFFER), US)
    await peer.request("CANCEL")
    await peer.request("ACK")
    await peer.request("BYE")

    assert heard.answered == 0
    assert heard.over == [Ending.BY_US]


@in_virtual_time
async def test_a_cancel_that_nobody_answers_ends_the_call_after_32_seconds() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, heard = us.call()
    peer.send(answer(await peer.request("INVITE"), 180), US)
    await asyncio.sleep(1)

    call.hang_up()
    await asyncio.sleep(31)
    assert heard.over == []
    await asyncio.sleep(2)

    assert heard.over == [Ending.BY_US]


@in_virtual_time
async def test_a_cancel_after_our_answer_changes_nothing() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    peer.send(asked, US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())

    peer.send(request("CANCEL", branch=branch_of(asked)), US)
    await peer.response("200 CANCEL")
    peer.send(ack(await peer.response("200 INVITE")), US)
    await asyncio.sleep(1)

    assert us.heard[0].over == []
    assert us.coming[0].state is CallState.UP
    assert peer.count("487 INVITE") == 0


@in_virtual_time
async def test_a_call_that_was_cancelled_cannot_be_accepted() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    asked = invite()
    peer.send(asked, US)
    await peer.response("180 INVITE")
    peer.send(request("CANCEL", branch=branch_of(asked)), US)
    await peer.response("487 INVITE")

    assert not us.coming[0].accept(negotiation())
    await asyncio.sleep(0.1)
    assert peer.count("200 INVITE") == 0
    assert us.agent.calls == []


@in_virtual_time
async def test_who_hangs_up_before_the_answer_by_bye_ends_the_invite_too() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    ringing = await peer.response("180 INVITE")

    peer.send(request("BYE", number=2, to_tag=messages.tag_of(ringing, "to") or ""), US)

    await peer.response("200 BYE")
    await peer.response("487 INVITE")
    assert us.heard[0].over == [Ending.BY_THEM]


@in_virtual_time
async def test_answers_of_two_forks_leave_one_call_and_the_other_is_ended() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    _call, heard = us.call()
    asked = await peer.request("INVITE")

    peer.send(answer(asked, 180, tag="one"), US)
    peer.send(answer(asked, 180, tag="two"), US)
    peer.send(answer(asked, 200, tag="two", body=OFFER), US)
    peer.send(answer(asked, 200, tag="one", body=OFFER), US)
    bye = await peer.request("BYE")
    await asyncio.sleep(1)

    assert messages.tag_of(bye, "to") == "one"
    assert peer.count("ACK") == 2
    assert heard.answered == 1
    assert heard.over == []
    assert [call.dialog.their_tag for call in us.agent.calls if call.dialog] == ["two"]


@in_virtual_time
async def test_the_answer_of_a_fork_after_the_end_is_acknowledged_and_ended() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    call, _heard = us.call()
    asked = await peer.request("INVITE")
    peer.send(answer(asked, 200, tag="one", body=OFFER), US)
    await asyncio.sleep(1)
    call.hang_up()
    peer.send(messages.respond(await peer.request("BYE"), 200), US)

    peer.send(answer(asked, 200, tag="late", body=OFFER), US)
    bye = await peer.request("BYE", nth=2)

    assert messages.tag_of(bye, "to") == "late"


@in_virtual_time
async def test_who_answers_may_hang_up_only_after_the_ack() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    us.coming[0].hang_up()
    await asyncio.sleep(2)
    assert peer.count("BYE") == 0

    peer.send(ack(await peer.response("200 INVITE")), US)

    await peer.request("BYE")
    assert us.heard[0].over == [Ending.BY_US]


@in_virtual_time
async def test_an_offer_in_our_answer_is_settled_by_the_ack() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(body=""), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    accepted = await peer.response("200 INVITE")
    assert "m=audio" in accepted.text
    assert us.heard[0].agreed == []

    with_answer = ack(accepted)
    messages.with_body(with_answer, OFFER)
    peer.send(with_answer, US)
    await asyncio.sleep(0.1)

    assert us.heard[0].agreed[0].remote == ("10.0.0.2", 30000)


@in_virtual_time
@pytest.mark.parametrize("body", ["", OFFER.replace("AVP 0", "AVP 97"), "v=0\r\n", "garbage"])
async def test_an_ack_that_settles_nothing_ends_the_call(body: str) -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(body=""), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    with_answer = ack(await peer.response("200 INVITE"))
    if body:
        messages.with_body(with_answer, body)

    peer.send(with_answer, US)

    await peer.request("BYE")
    assert us.heard[0].over == [Ending.NOT_ACCEPTABLE]


@in_virtual_time
async def test_an_offer_that_we_cannot_agree_to_is_refused_with_488() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(body=OFFER.replace("AVP 0 101", "AVP 18 101")), US)
    await peer.response("180 INVITE")

    assert not us.coming[0].accept(negotiation())

    await peer.response("488 INVITE")
    assert us.heard[0].over == [Ending.NOT_ACCEPTABLE]


@in_virtual_time
async def test_an_answer_that_we_cannot_agree_to_is_acknowledged_and_ended() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    _call, heard = us.call()

    peer.send(answer(await peer.request("INVITE"), 200, body=OFFER.replace("audio 30000", "audio 0")), US)

    await peer.request("ACK")
    await peer.request("BYE")
    assert heard.answered == 0
    assert heard.over == [Ending.NOT_ACCEPTABLE]


@in_virtual_time
async def test_requests_in_a_call_come_in_order_or_are_refused() -> None:
    network = Network()
    peer, us = Peer(network, THEM), station(network)
    peer.send(invite(number=5), US)
    await peer.response("180 INVITE")
    us.coming[0].accept(negotiation())
    accepted = await peer.response("200 INVITE")
    peer.send(ack(accepted), US)
    tag = messages.tag_of(accepted, "to") or ""

    peer.send(request("BYE", number=3, to_tag=tag), US)
    await peer.response("500 BYE")
    peer.send(request("OPTIONS", number=6, to_tag=tag), US)
    await peer.response("200 OPTIONS")
    peer.send(request("INFO", number=7, to_tag=tag), US)
    await peer.response("405 INFO")

    assert us.heard[0].over == []


@in_virtual_time
@pytest.mark.parametrize("seed", range(8))
async def test_calls_stand_and_end_on_both_sides_though_a_tenth_is_lost_doubled_and_late(seed: int) -> None:
    network = Network(loses=0.1, doubles=0.1, delays=0.1, seed=seed)
    us, them = station(network), station(network, THEM)

    made = [us.call() for _each in range(12)]
    for _second in range(60):
        for coming in them.coming:
            coming.accept(negotiation(THEM))
        await asyncio.sleep(1)
    assert [heard.answered for _call, heard in made] == [1] * 12
    assert len(them.coming) == 12
    for call, _heard in made[:6]:
        call.hang_up()
    for coming in them.coming:
        if any(call.dialog and coming.dialog and call.dialog.call_id == coming.dialog.call_id for call, _ in made[6:]):
            coming.hang_up()
    await asyncio.sleep(70)

    assert [len(heard.over) for _call, heard in made] == [1] * 12
    assert [len(heard.over) for heard in them.heard] == [1] * 12
    assert us.agent.calls == them.agent.calls == []
    assert us.agent.open_transactions == them.agent.open_transactions == 0
