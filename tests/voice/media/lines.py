"""Telephones of the tests, and the gateway between two of them."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from backoffice.voice.media.agreed import Agreed, Codec, SrtpKeys
from backoffice.voice.media.bridges import Bridge
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.keys import Key
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.ports import Ports
from backoffice.voice.media.srtp import Sealing
from tests.voice.media import sounds

EVENTS = 101
RANGE = (10_000, 13_999)
"""Below what Linux takes for outgoing connections, and where nothing else of ours listens."""
PORTS = Ports(first=RANGE[0], last=RANGE[1])
CODES = "0123456789*#ABCD"


@dataclass(frozen=True)
class Packet:
    kind: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes

    @property
    def is_event(self) -> bool:
        return self.kind == EVENTS

    @property
    def is_silent(self) -> bool:
        return self.kind == 0 and set(self.payload) == {0xFF}


def packed(packet: Packet) -> bytes:
    marker = 0x80 if packet.marker else 0
    return (
        struct.pack("!BBHII", 0x80, marker | packet.kind, packet.sequence & 0xFFFF, packet.timestamp, packet.ssrc)
        + packet.payload
    )


def unpacked(datagram: bytes) -> Packet:
    first, kind, sequence, timestamp, ssrc = struct.unpack("!BBHII", datagram[:12])
    assert first == 0x80
    return Packet(kind & 0x7F, bool(kind & 0x80), sequence, timestamp, ssrc, datagram[12:])


@dataclass(frozen=True)
class Way:
    """Which share of packets is lost or comes twice, and how many ticks late they may come, so in another order."""

    loss: float = 0
    doubled: float = 0
    latest: int = 0


class Network:
    """Carries the packets of a telephone."""

    def __init__(self, way: Way = Way(), *, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._way = way
        self._under_way: list[tuple[int, int, bytes]] = []
        self._number = itertools.count()
        self._tick = 0

    def carry(self, datagrams: list[bytes]) -> list[bytes]:
        """What arrives in this tick."""
        self._tick += 1
        for datagram in datagrams:
            copies = 0 if self._random.random() < self._way.loss else 1 + (self._random.random() < self._way.doubled)
            for _ in range(copies):
                at = self._tick + self._random.randint(0, self._way.latest)
                self._under_way.append((at, next(self._number), datagram))
        now = sorted(entry for entry in self._under_way if entry[0] <= self._tick)
        self._under_way = [entry for entry in self._under_way if entry[0] > self._tick]
        return [datagram for _, _, datagram in now]


class Phone:
    """Sends a packet a tick: what was queued, or a voice while it `talks`."""

    def __init__(self, *, codec: Codec = Codec.PCMU, keys: SrtpKeys | None = None) -> None:
        self.rtp, self.rtcp = PORTS.bind()
        self.address: tuple[str, int] = self.rtp.getsockname()
        self.to: tuple[str, int] = ("127.0.0.1", 0)
        self.network = Network()
        self.talks = True
        self.arrived: list[bytes] = []
        self.codec = codec
        self.sealing = Sealing()
        if keys is not None:
            self.sealing.agree(SrtpKeys(keys.remote, keys.local))
        self.next = Packet(codec.value, False, 1000, 50_000, 0xABCDEF, b"")
        self._voice = itertools.cycle(sounds.VOICE)
        self._queue: deque[list[Packet]] = deque()

    def agreed(
        self,
        *,
        codec: Codec | None = None,
        events: int | None = EVENTS,
        sends: bool = True,
        takes: bool = True,
        srtp: SrtpKeys | None = None,
    ) -> Agreed:
        return Agreed(self.address, codec or self.codec, events, sends, takes, srtp)

    def say(self, frames: list[bytes], *, kind: int | None = None) -> None:
        """A frame a tick."""
        kind = self.codec.value if kind is None else kind
        self._queue.extend([Packet(kind, False, 0, 0, 0, frame)] for frame in frames)

    def press(self, digit: str, *, ticks: int = 6, ends: int = 3, tone: bool = False, late: int = 0) -> None:
        """A telephone-event of so many ticks, with its ends in the last one. With `tone` the sound of the key comes as
        well, and the event `late` ticks after its beginning, or before."""
        event: list[list[Packet]] = []
        for tick in range(ticks):
            body = struct.pack("!BBH", CODES.index(digit), 10, (tick + 1) * 160)
            event.append([Packet(EVENTS, tick == 0, 0, -tick, 0, body)])
        event[-1] += [replace(event[-1][0], payload=bytes([body[0], 0x8A]) + body[2:])] * ends
        if tone:
            heard = [sounds.QUIET] * -late + sounds.frames(sounds.pcmu(sounds.tone(digit, on=20 * ticks, off=0)))
            heard += [sounds.QUIET] * late
            event = [[]] * late + event + [[]] * -late
            event = [[Packet(0, False, 0, 0, 0, frame), *packets] for frame, packets in zip(heard, event, strict=True)]
        self._queue.extend(event)

    def pause(self, ticks: int) -> None:
        self.say([sounds.QUIET] * ticks)

    def tick(self) -> None:
        packets = self._queue.popleft() if self._queue else []
        if not packets and self.talks:
            packets = [Packet(self.codec.value, False, 0, 0, 0, next(self._voice))]
        datagrams = []
        for packet in packets:
            timestamp = (self.next.timestamp + 160 * packet.timestamp) & 0xFFFFFFFF
            datagrams.append(
                packed(replace(packet, sequence=self.next.sequence, timestamp=timestamp, ssrc=self.next.ssrc))
            )
            self.next = replace(self.next, sequence=(self.next.sequence + 1) & 0xFFFF)
        self.next = replace(self.next, timestamp=(self.next.timestamp + 160) & 0xFFFFFFFF)
        for datagram in self.network.carry([self.sealing.seal(datagram) for datagram in datagrams]):
            self.arrived.append(datagram[12:])
            self.rtp.sendto(datagram, self.to)

    def heard(self) -> list[Packet]:
        """Every packet since the last time."""
        return [unpacked(self.sealing.open(datagram)) for datagram in waiting(self.rtp)]

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


def waiting(sock: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(sock.recv(4096))
        except BlockingIOError:
            return found


class Line:
    """A customer and an agent."""

    def __init__(self, clock: Clock, customer: Phone, agent: Phone, to_customer: Leg, to_agent: Leg) -> None:
        self.clock, self.customer, self.agent = clock, customer, agent
        self.to_customer, self.to_agent = to_customer, to_agent
        self.pressed: list[Key] = []

    @classmethod
    async def open(cls, customer: Phone | None = None, agent: Phone | None = None) -> Line:
        clock = Clock()
        line = cls(
            clock, customer or Phone(), agent or Phone(), await Leg.open(PORTS, clock), await Leg.open(PORTS, clock)
        )
        for phone, leg in ((line.customer, line.to_customer), (line.agent, line.to_agent)):
            phone.to = ("127.0.0.1", leg.port)
            leg.agree(phone.agreed())
        return line

    def join(self) -> Bridge:
        return Bridge(self.to_customer, self.to_agent)

    def listen(self) -> None:
        self.to_customer.listen(self.pressed.append)

    @property
    def digits(self) -> str:
        return "".join(key.digit for key in self.pressed)

    async def run(self, ticks: int, each: Callable[[], None] | None = None) -> list[Packet]:
        """So many ticks; what the agent was sent in them."""
        heard = []
        for _ in range(ticks):
            self.customer.tick()
            self.agent.tick()
            self.clock.tick()
            await asyncio.sleep(0)
            if each is not None:
                each()
            heard += self.agent.heard()
        return heard

    async def close(self) -> None:
        for leg in (self.to_customer, self.to_agent):
            await leg.close()
        self.customer.close()
        self.agent.close()
        assert self.clock.failures == 0
