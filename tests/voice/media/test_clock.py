"""The clock of all legs, and the ports that they share."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from collections.abc import Callable

import pytest

from backoffice.voice.media.clock import PHASES, Clock
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.ports import Ports, PortsExhausted
from tests.voice.media.lines import RANGE, Line, Packet
from tests.voice.virtual_time import VirtualTime, in_virtual_time


class Driven:
    """Something that the clock drives, and what it does when it speaks."""

    def __init__(self, speaks: Callable[[], None] = lambda: None) -> None:
        self.heard = 0
        self.spoke: list[float] = []
        self._speaks = speaks

    def hear(self) -> None:
        self.heard += 1

    def speak(self) -> None:
        self.spoke.append(asyncio.get_running_loop().time())
        self._speaks()


def held_up(seconds: float) -> None:
    """Something takes so long that the loop does nothing else."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTime)
    loop.now += seconds


@in_virtual_time
async def test_it_ticks_every_20_ms_and_makes_up_for_a_delay_instead_of_drifting() -> None:
    clock, driven = Clock(), Driven()
    clock.add(driven)
    clock.start()
    await asyncio.sleep(0.090)
    held_up(0.050)
    await asyncio.sleep(0.100)
    clock.stop()
    await asyncio.sleep(1)

    assert [round(at, 3) for at in driven.spoke] == [
        0,
        0.02,
        0.04,
        0.06,
        0.08,
        0.14,
        0.14,
        0.14,
        0.16,
        0.18,
        0.2,
        0.22,
        0.24,
    ]
    assert (clock.late_frames, clock.frames, clock.restarts) == (2, 13, 0)


@in_virtual_time
async def test_after_a_long_stop_it_begins_anew_instead_of_sending_everything_at_once() -> None:
    clock, driven = Clock(), Driven()
    clock.add(driven)
    clock.start()
    await asyncio.sleep(0.010)
    held_up(0.500)
    await asyncio.sleep(0.045)
    clock.stop()

    assert [round(at, 3) for at in driven.spoke] == [0, 0.51, 0.52, 0.54]
    assert clock.restarts == 1


@in_virtual_time
async def test_calls_are_served_one_after_the_other_within_a_tick_and_both_legs_of_a_call_together() -> None:
    clock = Clock()
    calls = [[Driven(), Driven()] for _ in range(2 * PHASES)]
    for one, _other in calls:
        clock.add(one)
    for one, other in calls:
        clock.add(other, beside=one)
    clock.start()
    held_up(0.300)
    await asyncio.sleep(0.050)
    clock.stop()
    last = [round(one.spoke[-1] * 1000) for one, _other in calls]

    assert all(one.spoke == other.spoke for one, other in calls)
    assert sorted(last) == sorted([*range(332, 351, 2)] * 2), "2 ms apart, also after a stop of the machine"


@in_virtual_time
async def test_a_leg_that_comes_later_has_a_moment_of_its_own_and_no_other_waits_for_it() -> None:
    clock, first, second = Clock(), Driven(), Driven()
    clock.add(first)
    clock.start()
    await asyncio.sleep(0.050)
    clock.add(second)
    await asyncio.sleep(0.050)
    clock.remove(second)
    clock.add(second)
    await asyncio.sleep(0.050)
    clock.stop()

    assert [round(at * 1000) for at in second.spoke] == [62, 82, 102, 122, 142]
    assert [round(at * 1000) for at in first.spoke] == [*range(0, 150, 20)]


@pytest.mark.anyio
async def test_a_frame_is_late_if_it_leaves_more_than_5_ms_after_its_time() -> None:
    clock = Clock()
    for _ in range(3):
        clock.add(Driven())
    clock.tick(time.monotonic() + 10)
    in_time = clock.late_frames
    clock.tick(time.monotonic() - 0.006)

    assert (in_time, clock.late_frames, clock.frames) == (0, 3, 6)


@pytest.mark.anyio
async def test_both_legs_of_a_call_hear_before_the_first_one_speaks() -> None:
    clock = Clock()
    last = Driven()
    seen: list[int] = []
    clock.add(first := Driven(lambda: seen.append(last.heard)))
    clock.add(last, beside=first)
    clock.tick()

    assert seen == [1]


@pytest.mark.anyio
async def test_a_leg_that_fails_is_taken_off_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> None:
        raise RuntimeError("broken")

    clock, broken, sound = Clock(), Driven(fails), Driven()
    clock.add(broken)
    clock.add(sound)
    with caplog.at_level(logging.ERROR):
        clock.tick()
        clock.tick()

    assert (clock.failures, len(broken.spoke), len(sound.spoke)) == (1, 1, 2)
    assert len(caplog.records) == 1


def two_free_pairs() -> int:
    """The first of four ports that nobody uses."""
    while True:
        first = random.randrange(*RANGE, 2)
        socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
        try:
            for above, sock in enumerate(socks):
                sock.bind(("127.0.0.1", first + above))
        except OSError:  # somebody has one of them: others are tried
            continue
        else:
            return first
        finally:
            for sock in socks:
                sock.close()


@pytest.mark.anyio
async def test_a_leg_that_is_closed_gives_its_ports_back_and_is_driven_no_more() -> None:
    free = two_free_pairs()
    ports, clock = Ports(first=free - 1, last=free + 3), Clock()  # from an odd one on
    first, second = await Leg.open(ports, clock), await Leg.open(ports, clock)
    with pytest.raises(PortsExhausted):
        await Leg.open(ports, clock)
    await first.close()
    await first.close()
    third = await Leg.open(ports, clock)
    clock.tick()
    await second.close()
    await third.close()

    assert (first.port, second.port, third.port) == (free, free + 2, free)
    assert clock.frames == 2


def test_a_pair_that_is_half_taken_is_passed_over() -> None:
    free = two_free_pairs()
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", free + 1))
    rtp, rtcp = Ports(first=free, last=free + 3).bind()
    names = rtp.getsockname(), rtcp.getsockname()
    for sock in (taken, rtp, rtcp):
        sock.close()

    assert names == (("127.0.0.1", free + 2), ("127.0.0.1", free + 3))


@pytest.mark.anyio
async def test_a_line_works_by_the_clock_itself(line: Line) -> None:
    line.join()
    line.clock.start()
    heard: list[Packet] = []
    while len(heard) < 10:
        line.customer.tick()
        await asyncio.sleep(0.02)
        heard += line.agent.heard()
    line.clock.stop()

    assert not heard[-1].is_silent
