"""What a phone can say: silence, a tone, a sound file, and the tones of its keys. All is 8 kHz, 16 bit, one channel."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = RATE // 50
"""The samples of 20 ms."""
Samples = NDArray[np.int16]

_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = {
    key: (_ROWS[row], _COLUMNS[column])
    for row, keys in enumerate(("123A", "456B", "789C", "*0#D"))
    for column, key in enumerate(keys)
}
"""The two frequencies of each key, in hertz (ITU-T Q.23)."""
_KEY_AMPLITUDE = 6000


class NoSound(Exception):
    """A sound file that cannot be used; the text says why."""


def tone(*hertz: float, samples: int, amplitude: int) -> Samples:
    """A sum of sines that begin at 0, each with this amplitude (of 32,767)."""
    times = np.arange(samples) / RATE
    waves = [amplitude * np.sin(2 * np.pi * frequency * times) for frequency in hertz]
    return np.sum(waves, axis=0).clip(-32768, 32767).astype(np.int16) if waves else silence(samples)


def silence(samples: int) -> Samples:
    return np.zeros(samples, np.int16)


def key_tones(keys: str, *, pressed_ms: int, pause_ms: int) -> Samples:
    """The tones of these keys one after the other, with a pause after each. Raises NoSound for what is no key."""
    parts = []
    for key in keys.upper():
        if key not in KEYS:
            raise NoSound(f"{key!r} is no key of a telephone.")
        parts.append(tone(*KEYS[key], samples=RATE * pressed_ms // 1000, amplitude=_KEY_AMPLITUDE))
        parts.append(silence(RATE * pause_ms // 1000))
    return np.concatenate(parts) if parts else silence(0)


def from_file(path: Path) -> Samples:
    """The samples of a WAV file. Raises NoSound unless it is 16 bit, one channel, 8 kHz."""
    try:
        with wave.open(str(path), "rb") as file:
            kind = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            content = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise NoSound(f"{path} cannot be read as WAV: {error}") from error
    if kind != (1, 2, RATE):
        raise NoSound(f"{path} has {kind[0]} channels, {8 * kind[1]} bits, {kind[2]} Hz; 1, 16 and 8000 are needed.")
    return np.frombuffer(content, "<i2").astype(np.int16)


class Mouth:
    """What is said next, frame by frame: a voice that goes on, and key tones that take its place while they last, for a
    phone mutes its microphone while a key is pressed."""

    def __init__(self) -> None:
        self._voice, self._at, self._again = silence(FRAME), 0, True
        self._keys = silence(0)

    def say_tone(self, hertz: float, amplitude: int) -> None:
        """A tone until something else is said; 0 hertz is silence."""
        self._say(tone(hertz, samples=RATE, amplitude=amplitude) if hertz else silence(FRAME), again=True)

    def say_file(self, path: Path, *, again: bool) -> None:
        """A sound file, once and then silence, or again and again. Raises NoSound."""
        self._say(from_file(path), again=again)

    def press(self, keys: str, *, pressed_ms: int, pause_ms: int) -> None:
        """Adds key tones to those that still wait. Raises NoSound."""
        tones = key_tones(keys, pressed_ms=pressed_ms, pause_ms=pause_ms)
        self._keys = np.concatenate((self._keys, tones))

    def release(self) -> None:
        """Drops the key tones that still wait."""
        self._keys = silence(0)

    @property
    def presses(self) -> bool:
        """Whether key tones wait."""
        return len(self._keys) > 0

    def next_frame(self) -> bytes:
        voice = self._next_of_voice()
        keys, self._keys = self._keys[:FRAME], self._keys[FRAME:]
        voice[: len(keys)] = keys
        return voice.tobytes()

    def _say(self, samples: Samples, *, again: bool) -> None:
        self._voice, self._at, self._again = samples, 0, again

    def _next_of_voice(self) -> Samples:
        end = self._at + FRAME
        if self._again and len(self._voice):
            frame = np.take(self._voice, range(self._at, end), mode="wrap")
            self._at = end % len(self._voice)
            return frame
        frame, self._at = silence(FRAME), end
        rest = self._voice[end - FRAME : end]
        frame[: len(rest)] = rest
        return frame
