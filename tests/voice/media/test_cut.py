"""While the bridge is cut, the agent's telephone is sent silence, whatever the customer does (threat 17)."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest
import time_machine

from backoffice.voice.media.agreed import Codec, SrtpKeys
from backoffice.voice.media.bridges import Bridge, WrongState
from backoffice.voice.media.events import EventSender, Press
from backoffice.voice.media.legs import Silenced
from backoffice.voice.media.playing import Playing
from backoffice.voice.media.windows import Window, WindowCounts
from tests.voice.media import sounds
from tests.voice.media.lines import Line, Network, Packet, Phone, Way

pytestmark = pytest.mark.anyio

TONES = sounds.frames(sounds.pcmu(sounds.tone("4711")))


async def restored(line: Line, bridge: Bridge, *, within: int = 100) -> tuple[WindowCounts, list[Packet]]:
    """What the window held, and what the agent was sent until then."""
    waiting = asyncio.create_task(bridge.restore())
    heard = []
    for _ in range(within):
        heard += await line.run(1)
        if waiting.done():
            return waiting.result(), heard
    raise AssertionError("the bridge was not restored")


def continuous(packets: list[Packet]) -> bool:
    """Whether it is one stream: every number once, and sound in every tick that no packet of a key took."""
    steps = [(later.sequence - earlier.sequence) & 0xFFFF for earlier, later in itertools.pairwise(packets)]
    sound = [at for at, packet in enumerate(packets) if not packet.is_event]
    ticks = [
        (packets[later].timestamp - packets[earlier].timestamp) & 0xFFFFFFFF in range(160, 160 * (later - earlier) + 1)
        for earlier, later in itertools.pairwise(sound)
    ]
    return set(steps) == {1} and all(ticks) and len({packet.ssrc for packet in packets}) == 1


async def test_the_agent_hears_the_customer_until_the_cut_and_after_it_but_nothing_between(line: Line) -> None:
    bridge = line.join()
    before = await line.run(20)
    bridge.cut(line.to_agent)
    during = await line.run(50)
    counts, until = await restored(line, bridge)
    after = await line.run(20)

    assert not any(packet.is_silent for packet in before[5:])
    assert all(packet.is_silent for packet in during + until)
    assert not any(packet.is_silent for packet in after[5:])
    assert continuous(before + during + until + after)
    assert counts.is_clean
    assert (counts.frames, counts.ssrc) == (len(during + until) - 1, during[0].ssrc)
    assert (counts.first_sequence, counts.last_sequence) == (during[0].sequence, until[-2].sequence)
    assert counts.began_at < counts.ended_at


async def test_without_the_cut_the_same_is_not_silent(line: Line) -> None:
    line.join()
    line.customer.press("4")
    line.customer.say(TONES)
    heard = await line.run(60)

    assert any(packet.is_event for packet in heard)
    assert sum(packet.payload in TONES for packet in heard) > len(TONES) // 2


@pytest.mark.parametrize("way", [Way(), Way(latest=2), Way(loss=0.1, doubled=0.1), Way(loss=0.1, latest=3)], ids=str)
@pytest.mark.parametrize("keys", ["events", "tones", "both"])
async def test_keys_before_within_and_at_the_end_of_the_cut_never_reach_the_agent(
    line: Line, keys: str, way: Way
) -> None:
    def press(digit: str) -> None:
        if keys == "events":
            line.customer.press(digit, ticks=15)
        elif keys == "both":
            line.customer.press(digit, ticks=15, tone=True, late=2)
        else:
            line.customer.say(sounds.frames(sounds.pcmu(sounds.tone(digit, on=300, off=0))))

    line.customer.network = Network(way)
    bridge = line.join()
    await line.run(20)
    press("1")  # is held for 300 ms, and the cut comes 200 ms after
    before = await line.run(10)
    bridge.cut(line.to_agent)
    before += line.agent.heard()
    during = await line.run(30)
    press("2")
    during += await line.run(30)
    press("3")  # is still held when the bridge is to be restored
    during += await line.run(5)
    counts, until = await restored(line, bridge)
    said = set(line.customer.arrived) - {sounds.QUIET}
    after = await line.run(40)

    assert counts.is_clean
    assert all(packet.is_silent for packet in during + until)
    assert not any(packet.is_event for packet in after)
    assert continuous(before + during + until + after)
    assert not {packet.payload for packet in after} & said, "nothing that was said in the cut is heard after it"
    assert any(not packet.is_silent for packet in after)
    if keys == "events":
        ends = [packet for packet in before if packet.is_event and packet.payload[1] & 0x80]
        assert len(ends) == 3, "the key that was on its way was ended"


@pytest.mark.parametrize("gap", [5, 9, 9.3, 9.6, 9.9, 10, 10.3, 10.6, 10.9, 11, 12, 12.5])
async def test_a_tone_that_begins_before_the_window_ends_is_not_heard(line: Line, gap: float) -> None:
    """The window ends in the tenth frame after a key. What begins in the buffer's 60 ms after that is not heard
    either."""
    assert all(packet.is_silent for packet in await heard_of_two_tones(line, gap))


@pytest.mark.parametrize("gap", [5, 9, 10, 11, 12])
async def test_an_event_that_begins_before_the_window_ends_is_not_passed_on(line: Line, gap: int) -> None:
    assert all(packet.is_silent for packet in await heard_of_two_events(line, gap))


async def test_a_key_that_begins_after_the_window_is_heard(line: Line) -> None:
    assert any(not packet.is_silent for packet in await heard_of_two_tones(line, 16))
    assert any(packet.is_event for packet in await heard_of_two_events(line, 16))


async def heard_of_two_tones(line: Line, gap: float) -> list[Packet]:
    """What the agent hears of a key, and so many frames after it of another, while the bridge is to be restored."""
    first, second = (sounds.pcmu(sounds.tone("5", on=200, off=off)) for off in (0, 600))
    line.customer.say(sounds.frames(sounds.QUIET * 5 + first + b"\xff" * round(gap * 160) + second))
    return await heard_while_restored(line)


async def heard_of_two_events(line: Line, gap: int) -> list[Packet]:
    line.customer.pause(5)
    line.customer.press("5", ticks=10)
    line.customer.pause(gap)
    line.customer.press("6", ticks=10)
    line.customer.pause(30)
    return await heard_while_restored(line)


async def heard_while_restored(line: Line) -> list[Packet]:
    line.customer.talks = False
    bridge = line.join()
    bridge.cut(line.to_agent)
    waiting = asyncio.create_task(bridge.restore())
    heard = await line.run(80)
    assert waiting.done()
    bridge.close()
    return heard


async def test_restoring_waits_until_the_key_is_let_go_and_then_for_as_long_as_asked(line: Line) -> None:
    bridge = line.join()
    bridge.cut(line.to_agent)
    line.customer.press("5", ticks=50)
    waiting = asyncio.create_task(bridge.restore(quiet=timedelta(milliseconds=400)))
    await line.run(50 + 19)
    was_done = waiting.done()
    await line.run(2)

    assert not was_done
    assert waiting.done()


async def test_an_interruption_of_the_network_is_not_taken_for_quiet(line: Line) -> None:
    line.customer.talks = False
    bridge = line.join()
    bridge.cut(line.to_agent)
    line.customer.pause(3)
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("5", on=1200, off=400))))
    waiting = asyncio.create_task(bridge.restore())
    before = await line.run(20)
    line.customer.network = Interrupted(25)
    heard = await line.run(80)

    assert waiting.done()
    assert all(packet.is_silent for packet in before + heard)


class Interrupted(Network):
    """Holds everything back for so many ticks, and then brings it at once."""

    def __init__(self, ticks: int) -> None:
        super().__init__()
        self._ticks = ticks
        self._held: list[bytes] = []

    def carry(self, datagrams: list[bytes]) -> list[bytes]:
        self._ticks -= 1
        self._held += datagrams
        held, self._held = (self._held, []) if self._ticks < 0 else ([], self._held)
        return held


async def test_a_telephone_that_sends_nothing_is_quiet_after_a_while(line: Line) -> None:
    line.customer.talks = False
    bridge = line.join()
    bridge.cut(line.to_agent)
    waiting = asyncio.create_task(bridge.restore())
    await line.run(30)
    was_done = waiting.done()
    await line.run(20)

    assert (was_done, waiting.done()) == (False, True)


async def test_who_gives_up_waiting_leaves_the_bridge_cut(line: Line) -> None:
    bridge = line.join()
    bridge.cut(line.to_agent)
    waiting = asyncio.create_task(bridge.restore())
    await line.run(3)
    waiting.cancel()
    heard = await line.run(50)

    assert bridge.is_cut
    assert all(packet.is_silent for packet in heard)
    assert (await restored(line, bridge))[0].is_clean


async def test_the_customer_hears_prompts_but_not_the_agent(line: Line) -> None:
    bridge = line.join()
    await line.run(10)
    line.customer.heard()
    bridge.cut(line.to_agent)
    line.to_customer.play(b"\x55" * 160 * 5)
    line.agent.press("5")
    await line.run(20)

    assert [packet.payload[0] for packet in line.customer.heard()] == [0x55] * 5 + [0xFF] * 15


async def test_what_is_played_to_the_agent_ends_with_the_cut(line: Line) -> None:
    bridge = line.join()
    playing = line.to_agent.play(b"\x55" * 160 * 50)
    await line.run(2)
    window = bridge.cut(line.to_agent)
    heard = await line.run(10)

    assert playing.over.result() is False
    assert all(packet.is_silent for packet in heard)
    assert window.counts.is_clean
    with pytest.raises(Silenced):
        line.to_agent.play(b"\x55" * 160)


async def test_a_fault_above_the_socket_is_stopped_there_and_if_not_the_window_shows_it(line: Line) -> None:
    bridge = line.join()
    window = bridge.cut(line.to_agent)
    line.to_agent._playing = Playing(b"\x55" * 1600)
    line.to_agent.presses.pass_on(Press(5, 10, 160, begins=True, ends=False))
    await line.run(3)
    stopped = window.counts
    line.to_agent._silenced = False
    await line.run(1)
    line.to_agent.presses = EventSender()
    await line.run(2)
    line.to_agent._sender.sound(b"\xff\x7f" * 80, Codec.PCMU, line.agent.agreed())

    assert (stopped.frames, stopped.is_clean) == (3, True)
    assert (window.counts.frames, window.counts.non_silent, window.counts.events) == (6, 2, 1)


async def test_a_sealed_line_of_the_other_codec_is_as_clean() -> None:
    keys = SrtpKeys(b"a" * 30, b"b" * 30)
    line = await Line.open(agent=Phone(codec=Codec.PCMA, keys=keys))
    line.to_agent.agree(line.agent.agreed(srtp=keys))
    bridge = line.join()
    before = await line.run(20)
    bridge.cut(line.to_agent)
    during = await line.run(20)
    counts, until = await restored(line, bridge)
    await line.close()

    assert {packet.kind for packet in before + during} == {8}
    assert set(b"".join(packet.payload for packet in during + until)) == {0xD5}
    assert set(before[-1].payload) != {0xD5}
    assert counts.is_clean
    assert continuous(before + during + until)


async def test_hold_within_the_cut_sends_nothing_and_the_time_goes_on(line: Line) -> None:
    bridge = line.join()
    bridge.cut(line.to_agent)
    before = await line.run(5)
    line.to_agent.agree(line.agent.agreed(sends=False))
    during = await line.run(10)
    line.to_agent.agree(line.agent.agreed())
    counts, until = await restored(line, bridge)

    assert during == []
    assert until[0].sequence == (before[-1].sequence + 1) & 0xFFFF
    assert (until[0].timestamp - before[-1].timestamp) & 0xFFFFFFFF == 160 * 11
    assert until[0].marker
    assert counts.is_clean


async def test_a_bridge_that_is_closed_ends_the_window_and_whoever_waits_for_it(line: Line) -> None:
    bridge = line.join()
    window = bridge.cut(line.to_agent)
    waiting = asyncio.create_task(bridge.restore())
    await line.run(5)
    await line.to_agent.close()
    await line.run(1)

    assert window.ended
    assert waiting.result() == window.counts
    assert line.to_customer.bridge is None


async def test_a_bridge_is_cut_and_restored_once_and_by_one(line: Line) -> None:
    bridge = line.join()
    with pytest.raises(WrongState):
        await bridge.restore()
    bridge.cut(line.to_agent)
    with pytest.raises(WrongState):
        bridge.cut(line.to_customer)
    waiting = asyncio.create_task(bridge.restore())
    await line.run(1)
    with pytest.raises(WrongState):
        await bridge.restore()
    with pytest.raises(WrongState):
        line.join()
    await line.run(30)

    assert waiting.result().is_clean


def test_a_clock_that_is_set_back_does_not_end_a_window_before_its_beginning() -> None:
    with time_machine.travel("2026-01-05 12:00 +0000", tick=False) as clock:
        window = Window(ssrc=1, next_sequence=1)
        clock.shift(-300)
        window.end()

    assert window.counts.began_at <= window.counts.ended_at < window.counts.began_at + timedelta(minutes=1)
