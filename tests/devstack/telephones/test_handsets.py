"""Telephones for plain code, in calls of a voice gateway that runs as a process of its own."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

import pytest

from backoffice.voice.contract import Capture, Captured, Command, Dial, HangUp, Item, Join, Outcome, Role, Say
from backoffice.voice.speech.sentences import Sentence
from backoffice.voice.speech.words.language import Language
from devstack.telephones.handsets import Handset, Handsets
from devstack.telephones.hearing import Level, heard_between
from devstack.telephones.line import Line, free_port
from devstack.telephones.telephone import Missing
from tests.voice.gateway.exchange import AGENT, CUSTOMER, new_key, until
from tests.voice.gateway.listening import CUSTOMER_SAYS, NEEDS_PHONES
from tests.voice.gateway.process import Process, gateway

YES = "Yes. One of us is on the telephone about the case K, seven, Q now."
NO = "No. Nobody of us is calling about a case with this reference now."


@dataclass
class Exchange:
    """A gateway with two telephones."""

    runner: asyncio.Runner
    gateway: Process
    customer: Handset
    agent: Handset

    def do(self, command: Command) -> None:
        status, told = self.runner.run(self.gateway.do(command))
        assert status == 200, told

    @contextmanager
    def joined(self) -> Iterator[str]:
        """A call in which both hear each other, and the customer hums; it is over afterwards."""
        conversation = uuid.uuid4().hex
        for role, number, phone in ((Role.CUSTOMER, CUSTOMER, self.customer), (Role.AGENT, AGENT, self.agent)):
            self.do(Dial(key=new_key(), conversation=conversation, role=role, number=number))
            phone.answers()
        self.do(Join(key=new_key(), conversation=conversation))
        self.customer.hums(CUSTOMER_SAYS)
        try:
            yield conversation
        finally:
            self.do(HangUp(key=new_key(), conversation=conversation))
            self.customer.is_hung_up()
            self.agent.is_hung_up()


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    lines = {name: Line(name=name, port=free_port()) for name in ("agent", "customer")}
    addresses = {AGENT: lines["agent"].uri, CUSTOMER: lines["customer"].uri}
    folder = tmp_path_factory.mktemp("voice")
    with asyncio.Runner() as runner, Handsets(lines.values(), prompts=folder / "prompts") as handsets:
        stack = AsyncExitStack()
        it = runner.run(stack.enter_async_context(gateway(folder, addresses)))
        yield Exchange(runner, it, handsets["customer"], handsets["agent"])
        runner.run(stack.aclose())


@NEEDS_PHONES
def test_the_agents_telephone_is_clean_during_a_capture_and_not_without_one(exchange: Exchange) -> None:
    with exchange.joined() as conversation:
        began = time.monotonic()
        exchange.agent.hears_somebody()
        exchange.customer.keys("12")
        not_cut = exchange.agent.heard_between(began, time.monotonic())
        assert not not_cut.is_clean
        assert (not_cut.keys, not_cut.loudest > 2000) == ("12", True)

        exchange.do(Capture(key=new_key(), conversation=conversation, items=(Item.SECURITY_CODE,), language="en"))
        exchange.customer.hears(Sentence.SECURITY_CODE.said(Language.ENGLISH))
        began = time.monotonic()
        exchange.customer.keys("123#")
        heard = exchange.agent.heard_between(began, time.monotonic())

        exchange.runner.run(until(lambda: bool(exchange.gateway.told(Captured))))
        assert exchange.gateway.told(Captured)[0].outcome is Outcome.DONE
        assert heard.is_clean, heard


@NEEDS_PHONES
def test_a_text_is_recognised_by_its_sound_and_another_is_not(exchange: Exchange) -> None:
    with exchange.joined() as conversation:
        for role, text in ((Role.AGENT, NO), (Role.CUSTOMER, YES)):
            exchange.do(Say(key=new_key(), conversation=conversation, role=role, text=text, language="en"))

        exchange.agent.hears(NO)
        exchange.customer.hears(YES)
        with pytest.raises(Missing, match="0 pieces"):
            exchange.customer.hears(NO, within=0.3)


SILENCE = [Level(at / 10, 8, 0) for at in range(1, 21)]
"""Two seconds, from 0."""


@pytest.mark.parametrize(
    ("levels", "keys", "is_clean"),
    [
        (SILENCE, [], True),
        (SILENCE, [("7", 2.1)], True),
        (SILENCE, [("7", 1.0)], False),
        ([*SILENCE[:9], Level(1.0, 900, 0), *SILENCE[10:]], [], False),
        (SILENCE[:9], [], False),
        ([], [], False),
    ],
)
def test_a_span_is_clean_only_if_all_of_it_was_heard_and_was_silent(
    levels: list[Level], keys: list[tuple[str, float]], is_clean: bool
) -> None:
    assert heard_between(levels, keys, began=0.0, ended=2.0).is_clean is is_clean
