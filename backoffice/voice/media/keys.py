"""Keys that a person presses, and which of two signs of the same press counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from backoffice.voice.media.timestamps import RATE

DIGITS = "0123456789*#ABCD"
"""By the code of a telephone-event (RFC 4733, section 3.2)."""


class KeySource(StrEnum):
    EVENT = "event"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class Key:
    """One press. `digit` is one of `DIGITS`, and not in the repr; `pressed_at` is about when, of `time.monotonic()`."""

    digit: str = field(repr=False)
    source: KeySource
    pressed_at: float


SAME_PRESS = 10
"""Ticks, 200 ms, in which an event may follow the tone of the same press."""


EVENTS_LAST = 15
"""Ticks, 300 ms, after a packet of an event in which no tone counts: its own may come so much later."""


class Listening:
    """Hands each press to `on_key` once, from the loop and never from within a tick, and keeps no digit.

    Some telephones send an event and the tone of a press. While events come, tones do not count. So only a press after
    a pause can be heard as a tone before its event comes, and that event is left out by its time.
    """

    def __init__(self, on_key: Callable[[Key], None], call_soon: Callable[..., object]) -> None:
        self._on_key = on_key
        self._call_soon = call_soon
        self._since_tone = SAME_PRESS + 1
        self._stopped = False

    def stop(self) -> None:
        """Nothing is told any more, not even what was pressed just before."""
        self._stopped = True

    def tick(self, *, tone_sounds: bool) -> None:
        """20 ms have passed; whether a tone that was handed over still sounds."""
        if not tone_sounds:
            self._since_tone += 1

    def event(self, code: int, duration: int, *, is_first: bool) -> None:
        """A press has begun by telephone-event `duration` (1/8000 s) ago; `is_first` after a while without any."""
        if not (is_first and self._since_tone <= SAME_PRESS):
            self._hand_over(code, KeySource.EVENT, duration / RATE)

    def tone(self, code: int, ago: float) -> None:
        """A tone has begun `ago` seconds ago."""
        self._since_tone = 0
        self._hand_over(code, KeySource.TONE, ago)

    def _hand_over(self, code: int, source: KeySource, ago: float) -> None:
        self._call_soon(self._tell, Key(DIGITS[code], source, time.monotonic() - ago))

    def _tell(self, key: Key) -> None:
        if not self._stopped:
            self._on_key(key)
