"""What a leg takes: only the agreed telephone's one stream. Everything else is counted and ignored."""

from __future__ import annotations

import gc
import logging
import random
import struct
from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.voice.media.agreed import SrtpKeys
from backoffice.voice.media.receiving import PERSISTENT, Ignored
from tests.voice.media.lines import EVENTS, Line, Network, Phone, packed

pytestmark = pytest.mark.anyio

KEYS = SrtpKeys(b"a" * 30, b"b" * 30)


async def test_a_stranger_and_a_wrong_port_are_ignored(line: Line) -> None:
    stranger = Phone()
    stranger.to = line.customer.to
    line.customer.talks = False
    line.join()
    stranger.next = line.customer.next
    for _ in range(20):
        stranger.tick()
        line.customer.rtcp.sendto(packed(line.customer.next) + b"\x55" * 160, line.customer.to)
        await line.run(1)
    stranger.close()

    assert line.to_customer.ignored == {Ignored.FOREIGN_ADDRESS: 40}
    assert all(packet.is_silent for packet in line.agent.heard())


@pytest.mark.parametrize("kind", [8, 12, 96, 102])
async def test_only_the_agreed_kinds_are_taken(line: Line, kind: int) -> None:
    line.join()
    line.customer.say([b"\x55" * 160] * 20)
    line.customer._queue = type(line.customer._queue)(
        [replace(p, kind=kind) for p in ps] for ps in line.customer._queue
    )
    heard = await line.run(20)

    assert line.to_customer.ignored == {Ignored.WRONG_TYPE: 20}
    assert all(packet.is_silent for packet in heard)


async def test_comfort_noise_is_no_sound_and_nothing_wrong_and_shows_that_the_telephone_is_there(line: Line) -> None:
    line.join()
    line.to_customer.quiet_after = timedelta(milliseconds=200)
    told: list[int] = []
    line.to_customer.on_quiet = lambda: told.append(1)
    line.customer.talks = False
    line.customer._queue.extend([replace(line.customer.next, kind=13, payload=b"\x40")] for _ in range(30))
    heard = await line.run(30)

    assert line.to_customer.ignored == {}
    assert all(packet.is_silent for packet in heard[5:])
    assert told == []
    await line.run(12)
    assert told == [1]


async def test_nothing_is_taken_or_sent_before_it_is_agreed() -> None:
    line = await Line.open()
    line.to_agent._agreed = line.to_agent._receiver._agreed = None
    heard = await line.run(3)
    ignored = dict(line.to_agent.ignored)
    await line.close()

    assert heard == []
    assert ignored == {Ignored.NOT_AGREED: 3}


async def test_another_source_of_the_same_address_is_taken_only_if_it_persists(line: Line) -> None:
    line.customer.talks = False
    line.customer.say([b"\x55" * 160] * 10)
    line.join()
    await line.run(10)
    first = line.customer.next
    line.customer.next = replace(first, ssrc=1, sequence=7, timestamp=9)
    line.customer.say([b"\x44" * 160] * (PERSISTENT - 1))
    await line.run(PERSISTENT - 1)
    line.customer.next = first
    line.customer.say([b"\x55" * 160])
    kept = await line.run(3)
    ignored = line.to_customer.ignored[Ignored.FOREIGN_SOURCE]
    line.customer.next = replace(first, ssrc=2, sequence=7, timestamp=9)
    line.customer.say([b"\x33" * 160] * 15)
    changed = await line.run(15)

    assert b"\x44" not in {packet.payload[:1] for packet in kept + changed}
    assert ignored == PERSISTENT - 1
    assert line.to_customer.ignored[Ignored.FOREIGN_SOURCE] == 2 * (PERSISTENT - 1)
    assert changed[-1].payload == b"\x33" * 160


