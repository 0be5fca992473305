"""A network in memory between user agents and a scripted peer: datagrams take 10 ms, and may be lost, doubled and
delayed as a test wants."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from backoffice.voice.sip import messages
from backoffice.voice.sip.hops import Hop, Transport
from backoffice.voice.sip.messages import Message, Request, Response
from backoffice.voice.sip.transports import mark_source
from backoffice.voice.sip.wire import Failed

TAKES = 0.01
"""Seconds from here to there."""


class Station(Protocol):
    def take(self, message: Message, source: Hop) -> None: ...


@dataclass(frozen=True)
class Sent:
    """What went over the network, whether it arrived or not. `at` is in seconds of the loop."""

    at: float
    source: Hop
    target: Hop
    message: Message

    @property
    def what(self) -> str:
        return named(self.message)


@dataclass
class Network:
    """`loses`, `doubles` and `delays` are probabilities; `drop` decides for a single one."""

    loses: float = 0.0
    doubles: float = 0.0
    delays: float = 0.0
    seed: int = 1
    drop: Callable[[Sent], bool] = lambda _sent: False
    sent: list[Sent] = field(default_factory=list)
    _stations: dict[Hop, Station] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def attach(self, station: Station, hop: Hop) -> None:
        self._stations[hop] = station

    def what(self, source: Hop | None = None) -> list[str]:
        """All that was sent, or all by this one."""
        return [sent.what for sent in self.sent if source in (None, sent.source)]

    def carry(self, message: Message, source: Hop, target: Hop) -> None:
        data = bytes(message)
        sent = Sent(asyncio.get_running_loop().time(), source, target, messages.read(data))
        self.sent.append(sent)
        unreliable = not target.transport.reliable
        copies = 2 if unreliable and self._random.random() < self.doubles else 1
        for _copy in range(copies):
            lost = self.drop(sent) or (unreliable and self._random.random() < self.loses)
            late = self._random.random() * 0.6 if unreliable and self._random.random() < self.delays else 0.0
            if not lost:
                asyncio.get_running_loop().call_later(TAKES + late, self._deliver, data, source, target)

    def _deliver(self, data: bytes, source: Hop, target: Hop) -> None:
        station = self._stations.get(target)
        if station is None:
            return
        message = messages.read(data)
        if isinstance(message, Request):
            mark_source(message, source)
        station.take(message, source)


@dataclass
class Cable:
    """The `Wire` of one station."""

    network: Network
    hop: Hop
    unplugged: bool = False

    def send(self, message: Message, hop: Hop, failed: Failed) -> None:
        if self.unplugged:
            failed()
        else:
            self.network.carry(message, self.hop, hop)

    def is_connected(self, hop: Hop) -> bool:
        return False

    def sent_by(self, transport: Transport) -> tuple[str, int]:
        return self.hop.host, self.hop.port


@dataclass
class Peer:
    """A station that does nothing by itself: the test says what it sends."""

    network: Network
    hop: Hop
    got: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.network.attach(self, self.hop)

    def take(self, message: Message, source: Hop) -> None:
        self.got.append(message)

    def send(self, message: Message, to: Hop) -> None:
        self.network.carry(message, self.hop, to)

    async def gets(self, what: str, *, nth: int = 1, within: float = 60) -> Message:
        """The nth message of this kind, named as `Sent.what`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while len(found := [one for one in self.got if named(one) == what]) < nth:
            if loop.time() > deadline:
                raise AssertionError(f"no {what}, but {[named(one) for one in self.got]}")
            await asyncio.sleep(0.005)
        return found[nth - 1]

    async def request(self, what: str, *, nth: int = 1, within: float = 60) -> Request:
        found = await self.gets(what, nth=nth, within=within)
        assert isinstance(found, Request)
        return found

    async def response(self, what: str, *, nth: int = 1, within: float = 60) -> Response:
        found = await self.gets(what, nth=nth, within=within)
        assert isinstance(found, Response)
        return found

    def count(self, what: str) -> int:
        return sum(named(one) == what for one in self.got)


def named(message: Message) -> str:
    """`INVITE`, or `200 INVITE` for its answer."""
    if isinstance(message, Request):
        return message.method
    return f"{message.status_code} {messages.cseq_of(message)[1]}"
