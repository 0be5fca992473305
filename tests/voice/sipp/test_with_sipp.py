"""Calls from and to SIPp, Debian's package `sip-tester`, by UDP and TCP, and with a tenth of all messages lost."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from backoffice.voice.contract import Answer, Arrived, Ask, Asked, Dial, HangUp, Left, Role, State, Why
from backoffice.voice.sip.hops import Transport
from backoffice.voice.sip.sdp import Agreement
from tests.voice.gateway.exchange import new_key, until
from tests.voice.sipp import scenarios
from tests.voice.sipp.bench import Bench, Plays
from tests.voice.sipp.scenarios import (
    ANSWERED,
    RINGS,
    RINGS_AND_KNOWS_WHO,
    answers,
    asks,
    presses,
    requests,
    scenario,
    takes,
    waits,
)

KEYS_NEED = "SIPp sends recorded keys by a raw socket, which needs root"


async def takes_calls(bench: Bench, number: int) -> None:
    """Our side of calls that come in: each is answered."""
    for nth in range(1, number + 1):
        conversation, _arrived = await bench.it.told(Arrived, nth=nth)
        await bench.it.gateway.do(Answer(key=new_key(), conversation=conversation))


# --- SIPp calls us ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_a_caller_is_answered_and_hangs_up(play: Plays, transport: Transport) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True)),
        *(waits(100), requests("BYE", number=2, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        await asyncio.gather(bench.calls_us(text, transport=transport), takes_calls(bench, 1))
        _conversation, left = await bench.it.told(Left)
        assert (left.why, left.answered) == (Why.HUNG_UP, True)

    play(story)


def test_a_caller_keys_in_a_case_by_rfc_4733(play: Plays) -> None:
    if os.geteuid() != 0:
        pytest.skip(KEYS_NEED)
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True), waits(300)),
        *(presses("1234"), presses(["pound"]), requests("BYE", number=2, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        async def menu() -> None:
            await takes_calls(bench, 1)
            conversation, _arrived = await bench.it.told(Arrived)
            ask = Ask(key="ask", conversation=conversation, text="Key.", language="en", least=4, most=8)
            assert isinstance(await bench.it.gateway.do(ask), State)

        await asyncio.gather(bench.calls_us(text), menu())
        _conversation, asked = await bench.it.told(Asked)
        assert asked.digits == "1234"

    play(story)


def test_a_caller_holds_and_comes_back(play: Plays) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True)),
        *(requests("INVITE", number=2, sdp=True, in_dialog=True).replace("a=sendrecv", "a=sendonly"),),
        *(takes(100, optional=True), takes(200, says="a=recvonly"), requests("ACK", number=2, in_dialog=True)),
        *(requests("INVITE", number=3, sdp=True, in_dialog=True), takes(100, optional=True)),
        *(takes(200, says="a=sendrecv"), requests("ACK", number=3, in_dialog=True)),
        *(requests("BYE", number=4, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        await asyncio.gather(bench.calls_us(text), takes_calls(bench, 1))

    play(story)


def test_a_caller_who_gives_up_while_it_rings_cancels(play: Plays) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), takes(100, optional=True), takes(180)),
        requests("CANCEL", contact=False).replace("branch=[branch]", "branch=[branch-3]"),
        *(takes(200), takes(487)),
        requests("ACK", contact=False, in_dialog=True).replace("branch=[branch]", "branch=[branch-6]"),
    )

    async def story(bench: Bench) -> None:
        await bench.calls_us(text)
        _conversation, left = await bench.it.told(Left)
        assert (left.why, left.answered) == (Why.HUNG_UP, False)

    play(story)


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_options_are_answered_with_what_we_take(play: Plays, transport: Transport) -> None:
    text = scenario(requests("OPTIONS"), takes(200))

    async def story(bench: Bench) -> None:
        await bench.calls_us(text, transport=transport, calls=3)

    play(story)


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (requests("INVITE", sdp=True, contact=False), 400),
        (requests("INVITE", sdp=True, more="Require: 100rel\n"), 420),
        (requests("REGISTER"), 405),
        (requests("REFER", more="Refer-To: <sip:a@b>\n"), 405),
        (requests("INVITE", sdp=True, more="Session-Expires: 30\n"), 422),
        (requests("OPTIONS").replace("Max-Forwards: 70", "Max-Forwards: many"), 400),
    ],
)
def test_what_is_malformed_or_not_ours_is_refused_by_its_rule(play: Plays, step: str, status: int) -> None:
    ends = requests("ACK", contact=False, in_dialog=True).replace("branch=[branch]", "branch=[branch-3]")
    is_invite = "INVITE sip:menu" in step
    text = scenario(step, takes(100, optional=True), takes(status), ends if is_invite else "")

    async def story(bench: Bench) -> None:
        await bench.calls_us(text)
        assert bench.it.office.events == []

    play(story)


def test_callers_are_answered_though_a_tenth_of_all_is_lost(play: Plays) -> None:
    text = scenario(
        *(requests("INVITE", sdp=True), ANSWERED, requests("ACK", in_dialog=True)),
        *(waits(300), requests("BYE", number=2, in_dialog=True), takes(200)),
    )

    async def story(bench: Bench) -> None:
        await asyncio.gather(bench.calls_us(text, calls=8, lost=10), takes_calls(bench, 8))

    play(story)


# --- we call SIPp -----------------------------------------------------------------------------------------------------


def test_who_answers_and_hangs_up(play: Plays) -> None:
    text = scenario(
        *(RINGS_AND_KNOWS_WHO, answers(200, sdp=True), takes("ACK"), waits(100), asks("BYE", number=1), takes(200)),
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            assert await bench.left(conversation) is Why.HUNG_UP

    play(story)


@pytest.mark.parametrize(
    ("status", "why"), [(486, Why.BUSY), (503, Why.FAILED), (603, Why.REFUSED), (480, Why.NO_ANSWER), (404, Why.FAILED)]
)
def test_who_refuses_is_acknowledged_and_the_back_office_hears_why(play: Plays, status: int, why: Why) -> None:
    text = scenario(RINGS, answers(status), takes("ACK"))

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            assert await bench.left(conversation) is why

    play(story)


def test_who_sends_us_elsewhere_is_not_followed(play: Plays) -> None:
    text = scenario(takes("INVITE"), answers(302, more=""), takes("ACK")).replace(
        "Contact: <sip:uas@", "Contact: <sip:+881612345678@"
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            assert await bench.left(conversation) is Why.FAILED

    play(story)


def test_who_does_not_answer_is_cancelled(play: Plays) -> None:
    text = scenario(
        *(takes("INVITE"), answers(180), takes("CANCEL"), answers(200, again=False)),
        answers(487).replace("[last_CSeq:]", "CSeq: 1 INVITE"),
        takes("ACK"),
    )

    async def story(bench: Bench) -> None:
        async with bench.started(text, "", transport=Transport.UDP, calls=1, lost=0):
            await bench.listens()
            conversation = uuid.uuid4().hex
            await bench.dials(conversation, ring_for=0.3)
            assert await bench.left(conversation) is Why.NO_ANSWER

    play(story)


def test_who_answers_holds_and_comes_back_and_we_hang_up(play: Plays) -> None:
    text = scenario(
        *(RINGS_AND_KNOWS_WHO, answers(200, sdp=True), takes("ACK")),
        *(asks("INVITE", number=1, direction="sendonly"), takes(100, optional=True), takes(200, says="a=recvonly")),
        *(asks("ACK", number=1), asks("INVITE", number=2, direction="sendrecv"), takes(100, optional=True)),
        *(takes(200, says="a=sendrecv"), asks("ACK", number=2), takes("BYE"), answers(200, tag=False, again=False)),
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text) as conversation:
            agreed: list[bool] = []

            def note(agreement: Agreement) -> None:
                agreed.append(agreement.sends)
                before(agreement)

            await until(lambda: bool(bench.it.gateway.conversations[conversation].telephones))
            [telephone] = bench.it.gateway.conversations[conversation].telephones
            call = telephone._call
            assert call is not None
            before = call.on_agreement
            call.on_agreement = note
            await until(lambda: agreed[-2:] == [False, True])
            await bench.it.gateway.do(HangUp(key=new_key(), conversation=conversation))
            assert await bench.left(conversation) is Why.ENDED

    play(story)


def test_who_is_called_by_tcp(play: Plays) -> None:
    text = scenario(
        *(RINGS_AND_KNOWS_WHO, answers(200, sdp=True), takes("ACK"), waits(50), asks("BYE", number=1), takes(200)),
    )

    async def story(bench: Bench) -> None:
        async with bench.started(text, "", transport=Transport.TCP, calls=1, lost=0):
            await bench.listens()
            conversation = uuid.uuid4().hex
            dial = Dial(key=new_key(), conversation=conversation, role=Role.CUSTOMER, number="tcp", ring_for=10)
            assert isinstance(await bench.it.gateway.do(dial), State)
            assert await bench.left(conversation) is Why.HUNG_UP

    play(story)


def test_calls_of_ours_stand_though_a_tenth_of_all_is_lost(play: Plays) -> None:
    text = scenario(
        RINGS,
        answers(200, sdp=True),
        takes("ACK", optional=True),
        takes("BYE"),
        answers(200, tag=False, again=False),
        waits(1000),
    )

    async def story(bench: Bench) -> None:
        async with bench.is_called(text, calls=6, lost=10) as first:
            conversations = [first, *(uuid.uuid4().hex for _each in range(5))]
            for conversation in conversations[1:]:
                await bench.dials(conversation)
            look = bench.it.gateway.look
            for conversation in conversations:
                is_up = partial(_is_up, look, conversation)
                await until(is_up, within=30)
                await bench.it.gateway.do(HangUp(key=new_key(), conversation=conversation))

    play(story)


def _is_up(look: Callable[[str], object], conversation: str) -> bool:
    state = look(conversation)
    assert isinstance(state, State)
    return "up" in {one.state for one in state.telephones}


def test_the_recorded_keys_are_where_the_scenarios_look_for_them() -> None:
    assert Path(scenarios.KEYS.format("1")).exists()
