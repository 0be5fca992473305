"""What a leg was really sent while it was to be sent nothing: counted on the bytes that go to its socket."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import is_silent

_HEADER = 12
_CODECS = {codec.value: codec for codec in Codec}


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """`frames` are the packets of sound, `non_silent` those of them that held more than digital silence, `events` all
    others. Of a clean window both are 0. `last_sequence` is that of the last packet; where none was sent, because the
    leg was on hold, it is one below `first_sequence`. Times are UTC."""

    frames: int
    non_silent: int
    events: int
    ssrc: int
    first_sequence: int
    last_sequence: int
    began_at: datetime
    ended_at: datetime

    @property
    def is_clean(self) -> bool:
        """Whether the leg was sent nothing but silence."""
        return self.non_silent == 0 and self.events == 0


class Window:
    """Counts every packet of one leg from now on until it is ended."""

    def __init__(self, *, ssrc: int, next_sequence: int) -> None:
        self._ssrc = ssrc
        self._first = next_sequence
        self._last = (next_sequence - 1) & 0xFFFF
        self._frames = self._non_silent = self._events = 0
        self._began_at, self._began = datetime.now(UTC), time.monotonic()
        self._ended_at: datetime | None = None

    def count(self, packet: bytes) -> None:
        """Counts an RTP packet of ours, as it is before SRTP seals it."""
        self._last = int.from_bytes(packet[2:4], "big")
        codec = _CODECS.get(packet[1] & 0x7F)
        if codec is None:
            self._events += 1
            return
        self._frames += 1
        if not is_silent(packet[_HEADER:], codec):
            self._non_silent += 1

    def end(self) -> None:
        """What is sent from now on is not counted. Ending it twice changes nothing."""
        self._ended_at = self._ended_at or self._now()

    @property
    def ended(self) -> bool:
        return self._ended_at is not None

    @property
    def counts(self) -> WindowCounts:
        """So far; after its end, of the whole window."""
        return WindowCounts(
            frames=self._frames,
            non_silent=self._non_silent,
            events=self._events,
            ssrc=self._ssrc,
            first_sequence=self._first,
            last_sequence=self._last,
            began_at=self._began_at,
            ended_at=self._ended_at or self._now(),
        )

    def _now(self) -> datetime:
        """By how much time has passed, so that no window ends before it began where the clock is set back."""
        return self._began_at + timedelta(seconds=time.monotonic() - self._began)
