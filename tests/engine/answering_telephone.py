"""A voice gateway whose customers answer, agree and key in at once, for payments that the engine plays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import msgspec
from django.db import connections

from backoffice.payments.voice import hearing
from backoffice.payments.voice.watching import GATEWAY
from backoffice.voice.contract import (
    Answered,
    Ask,
    Asked,
    AskedEnd,
    Capture,
    Captured,
    Command,
    Dial,
    Event,
    HangUp,
    Left,
    Outcome,
    Part,
    PromptOver,
    Ringing,
    Role,
    Say,
    State,
    What,
    Why,
)
from tests.factories import now

INSTANCE = "gateway-1"


class AnsweringTelephone:
    """`answer` is the gateway's answer to a command: what comes of it is told before it is given, and once for each
    key. `token` makes the provider's name for a security code; `dialled` counts the calls of each conversation."""

    def __init__(self, token: Callable[[], str]) -> None:
        self.dialled: Counter[str] = Counter()
        self._token = token
        self._done: set[str] = set()
        self._told: Counter[str] = Counter()
        self._joined: set[str] = set()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        command = msgspec.json.decode(body, type=Command)
        if command.key not in self._done:
            self._done.add(command.key)
            try:
                for what in self._comes_of(command):
                    self._tell(command.conversation, what)
            finally:
                connections.close_all()
        state = State(
            instance=INSTANCE,
            conversation=command.conversation,
            joined=command.conversation in self._joined,
            events=self._told[command.conversation],
        )
        return 200, msgspec.json.encode(state)

    def _comes_of(self, command: Command) -> Iterator[What]:
        match command:
            case Dial():
                self.dialled[command.conversation] += 1
                if command.then:
                    self._joined.add(command.conversation)
                for role in (command.role, command.role.other) if command.then else (command.role,):
                    yield Ringing(role=role)
                    yield Answered(role=role)
            case Part():
                self._joined.discard(command.conversation)
            case Ask():
                yield Asked(key=command.key, digits="1", why=AskedEnd.KEYED)
            case Capture():
                yield Captured(key=command.key, outcome=Outcome.DONE, token=self._token())
            case Say():
                yield PromptOver(key=command.key, whole=True)
            case HangUp():
                yield Left(role=Role.CUSTOMER, why=Why.ENDED, answered=True)

    def _tell(self, conversation: str, what: What) -> None:
        number = self._told[conversation] = self._told[conversation] + 1
        event = Event(instance=INSTANCE, conversation=conversation, number=number, at=now(), what=what)
        hearing.take(event, by=GATEWAY, now=now())
