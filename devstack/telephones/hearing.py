"""What a phone hears: how loud and how high each 100 ms was, and a recording."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .sounds import RATE

WINDOW = RATE // 10
_WINDOW_SECONDS = 0.1
_AT_THE_EDGES = 3
"""Windows that may lie across the edges of a span, where a busy machine reads them late."""
SILENT = 20
"""The most that a phone makes of digital silence (RMS)."""
_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Level:
    """100 ms of what was heard. `at` is when it ended, on the monotonic clock that all processes of one machine share;
    `rms` is its effective value (0 to 32,767), `hertz` its strongest frequency, to the next 10 (0 in silence)."""

    at: float
    rms: int
    hertz: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a phone heard in a span of time: the loudest of the `windows` of 100 ms that lay in it (RMS), how many there
    must be at least, and the keys that the other side pressed."""

    windows: int
    expected: int
    loudest: int
    keys: str

    @property
    def is_clean(self) -> bool:
        """Silence without a gap, and no key. Where windows are missing nobody knows: no sound is sent while a key is
        passed on."""
        return self.windows >= self.expected and self.loudest <= SILENT and not self.keys


def heard_between(levels: Iterable[Level], keys: Iterable[tuple[str, float]], *, began: float, ended: float) -> Heard:
    """Of what was heard that which lay between two moments (monotonic); `keys` are with the moment of each."""
    inside = [level.rms for level in levels if began + _WINDOW_SECONDS <= level.at <= ended]
    pressed = "".join(key for key, at in keys if began <= at <= ended)
    expected = int((ended - began) / _WINDOW_SECONDS) - _AT_THE_EDGES
    return Heard(len(inside), max(1, expected), max(inside, default=0), pressed)


class Ear:
    """Cuts what is heard into windows, and writes it down while a recording is on."""

    def __init__(self) -> None:
        self._waiting = b""
        self._recording: wave.Wave_write | None = None

    def hear(self, pcm: bytes, *, now: float) -> Iterator[Level]:
        """The windows that are full with these samples; the last sample was heard at `now`."""
        if self._recording is not None:
            self._recording.writeframes(pcm)
        self._waiting += pcm
        size = WINDOW * _SAMPLE
        while len(self._waiting) >= size:
            window, self._waiting = self._waiting[:size], self._waiting[size:]
            yield _level(window, at=now - len(self._waiting) / _SAMPLE / RATE)

    def forget(self) -> None:
        """Drops the window that is not full yet: the next sample belongs to another call."""
        self._waiting = b""

    def record(self, path: Path) -> None:
        """Writes what is heard from now on to a WAV file, which takes the place of one that is there."""
        self.stop_recording()
        self._recording = wave.open(str(path), "wb")  # noqa: SIM115 - it stays open until the recording is over
        self._recording.setnchannels(1)
        self._recording.setsampwidth(_SAMPLE)
        self._recording.setframerate(RATE)

    def stop_recording(self) -> None:
        if self._recording is not None:
            self._recording.close()
            self._recording = None


def _level(window: bytes, *, at: float) -> Level:
    samples = np.frombuffer(window, np.int16).astype(np.float64)
    rms = int(np.sqrt(np.mean(samples**2)))
    strongest = int(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(WINDOW)))[1:])) + 1 if rms else 0
    return Level(at, rms, strongest * RATE // WINDOW)
