"""Keys: each press is told once, to whoever listens, and passed on to the other leg while the two are joined."""

from __future__ import annotations

import gc
import logging
import struct
import time

import pytest

from backoffice.voice.media import events
from backoffice.voice.media.keys import Key, KeySource
from backoffice.voice.media.receiving import Ignored
from tests.voice.media import sounds
from tests.voice.media.lines import EVENTS, Line, Network, Packet, Way

pytestmark = pytest.mark.anyio

NUMBER = "4711*0#8855D2"
WAYS = [Way(), Way(latest=2), Way(loss=0.1, doubled=0.2), Way(loss=0.1, latest=2)]


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_each_event_is_told_once_however_its_packets_come(line: Line, way: Way) -> None:
    line.customer.network = Network(way)
    line.listen()
    for digit in NUMBER:
        line.customer.press(digit, ticks=5)
        line.customer.pause(4)
    await line.run(9 * len(NUMBER) + 5)

    assert line.digits == NUMBER
    assert {key.source for key in line.pressed} == {KeySource.EVENT}


@pytest.mark.parametrize("way", [Way(), Way(loss=0.05, doubled=0.2), Way(latest=2)], ids=str)
async def test_each_tone_is_told_once(line: Line, way: Way) -> None:
    line.customer.network = Network(way)
    line.listen()
    line.customer.pause(5)
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone(NUMBER, on=100, off=100))))
    before = time.monotonic()
    await line.run(10 * len(NUMBER) + 12)

    assert line.digits == NUMBER
    assert {key.source for key in line.pressed} == {KeySource.TONE}
    assert all(before - 1 < key.pressed_at < time.monotonic() for key in line.pressed)


@pytest.mark.parametrize("late", [-7, -3, 0, 2, 4, 5, 7])
@pytest.mark.parametrize("pause", [3, 10, 30])
async def test_a_press_that_comes_as_event_and_as_tone_is_told_once(line: Line, late: int, pause: int) -> None:
    line.listen()
    line.customer.pause(5)
    for digit in "4711*":
        line.customer.press(digit, ticks=5, tone=True, late=late)
        line.customer.pause(pause)
    await line.run(5 + (5 + pause + abs(late)) * 5 + 12)

    assert line.digits == "4711*"


async def test_a_telephone_may_send_events_first_and_tones_later(line: Line) -> None:
    """As after a transfer to another telephone behind the same exchange."""
    line.listen()
    line.customer.press("1")
    line.customer.pause(30)
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("23"))))
    line.customer.pause(30)
    line.customer.press("4")
    await line.run(110)

    assert line.digits == "1234"


async def test_a_long_press_is_one_key_as_event_and_as_tone(line: Line) -> None:
    line.listen()
    line.customer.press("7", ticks=60, ends=0)
    line.customer.pause(30)
    await line.run(90)
    by_event = line.digits
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("8", on=1500))))
    await line.run(85)

    assert by_event == "7"
    assert line.digits == "78"


@pytest.mark.parametrize("tone", [False, True])
async def test_a_press_that_began_before_anybody_listened_is_told_to_nobody(line: Line, tone: bool) -> None:
    if tone:
        line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("5", on=300))))
    else:
        line.customer.press("5", ticks=15)
    await line.run(8)
    line.listen()
    await line.run(20)
    line.customer.press("6")
    line.customer.tick()
    line.clock.tick()
    line.to_customer.stop_listening()  # the key is on its way to the listener
    line.customer.press("7")
    await line.run(20)

    assert line.digits == ""


async def test_while_joined_events_are_told_and_passed_on_but_tones_are_speech(line: Line) -> None:
    line.join()
    line.listen()
    line.customer.pause(5)
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("1"))))
    line.customer.pause(10)
    line.customer.press("2")
    heard = await line.run(40)

    assert line.digits == "2"
    assert {packet.payload[0] for packet in heard if packet.is_event} == {2}


