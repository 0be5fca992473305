"""What a leg sends: one stream, whatever happens."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.voice.media.agreed import Agreed, Codec, SrtpKeys
from backoffice.voice.media.clock import Clock
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.ports import Ports, PortsExhausted
from backoffice.voice.media.receiving import Ignored
from tests.voice.media.lines import RANGE, Line, Packet, Phone, packed, waiting

pytestmark = pytest.mark.anyio


def distances(packets: list[Packet]) -> tuple[set[int], set[int]]:
    """The steps of sequence numbers and of time stamps."""
    pairs = list(itertools.pairwise(packets))
    return (
        {(later.sequence - earlier.sequence) & 0xFFFF for earlier, later in pairs},
        {(later.timestamp - earlier.timestamp) & 0xFFFFFFFF for earlier, later in pairs},
    )


async def test_what_a_leg_sends_is_one_stream_through_silence_prompt_join_hold_and_another_codec(line: Line) -> None:
    line.to_agent._sender.next_sequence, line.to_agent._sender.timestamp = 0xFFF0, 0xFFFFFF00  # both wrap
    heard = await line.run(5)
    line.to_agent.play(b"\x55" * 160 * 5)
    heard += await line.run(8)
    bridge = line.join()
    heard += await line.run(8)
    line.to_agent.agree(line.agent.agreed(codec=Codec.PCMA))
    heard += await line.run(5)
    bridge.close()
    heard += await line.run(5)

    assert distances(heard) == ({1}, {160})
    assert [packet.marker for packet in heard] == [True] + [False] * (len(heard) - 1)
    assert len({packet.ssrc for packet in heard}) == 1
    assert [packet.kind for packet in heard] == [0] * 21 + [8] * 10


async def test_on_hold_nothing_is_sent_and_the_time_goes_on(line: Line) -> None:
    line.join()
    before = await line.run(5)
    line.to_agent.agree(line.agent.agreed(sends=False))
    during = await line.run(10)
    line.to_agent.agree(line.agent.agreed())
    after = await line.run(5)

    assert during == []
    assert distances([before[-1], after[0]]) == ({1}, {160 * 11})
    assert after[0].marker


async def test_what_a_held_telephone_says_is_not_taken(line: Line) -> None:
    line.join()
    line.to_customer.agree(line.customer.agreed(takes=False))
    line.customer.press("5")
    heard = await line.run(20)

    assert all(packet.is_silent for packet in heard)
    assert line.to_customer.ignored[Ignored.ON_HOLD] == 23  # the key has 9 packets in 6 ticks


async def test_a_prompt_is_played_to_its_end_and_then_told_so(line: Line) -> None:
    playing = line.to_agent.play(b"\x55" * 400)
    heard = await line.run(5)

    assert b"".join(packet.payload for packet in heard) == b"\x55" * 400 + b"\xff" * 400
    assert await playing.over is True


async def test_a_prompt_waits_while_the_telephone_is_on_hold(line: Line) -> None:
    line.to_agent.agree(line.agent.agreed(sends=False))
    playing = line.to_agent.play(b"\x55" * 160)
    await line.run(5)
    was_over = playing.over.done()
    line.to_agent.agree(line.agent.agreed())
    heard = await line.run(2)

    assert not was_over
    assert heard[0].payload == b"\x55" * 160


async def test_a_prompt_that_is_replaced_or_stopped_says_so(line: Line) -> None:
    first = line.to_agent.play(b"\x55" * 1600)
    second = line.to_agent.play(b"\x44" * 1600)
    heard = await line.run(1)
    second.stop()
    heard += await line.run(1)

    assert (await first.over, await second.over) == (False, False)
    assert [packet.payload[0] for packet in heard] == [0x44, 0xFF]


async def test_legs_of_different_codecs_hear_each_other() -> None:
    line = await Line.open(agent=Phone(codec=Codec.PCMA))
    line.customer.talks = line.agent.talks = False
    line.customer.say([b"\x80" * 160] * 10)  # the loudest of u-law: 32124
    line.agent.say([b"\x2a" * 160] * 10)  # the loudest of A-law, downwards: -32256
    line.join()
    to_agent = (await line.run(10))[-1]
    to_customer = line.customer.heard()[-1]
    await line.close()

    assert (to_agent.kind, set(to_agent.payload)) == (8, {0xAA})
    assert (to_customer.kind, set(to_customer.payload)) == (0, {0x00})


async def test_a_telephone_that_falls_silent_is_told_once_and_again_after_it_was_heard(line: Line) -> None:
    told: list[int] = []
    line.to_customer.on_quiet = lambda: told.append(1)
    line.to_customer.quiet_after = timedelta(seconds=1)
    await line.run(60)
    line.customer.talks = False
    await line.run(49)
    before = len(told)
    await line.run(100)
    once = len(told)
    line.customer.talks = True
    await line.run(5)
    line.customer.talks = False
    await line.run(100)
    line.to_customer.agree(line.customer.agreed(takes=False))
    await line.run(200)

    assert (before, once, len(told)) == (0, 1, 2)


def test_what_is_agreed_is_checked() -> None:
    for wrong in (
        {"remote": ("phone.example", 5000)},
        {"remote": ("127.0.0.1", 65535)},
        {"events": 0},
    ):
        with pytest.raises(ValueError):
            replace(Agreed(("127.0.0.1", 5000), Codec.PCMU), **wrong)
    with pytest.raises(ValueError):
        SrtpKeys(b"short", b"short")
    assert "aaa" not in repr(SrtpKeys(b"a" * 30, b"b" * 30))


async def test_an_address_of_another_family_is_refused(line: Line) -> None:
    with pytest.raises(ValueError):
        line.to_customer.agree(Agreed(("::1", 5000), Codec.PCMU))


async def test_a_line_works_by_the_other_family_of_addresses() -> None:
    try:
        ports = Ports("::1", *RANGE)
        phone, other = ports.bind()
    except (OSError, PortsExhausted):
        pytest.skip("this system has no IPv6")
    leg = await Leg.open(ports, clock := Clock())
    leg.agree(Agreed(("0:0::1", phone.getsockname()[1]), Codec.PCMU))
    phone.sendto(packed(Packet(0, False, 1, 160, 5, b"\x55" * 160)), ("::1", leg.port))
    clock.tick()
    heard = waiting(phone)
    ignored = dict(leg.ignored)
    await leg.close()
    phone.close()
    other.close()

    assert len(heard) == 1
    assert ignored == {}
