"""A voice gateway with the telephones of a customer and of the desk, for tests of the back office."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from django.test import Client
from pytest_django import Settings

from backoffice.celery import app as celery_app
from backoffice.telephony import tasks, waking
from backoffice.voice.contract import HangUp, Left, Role, What
from devstack.telephones.line import Line, free_port
from devstack.telephones.telephone import Telephone
from devstack.telephones.words import Incoming
from tests.factories import phone_number
from tests.voice.gateway.exchange import SECRET, until
from tests.voice.gateway.listening import CUSTOMER_SAYS
from tests.voice.gateway.process import Process, gateway

DESK, CUSTOMER = "+31205550100", phone_number(9111)
EVENTS = "/api/v1/webhooks/voice"


@dataclass
class Office:
    """A gateway with the phones of a customer and of the desk, which answer when they ring."""

    runner: asyncio.Runner
    gateway: Process
    customer: Telephone
    desk: Telephone
    passed_on: int = 0

    def pass_on(self, client: Client) -> None:
        """Brings the events that came meanwhile to the back office, as the gateway sent them."""
        for headers, body in self.gateway.posted[self.passed_on :]:
            told = {name: value for name, value in headers.items() if name.startswith("webhook-")}
            answer = client.post(EVENTS, body, content_type="application/json", headers=told)
            assert answer.status_code == 200, answer.content
            self.passed_on += 1

    def ends_all(self) -> None:
        """Hangs up every call that still stands."""
        for conversation in {event.conversation for event in self.gateway.events}:
            command = HangUp(key=uuid.uuid4().hex, conversation=conversation)
            self.runner.run(self.gateway.do(command))
            self.waits_for(Left, Role.CUSTOMER, conversation)

    def proceeds(self, client: Client) -> None:
        """Passes on the events, and has the workers do the steps of the voice menu that wait."""
        self.pass_on(client)
        steps: Mapping[str, Callable[..., None]] = {
            waking.PROCEED_IN_MENU: tasks.proceed_in_menu,
            waking.PROCEED_IN_BRANCH: tasks.proceed_in_branch,
        }
        with celery_app.connection() as broker:
            waiting = broker.SimpleQueue("celery")
            while len(waiting):
                message = waiting.get(block=False)
                message.ack()
                if step := steps.get(message.headers["task"]):
                    step(*message.payload[0])
            waiting.close()

    def waits_for(self, kind: type[What], role: Role, conversation: str) -> None:
        """Until the gateway has told this of this conversation."""

        def told() -> bool:
            ours = [event.what for event in self.gateway.events if event.conversation == conversation]
            return any(isinstance(what, kind) and getattr(what, "role", None) is role for what in ours)

        self.runner.run(until(told))


@pytest.fixture(scope="package")
def voice_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    customer, desk = (Telephone(Line(name=name, port=free_port())) for name in ("customer", "desk"))
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start() -> Process:
            addresses = {CUSTOMER: customer.line.uri, DESK: desk.line.uri}
            it = await stack.enter_async_context(gateway(tmp_path_factory.mktemp("voice"), addresses))
            await stack.enter_async_context(customer)
            await stack.enter_async_context(desk)
            await customer.say_tone(CUSTOMER_SAYS)
            return it

        yield Office(runner, runner.run(start()), customer, desk)
        runner.run(stack.aclose())


@pytest.fixture
def office(voice_office: Office, settings: Settings, _by_hand: None) -> Iterator[Office]:
    """It is quiet again afterwards."""
    settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET = voice_office.gateway.url, SECRET
    settings.VOICE_EVENTS_SECRET, settings.DESK_PHONE = SECRET, "+31 20 555 0100"
    voice_office.passed_on = len(voice_office.gateway.posted)
    voice_office.runner.run(voice_office.customer.when_called(Incoming.ANSWER))
    voice_office.runner.run(voice_office.customer.say_tone(CUSTOMER_SAYS))
    yield voice_office
    voice_office.ends_all()
