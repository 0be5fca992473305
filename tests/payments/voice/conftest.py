"""A voice gateway that takes every command, played by the test, and the simulator of the payment provider."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import pytest
from pytest_django import Settings

from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.provider.ports import Card
from backoffice.payments.voice import gateway
from backoffice.payments.voice.models import VoicePayment
from backoffice.voice.contract import Command, Find, Look, Refusal, State, Telephone
from tests.devstack.payment_simulator.provided import served_payments as served_payments
from tests.devstack.payment_simulator.provided import simulator as simulator
from tests.devstack.payment_simulator.simulator import GOOD, KEY, Payments, new_key
from tests.factories import make_customer
from tests.payments.making import make_agent, make_card_on_file
from tests.payments.voice.ordered import order
from tests.voice.gateway.exchange import SECRET, serving

ALL = 2**30
"""Its answers know of each event that the test tells."""


@dataclass
class Played:
    """What it was asked to do, but for looks; `refuses` is the code of its answer to all, `telephones` are up. It hangs
    while `answers` is not set."""

    commands: list[Command] = field(default_factory=list)
    refuses: str = ""
    instance: str = "gateway-1"
    telephones: tuple[Telephone, ...] = ()
    joined: bool = False
    answers: threading.Event = field(default_factory=threading.Event)
    looks: int = 0

    def __post_init__(self) -> None:
        self.answers.set()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        command = msgspec.json.decode(body, type=Command)
        if not isinstance(command, Look | Find):
            self.commands.append(command)
        self.looks += isinstance(command, Look)
        self.answers.wait(20)
        if self.refuses:
            return 404 if self.refuses == "unknown" else 409, msgspec.json.encode(Refusal(code=self.refuses))
        state = State(
            instance=self.instance,
            conversation=command.conversation,
            telephones=self.telephones,
            joined=self.joined,
            events=ALL,
        )
        return 200, msgspec.json.encode(state)

    def asked(self) -> list[str]:
        return [type(one).__name__ for one in self.commands]


@pytest.fixture
def played(settings: Settings) -> Iterator[Played]:
    """The gateway of this test."""
    it = Played()
    with serving(it.answer) as url:
        settings.VOICE_CONTROL_URL, settings.VOICE_CONTROL_SECRET = url, SECRET
        yield it
    gateway._client.cache_clear()


@pytest.fixture
def bank(simulator: Payments, settings: Settings) -> Payments:
    """The provider that the product asks."""
    settings.PAYMENTS_URL, settings.PAYMENTS_KEY = simulator.url, KEY
    return simulator


@pytest.fixture
def card(bank: Payments) -> CardOnFile:
    """A card that the provider has, and that pays."""
    return saved_card(bank)


def saved_card(bank: Payments, number: str = GOOD) -> CardOnFile:
    adapter = bank.adapter()
    known = adapter.new_customer(key=new_key())
    saved = adapter.save_card(bank.card(number), customer=known, key=new_key())
    assert isinstance(saved, Card)
    return make_card_on_file(
        make_customer(days=4000),
        reference=saved.reference,
        provider_customer=known,
        last_four=saved.last_four,
        brand=saved.brand,
    )


@pytest.fixture
def payment(card: CardOnFile) -> VoicePayment:
    """25.00 EUR with that card, ordered by an agent with a telephone."""
    return order(make_agent(), card.customer, last_four=card.last_four)
