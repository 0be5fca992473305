"""Whole calls with real telephones of another make: what is said and asked, how calls begin and end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import uuid
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from backoffice.voice.contract import (
    Answer,
    Answered,
    Arrived,
    Ask,
    Asked,
    AskedEnd,
    Capture,
    Command,
    Counts,
    Dial,
    HangUp,
    Item,
    Join,
    Left,
    PromptOver,
    Refusal,
    Ringing,
    Role,
    Say,
    Why,
)
from backoffice.voice.gateway import telephones
from backoffice.voice.sip.hops import Transport
from devstack.telephones.words import Incoming, Report
from tests.voice.gateway.exchange import AGENT, CUSTOMER, OURS, Exchange, new_key, until
from tests.voice.gateway.listening import (
    AGENT_SAYS,
    CUSTOMER_SAYS,
    NEEDS_PHONES,
    SILENT,
    Story,
    dials,
    is_speech,
    is_tone,
)

pytestmark = NEEDS_PHONES


def test_what_is_said_is_heard_and_a_question_takes_digits_that_are_no_secret(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation = uuid.uuid4().hex
        await it.call(Role.CUSTOMER, conversation)
        await it.told(conversation, Answered)
        said, question = new_key(), new_key()
        await it.do(Say(key=said, conversation=conversation, role=Role.CUSTOMER, text="Hello.", language="en"))
        await it.customer.heard(is_speech, lasting=0.2)
        assert await it.told(conversation, PromptOver) == PromptOver(key=said, whole=True)

        text = "Press one to pay, two to stop."
        await it.do(Ask(key=question, conversation=conversation, text=text, language="en", choices=("1", "2")))
        await it.customer.heard(is_speech, lasting=0.2)
        await it.customer.press("3")
        await it.customer.heard(lambda level: level.rms > 300, lasting=0.5)
        await it.customer.press("2")
        assert await it.told(conversation, Asked) == Asked(key=question, digits="2", why=AskedEnd.KEYED)

        heard_first = Ask(
            key=new_key(), conversation=conversation, text=text, language="en", choices=("1", "2"), whole=True
        )
        await it.do(heard_first)
        await it.customer.heard(is_speech, lasting=0.2)
        await it.customer.press("1")
        await it.customer.heard(lambda level: level.rms < 100, lasting=1.5)
        await it.customer.press("2")
        told = await it.told(conversation, Asked, nth=2)
        assert told == Asked(key=heard_first.key, digits="2", why=AskedEnd.KEYED)

        say = Say(key=new_key(), conversation=conversation, role=Role.CUSTOMER, text="Goodbye to you.", language="en")
        await it.do(say)
        await it.do(HangUp(key=new_key(), conversation=conversation, after_prompt=True))
        assert await it.told(conversation, PromptOver, nth=2) == PromptOver(key=say.key, whole=True)
        assert (await it.told(conversation, Left)).why is Why.ENDED

        assert it.running.switchboard.recorder is not None
        recording = it.running.switchboard.recorder.begin(f"{conversation}-customer.wav").path
        await until(lambda: recording.stat().st_size > 32_000, within=5)

    play(story)


def test_a_question_that_gets_no_answer_says_how_it_ended(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation = uuid.uuid4().hex
        await it.call(Role.CUSTOMER, conversation)
        await it.told(conversation, Answered)
        ends = {"*": AskedEnd.STAR, "7#": AskedEnd.WRONG, "": AskedEnd.SILENT}
        for number, (keys, why) in enumerate(ends.items(), 1):
            ask = Ask(
                key=new_key(),
                conversation=conversation,
                text="Press one for yes, now.",
                language="en",
                seconds=1,
                tries=1,
            )
            await it.do(msgspec.structs.replace(ask, choices=("1",)))
            if keys:
                await it.customer.heard(is_speech, lasting=0.1)
                await it.customer.press(keys)

            assert await it.told(conversation, Asked, nth=number) == Asked(key=ask.key, digits=None, why=why)

    play(story)


def test_those_whom_we_call_see_our_number(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation = uuid.uuid4().hex
        await it.call(Role.CUSTOMER, conversation)

        assert (await it.customer.sees(Report.CALLED)).peer == f"sip:{OURS}@127.0.0.1"
        await it.told(conversation, Answered)

    play(story)


def test_a_line_that_is_busy_or_that_nobody_answers_is_told(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        for mode, why in ((Incoming.BUSY, Why.BUSY), (Incoming.RING, Why.NO_ANSWER)):
            await it.customer.when_called(mode)
            conversation = uuid.uuid4().hex
            await it.do(
                Dial(key=new_key(), conversation=conversation, role=Role.CUSTOMER, number=CUSTOMER, ring_for=1.0)
            )
            left = await it.told(conversation, Left)
            assert left.why is why
            assert len(it.office.of(conversation, Ringing)) == 1

    play(story)


def test_a_customer_who_holds_is_heard_again_afterwards(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        await it.joined()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        await it.customer.hold()
        await it.agent.heard(lambda level: level.rms <= SILENT)
        await it.customer.resume()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        await it.customer.heard(is_tone(AGENT_SAYS))

    play(story)


def test_a_line_that_drops_without_a_word_is_ended_but_one_on_hold_is_not(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telephones, "SILENT_FOR", timedelta(seconds=0.5))

    async def story(it: Exchange) -> None:
        conversation = await it.joined()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        await it.customer.hold()
        await it.agent.heard(lambda level: level.rms <= SILENT, lasting=1.0)
        await it.customer.resume()
        await it.agent.heard(is_tone(CUSTOMER_SAYS))
        assert it.office.of(conversation, Left) == []

        os.kill(it.customer.pid, signal.SIGSTOP)
        try:
            assert await it.told(conversation, Left) == Left(role=Role.CUSTOMER, why=Why.LOST, answered=True)
        finally:
            os.kill(it.customer.pid, signal.SIGCONT)
        await it.customer.sees(Report.CLOSED)

    play(story)


def test_who_rings_us_is_answered_when_the_back_office_says_so(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        _host, port = it.running.transports.sent_by(Transport.UDP)
        await dials(it, f"sip:0800@127.0.0.1:{port}")
        await it.customer.sees(Report.RINGING)
        await until(lambda: any(isinstance(event.what, Arrived) for event in it.office.events))
        event = next(one for one in reversed(it.office.events) if isinstance(one.what, Arrived))
        assert isinstance(event.what, Arrived)
        assert (event.what.called, event.what.caller) == ("0800", "customer")

        await it.do(Answer(key=new_key(), conversation=event.conversation))
        await it.customer.sees(Report.ESTABLISHED)
        await it.do(HangUp(key=new_key(), conversation=event.conversation))
        await it.customer.sees(Report.CLOSED)
        assert (await it.told(event.conversation, Left)).why is Why.ENDED

    play(story)


def test_a_command_is_done_once_and_one_that_does_not_fit_is_refused(play: Callable[[Story], None]) -> None:
    async def story(it: Exchange) -> None:
        conversation, key = uuid.uuid4().hex, new_key()
        dial = Dial(key=key, conversation=conversation, role=Role.AGENT, number=AGENT)
        first, again = await asyncio.gather(it.gateway.do(dial), it.gateway.do(dial))
        assert first == again
        await it.told(conversation, Answered)
        assert len(it.running.switchboard.agent.calls) == 1

        async def refusal(command: Command) -> str:
            done = await it.gateway.do(command)
            return done.code if isinstance(done, Refusal) else "done"

        assert await refusal(Join(key=key, conversation=conversation)) == "other_command"
        await it.customer.when_called(Incoming.RING)
        await it.call(Role.CUSTOMER, conversation)
        assert await refusal(Join(key="early", conversation=conversation)) == "not_up"
        await it.told(conversation, Ringing, nth=2)
        await it.customer.answer()
        await it.told(conversation, Answered, nth=2)
        assert await refusal(Join(key="early", conversation=conversation)) == "done", "a refused one is tried anew"
        await it.do(HangUp(key=new_key(), conversation=conversation, role=Role.CUSTOMER))
        await it.told(conversation, Left)
        assert await refusal(Join(key=new_key(), conversation=conversation)) == "no_customer"
        dial_again = Dial(key=new_key(), role=Role.AGENT, number=AGENT, conversation=conversation)
        assert await refusal(dial_again) == "there_already"
        nowhere = Dial(key=new_key(), role=Role.CUSTOMER, number="nowhere", conversation=conversation)
        assert await refusal(nowhere) == "no_route"
        capture = Capture(key=new_key(), items=(Item.EXPIRY,), language="en", conversation=conversation)
        assert await refusal(capture) == "no_customer"
        for text, language, code in (("Hi", "tlh", "language"), ("\0", "en", "text")):
            say = Say(key=new_key(), role=Role.AGENT, text=text, language=language, conversation=conversation)
            assert await refusal(say) == code
        assert await refusal(Join(key=new_key(), conversation="unknown")) == "unknown"
        assert await refusal(Dial(key=new_key(), conversation="new", role=Role.AGENT, number="?")) == "no_number"
        assert "new" not in it.gateway.conversations

    play(story)


def test_what_comes_from_strangers_or_cannot_be_read_is_counted_and_nothing_of_a_call_with_it(
    play: Callable[[Story], None],
) -> None:
    async def story(it: Exchange) -> None:
        conversation = uuid.uuid4().hex
        await it.call(Role.CUSTOMER, conversation)
        await it.told(conversation, Answered)

        def counted() -> Counts:
            return it.gateway.counts(refused={}, sip_refused=it.running.transports.refused)

        before = counted()
        [telephone] = it.gateway.conversations[conversation].telephones
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for to in (it.running.transports.sent_by(Transport.UDP), ("127.0.0.1", telephone.leg.port)):
                stranger.sendto(b"nonsense", to)
        foreign = "foreign_address"

        await until(lambda: counted().sip_refused.get("unreadable", 0) > before.sip_refused.get("unreadable", 0))
        await until(lambda: counted().sound_refused.get(foreign, 0) > before.sound_refused.get(foreign, 0))
        assert (before.conversations, before.telephones) == (1, 1)
        await it.do(HangUp(key=new_key(), conversation=conversation))
        await it.told(conversation, Left)
        after = counted()
        assert (after.conversations, after.telephones) == (0, 0)
        assert after.sound_refused[foreign] == before.sound_refused.get(foreign, 0) + 1, "also when the call is over"
        assert after.frames > before.frames
        assert conversation not in str(after)

    play(story)
