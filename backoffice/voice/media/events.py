"""Telephone-events (RFC 4733): presses from the packets of one telephone, and packets of a press for another.

A digit is held here only while it is passed on to the other leg. What arrives is told apart by time stamp alone.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field

from backoffice.voice.media.timestamps import FAR, FRAME, difference

LOST = 10
"""Ticks, 200 ms, without a packet of a press that has not ended: its end was lost. Packets come every 20 to 50 ms."""
FORGOTTEN = 100
"""Ticks, 2 s, after which a press with an older time stamp cannot be a late packet: the other side counts anew."""
LONGEST = 0xFFFF
"""The longest duration that fits; a longer press goes on in a new segment (RFC 4733, section 2.5.1.3)."""
REPEATED = 3
"""How often the end is sent (RFC 4733, section 2.5.1.4)."""
_WAITING = 16
"""Presses that wait to be passed on; more are left out."""
_EVENT = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class Press:
    """News of one press. `code` is the event's, below 16; `duration` of all segments is in 1/8000 s."""

    code: int = field(repr=False)
    volume: int
    duration: int
    begins: bool
    ends: bool


class EventReceiver:
    """The presses of one stream, however often, late or in whatever order their packets come."""

    def __init__(self) -> None:
        self._timestamp: int | None = None
        self._floor: int | None = None
        self._before = 0  # the duration of earlier segments of this press
        self._ended = True
        self._idle = FORGOTTEN

    @property
    def idle(self) -> int:
        """Ticks since the last packet of a press."""
        return self._idle

    def take(self, timestamp: int, payload: bytes, *, marker: bool) -> Press | None:
        """What a packet of telephone-event tells; None if it is nothing new. Raises `ValueError` if it is none of a
        key."""
        if len(payload) < _EVENT.size or payload[0] > 15:
            raise ValueError("not the event of a key")
        code, flags, duration = _EVENT.unpack_from(payload)
        begins = self._begins(timestamp, marker=marker)
        if begins is None:
            return None
        self._idle = 0
        ends = bool(flags & 0x80)
        if self._ended and not begins:
            return None
        self._ended = ends
        if self._is_stale(timestamp):
            return None
        return Press(code, flags & 0x3F, self._before + duration, begins, ends)

    def tick(self) -> bool:
        """20 ms have passed. True if a press has ended because its packets no longer come."""
        self._idle += 1
        if self._ended or self._idle < LOST:
            return False
        self._ended = True
        return True

    def forget_before(self, timestamp: int | None) -> None:
        """Whatever was pressed at or before this time stamp is no news any more, even if its packets come later."""
        self._floor = timestamp

    def _begins(self, timestamp: int, *, marker: bool) -> bool | None:
        """Whether this is a new press; None if it is of an older one."""
        ahead = 1 if self._timestamp is None else difference(timestamp, self._timestamp)
        if ahead == 0:
            return False
        if ahead < 0 and self._idle < FORGOTTEN:
            return None
        goes_on = not marker and not self._ended and LONGEST - 10 * FRAME <= ahead <= LONGEST
        self._before = self._before + ahead if goes_on else 0
        self._timestamp = timestamp
        return not goes_on

    def _is_stale(self, timestamp: int) -> bool:
        return self._floor is not None and -FAR < difference(timestamp, self._floor) <= 0


@dataclass(slots=True)
class _PassedOn:
    code: int = field(repr=False)
    volume: int
    duration: int | None = None  # as soon as it has ended


@dataclass(frozen=True, slots=True)
class EventPacket:
    """The payload of a packet, and how long before now its time stamp lies, in 1/8000 s."""

    payload: bytes = field(repr=False)
    before: int
    marker: bool


class EventSender:
    """Passes presses on as events of our own stream: one packet a tick, three at the end."""

    def __init__(self) -> None:
        self._waiting: deque[_PassedOn] = deque()
        self._current: _PassedOn | None = None
        self._age = self._length = self._segment = self._ends = 0

    def pass_on(self, press: Press) -> None:
        """Takes news of a press of the other leg. One that began before it could be passed on is not."""
        if press.begins:
            self.end()
            if len(self._waiting) < _WAITING:
                self._waiting.append(_PassedOn(press.code, press.volume))
        if press.ends:
            self.end(press.duration)

    def end(self, duration: int = 0) -> None:
        """The newest press is over; without `duration`, at what has been sent of it so far."""
        newest = self._waiting[-1] if self._waiting else self._current
        if newest is not None and newest.duration is None:
            newest.duration = duration

    def next(self) -> EventPacket | None:
        """What this tick sends; None if no press is under way."""
        if self._current is not None:
            self._age += FRAME
            return self._ended() if self._is_over() else self._updated()
        if not self._waiting:
            return None
        self._current, self._age, self._length, self._segment = self._waiting.popleft(), 0, FRAME, 0
        return self._packet(FRAME, marker=True)

    def stop(self) -> list[EventPacket]:
        """Ends everything now: the packets that end what is under way, to be sent at once."""
        self._waiting.clear()
        self._age += FRAME
        packets = []
        while self._current is not None:
            packets.append(self._ended())
        return packets

    def _is_over(self) -> bool:
        assert self._current is not None
        return self._current.duration is not None and self._current.duration <= self._age + FRAME

    def _updated(self) -> EventPacket:
        self._length = self._age + FRAME
        if self._length - self._segment <= LONGEST:
            return self._packet(self._length - self._segment)
        full = self._packet(LONGEST)
        self._segment += LONGEST
        return full

    def _ended(self) -> EventPacket:
        assert self._current is not None
        self._length = max(self._length, self._current.duration or 0)
        packet = self._packet(min(LONGEST, self._length - self._segment), ends=True)
        self._ends += 1
        if self._ends == REPEATED:
            self._current, self._ends = None, 0
        return packet

    def _packet(self, duration: int, *, marker: bool = False, ends: bool = False) -> EventPacket:
        assert self._current is not None
        payload = _EVENT.pack(self._current.code, self._current.volume | (0x80 if ends else 0), duration)
        return EventPacket(payload, self._age - self._segment, marker)