async def test_forged_and_replayed_packets_of_a_sealed_line_are_ignored() -> None:
    line = await Line.open(customer=Phone(keys=KEYS))
    line.to_customer.agree(line.customer.agreed(srtp=KEYS))
    line.join()
    network = Tapped()
    line.customer.network = network
    heard = await line.run(20)
    replayed = network.carried[-5:]
    network.delivers = False
    await line.run(5)
    for datagram in replayed:
        line.customer.rtp.sendto(datagram, line.customer.to)
    for datagram in network.carried[-5:]:
        line.customer.rtp.sendto(datagram[:-1] + bytes([datagram[-1] ^ 1]), line.customer.to)
        line.customer.rtp.sendto(datagram[:-10], line.customer.to)
        line.customer.rtp.sendto(packed(line.customer.next) + b"\x55" * 160, line.customer.to)
    later = await line.run(10)
    ignored = dict(line.to_customer.ignored)
    answered = line.customer.heard()
    await line.close()

    assert not heard[-1].is_silent
    assert ignored == {Ignored.REPLAYED: 5, Ignored.UNAUTHENTICATED: 15}
    assert all(packet.is_silent for packet in later[5:])
    assert len(answered) == 35, "the telephone could open all that it was sent"


class Tapped(Network):
    """A way of which somebody has a copy."""

    def __init__(self) -> None:
        super().__init__()
        self.carried: list[bytes] = []
        self.delivers = True

    def carry(self, datagrams: list[bytes]) -> list[bytes]:
        self.carried += datagrams
        return datagrams if self.delivers else []


async def test_a_sealed_line_goes_on_through_new_answers_with_the_same_and_with_other_keys() -> None:
    """The sequence number wraps, so a session that was begun anew would count the wraps anew."""
    line = await Line.open(customer=Phone(keys=KEYS))
    line.to_customer._sender.next_sequence = 0xFFFA
    line.to_customer.agree(line.customer.agreed(srtp=KEYS))
    network = line.customer.network = Tapped()
    await line.run(10)
    line.to_customer.agree(line.customer.agreed(srtp=KEYS))
    line.customer.rtp.sendto(network.carried[-1], line.customer.to)
    await line.run(10)
    same = len(line.customer.heard())
    new = SrtpKeys(b"c" * 30, b"d" * 30)
    line.to_customer.agree(line.customer.agreed(srtp=new))
    line.customer.sealing.agree(SrtpKeys(new.remote, new.local))
    await line.run(10)
    other = len(line.customer.heard())
    ignored = dict(line.to_customer.ignored)
    await line.close()

    assert (same, other) == (20, 10)
    assert ignored == {Ignored.REPLAYED: 1}


def hostile(count: int) -> list[bytes]:
    chance = random.Random(3)
    made = []
    for _ in range(count):
        body = chance.randbytes(chance.choice([0, 1, 3, 4, 11, 12, 13, 20, 160, 172, 400, 1500, 3000]))
        header = struct.pack(
            "!BBHII",
            0x80 | chance.randrange(64),  # padding, extension and sources that are not there
            chance.choice([0, 8, EVENTS, 128 | EVENTS, chance.randrange(256)]),
            chance.randrange(1 << 16),
            chance.randrange(1 << 32),
            chance.choice([5, 5, 5, chance.randrange(1 << 32)]),
        )
        made.append(chance.choice([body, header + body, header[: chance.randrange(12)]]))
    return made


def is_ours(record: logging.LogRecord) -> bool:
    """Of us, or of a callback of ours that failed; not what the garbage collector finds of other tests."""
    return record.name.startswith("backoffice") or "Exception in callback" in record.getMessage()


@pytest.mark.parametrize("sealed", [False, True])
async def test_hostile_datagrams_by_the_thousand_break_nothing(sealed: bool, caplog: pytest.LogCaptureFixture) -> None:
    line = await Line.open(customer=Phone(keys=KEYS if sealed else None))
    line.to_customer.agree(line.customer.agreed(srtp=KEYS if sealed else None))
    line.listen()
    line.join()
    line.customer.talks = False
    datagrams = hostile(4000)
    with caplog.at_level(logging.DEBUG):
        for at in range(0, len(datagrams), 20):
            for datagram in datagrams[at : at + 20]:
                line.customer.rtp.sendto(datagram, line.customer.to)
                line.customer.rtcp.sendto(datagram, ("127.0.0.1", line.to_customer.port + 1))
            await line.run(1)
            if at == 2000:
                gc.collect()
                objects = len(gc.get_objects())
    gc.collect()
    grown = len(gc.get_objects()) - objects
    line.customer.talks = True
    line.customer.next = replace(line.customer.next, ssrc=5)
    heard = await line.run(100)
    await line.close()

    assert grown < 500
    assert not heard[-1].is_silent, "the line still works"
    assert [record for record in caplog.records if is_ours(record)] == []