async def test_while_cut_events_and_tones_are_told(line: Line) -> None:
    bridge = line.join()
    line.listen()
    bridge.cut(line.to_agent)
    line.customer.pause(5)
    line.customer.say(sounds.frames(sounds.pcmu(sounds.tone("1"))))
    line.customer.pause(20)
    line.customer.press("2")
    await line.run(50)

    assert line.digits == "12"


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_key_is_passed_on_as_one_event_with_three_ends(line: Line, way: Way) -> None:
    line.customer.network = Network(way)
    line.join()
    await line.run(5)
    line.customer.press("3", ticks=8)
    line.customer.pause(6)
    line.customer.press("#", ticks=1)
    heard = await line.run(40)
    passed = [packet for packet in heard if packet.is_event]
    first = [packet for packet in passed if packet.timestamp == passed[0].timestamp]

    assert "".join(dict.fromkeys("0123456789*#"[packet.payload[0]] for packet in passed)) == "3#"
    assert [packet.marker for packet in first] == [True] + [False] * (len(first) - 1)
    assert [packet.payload[1] for packet in first] == [10] * (len(first) - 3) + [0x8A] * 3
    assert durations(first[:-3]) == [160 * (at + 1) for at in range(len(first) - 3)]
    assert len(set(durations(first[-3:]))) == 1
    if way == Way():
        assert durations(first)[-1] == 8 * 160
    assert durations(first)[-1] <= 20 * 160, "it ends even if its ends are lost"
    assert len(passed) - len(first) >= 4


def durations(packets: list[Packet]) -> list[int]:
    return [struct.unpack("!H", packet.payload[2:])[0] for packet in packets]


async def test_a_press_of_many_seconds_goes_on_in_segments(line: Line) -> None:
    line.join()
    line.customer.talks = line.agent.talks = False
    line.to_customer.hearing._on_press(events.Press(3, 10, 160, begins=True, ends=False))
    heard = await line.run(420)
    line.to_customer.hearing._on_press(events.Press(3, 10, 420 * 160, begins=False, ends=True))
    heard += await line.run(5)
    passed = [packet for packet in heard if packet.is_event]
    first, second = (
        [packet for packet in passed if packet.timestamp == timestamp]
        for timestamp in dict.fromkeys(packet.timestamp for packet in passed)
    )

    assert (second[0].timestamp - first[0].timestamp) & 0xFFFFFFFF == 0xFFFF
    assert durations(first)[-1] == 0xFFFF
    assert not any(packet.payload[1] & 0x80 for packet in first)
    assert not any(packet.marker for packet in second)
    assert durations(second)[-3:] == [420 * 160 - 0xFFFF] * 3


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_telephone_without_events_or_on_hold_is_sent_none(line: Line, is_held: bool) -> None:
    line.to_agent.agree(line.agent.agreed(events=EVENTS if is_held else None, sends=not is_held))
    line.join()
    line.customer.press("3")
    heard = await line.run(20)
    line.to_agent.agree(line.agent.agreed())
    heard += await line.run(20)

    assert not any(packet.is_event for packet in heard), "not later either"


async def test_events_that_are_no_keys_are_ignored(line: Line) -> None:
    line.listen()
    line.join()
    line.customer.say([b"\x10\x0a\x00\xa0", b"\x24\x0a\x00\xa0", b"\x05\x0a\x00"], kind=EVENTS)
    heard = await line.run(10)

    assert line.digits == ""
    assert not any(packet.is_event for packet in heard)
    assert line.to_customer.ignored == {Ignored.MALFORMED: 3}


async def test_no_digit_stays_anywhere_once_it_was_told(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    gc.collect()  # what other tests have left
    bridge = line.join()
    line.customer.press("4")
    await line.run(10)
    bridge.cut(line.to_agent)
    line.listen()
    with caplog.at_level(logging.DEBUG):
        line.customer.press("7")
        line.customer.pause(5)
        await line.run(20)
    said = repr(line.pressed) + "".join(repr(vars(part)) for part in (line.to_customer.hearing, line.to_agent))
    told = line.digits
    line.pressed.clear()
    kept = [thing for thing in gc.get_objects() if isinstance(thing, Key | events.Press | events._PassedOn)]

    assert told == "7"
    assert "digit" not in said
    assert kept == []
    assert caplog.records == []
