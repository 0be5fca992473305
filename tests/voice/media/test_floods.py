"""Ten thousand packets in a second, and headers that lie: from strangers, and from the telephone itself."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from aiortp.packet import RtpPacket

from backoffice.voice.media import hearing, receiving
from backoffice.voice.media.receiving import Ignored
from tests.voice.media.lines import EVENTS, Line, Phone
from tests.voice.media.test_cut import restored

pytestmark = pytest.mark.anyio

A_TICK = 200
"""Packets: 10,000 in a second."""
TICKS = 40


@dataclass
class Parsed:
    """How many packets were read, in all and at most in one tick."""

    in_all: int = 0
    now: int = 0
    most: int = 0

    def begin(self) -> None:
        self.now = 0


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Parsed:
    counted = Parsed()
    parse = RtpPacket.parse

    class Counting:
        @staticmethod
        def parse(data: bytes) -> RtpPacket:
            counted.in_all += 1
            counted.now += 1
            counted.most = max(counted.most, counted.now)
            return parse(data)

    monkeypatch.setattr(receiving, "RtpPacket", Counting)
    return counted


def sound(sequence: int, *, ssrc: int = 0xABCDEF) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, 160 * sequence & 0xFFFFFFFF, ssrc) + b"\x90" * 160


async def test_a_flood_of_strangers_is_counted_and_not_read_and_nothing_of_the_call_is_lost(
    line: Line, parsed: Parsed
) -> None:
    stranger = Phone()
    line.join()
    await line.run(10)
    undisturbed = [packet.payload for packet in await line.run(TICKS)]
    read, sequence = parsed.in_all, 0

    def floods() -> None:
        nonlocal sequence
        for _packet in range(A_TICK):
            stranger.rtp.sendto(sound(sequence), line.customer.to)
            sequence += 1

    floods()
    flooded = await line.run(TICKS, floods)
    stranger.close()

    assert line.to_customer.ignored == {Ignored.FOREIGN_ADDRESS: TICKS * A_TICK}
    assert parsed.in_all - read == 2 * TICKS, "those of both telephones"
    assert sum(packet.is_silent for packet in flooded) == 0
    assert len(flooded) == len(undisturbed)


async def test_a_flood_of_the_telephone_itself_takes_no_more_time_or_memory_than_a_tick_has_room_for(
    line: Line, parsed: Parsed
) -> None:
    """Another call on the same clock, and the agent's side of this one, go on."""
    other = await Line.open()
    for leg in (other.to_customer, other.to_agent):
        other.clock.remove(leg)
        line.clock.add(leg)
    other.join()
    line.join()
    line.customer.talks = False
    sequence, most_kept = 0, 0

    def each() -> None:
        nonlocal sequence, most_kept
        for _packet in range(A_TICK):
            line.customer.rtp.sendto(sound(sequence), line.customer.to)
            sequence += 1
        other.customer.tick()
        other.agent.tick()
        most_kept = max(most_kept, len(line.to_customer.hearing.buffer._packets))
        parsed.begin()

    sent = await line.run(TICKS, each)
    heard = other.agent.heard()
    for leg in (other.to_customer, other.to_agent):
        line.clock.remove(leg)
    await other.close()

    assert len(sent) == TICKS
    assert parsed.most <= hearing._AT_ONCE + 3
    assert most_kept <= 64
    assert len(heard) == TICKS
    assert sum(packet.is_silent for packet in heard[5:]) == 0


def lying(rnd: random.Random) -> Iterator[bytes]:
    """Packets of the right source whose headers promise what is not there."""
    for number in range(2_000):
        sequence, at = (
            rnd.choice([number, rnd.getrandbits(16)]) & 0xFFFF,
            rnd.choice([160 * number, rnd.getrandbits(32)]),
        )
        ssrc = rnd.choice([0xABCDEF, 0xABCDEF, 0xABCDEF, rnd.getrandbits(32), number // 7])
        kind = rnd.choice([0, 0, EVENTS, 0x80 | EVENTS])
        sources, padded, extended = rnd.choice([0, 0, 15, 3]), rnd.random() < 0.2, rnd.random() < 0.2
        first = 0x80 | padded << 5 | extended << 4 | sources
        body = rnd.randbytes(4 * rnd.choice([sources, sources, 0, 1]))
        if extended:
            words = rnd.choice([0, 1, 4, 0xFFFF])
            body += struct.pack("!HH", rnd.choice([0xBEDE, 0x1000, rnd.getrandbits(16)]), words) + rnd.randbytes(16)
        if kind & 0x7F == EVENTS:
            code, duration = rnd.choice([rnd.randrange(16), rnd.randrange(256)]), rnd.choice([0, 160, 0xFFFF, 0xFFFE])
            body += struct.pack("!BBH", code, rnd.choice([0x0A, 0x0A, 0x8A, 0xFF]), duration)
        else:
            body += b"\x90" * rnd.choice([160, 160, 1, 0, 80, 1_600, 1_700])
        if padded:
            body += bytes([rnd.choice([0, 1, 4, 200, 255])])
        yield struct.pack("!BBHII", first, kind, sequence, at & 0xFFFFFFFF, ssrc) + body
    yield from (struct.pack("!BBH", 0x80 | rnd.randrange(32), kind, rnd.getrandbits(16)) for kind in range(200, 207))


@pytest.mark.parametrize("seed", [1, 2])
async def test_headers_that_lie_reach_no_agent_who_is_cut_off_and_the_line_works_afterwards(
    line: Line, seed: int
) -> None:
    bridge = line.join()
    await line.run(10)
    window = bridge.cut(line.to_agent)
    line.listen()
    line.customer.talks = False
    packets = lying(random.Random(seed))

    def each() -> None:
        for _packet, datagram in zip(range(40), packets, strict=False):
            line.customer.rtp.sendto(datagram, line.customer.to)

    sent = await line.run(60, each)
    line.to_customer.stop_listening()
    line.customer.talks = True
    counts, until_then = await restored(line, bridge)
    heard = await line.run(20)

    assert counts.is_clean
    assert all(packet.is_silent for packet in sent + until_then)
    assert not heard[-1].is_silent, "the line still works"
    assert len(line.to_customer.hearing.buffer._packets) <= 64
    assert window.ended
