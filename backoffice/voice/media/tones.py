"""Keys that are heard as tones (ITU-T Q.23), for telephones that send no telephone-events.

Measured on blocks of 205 samples, in which the eight frequencies fall near the middle of a bin of Goertzel's filter.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backoffice.voice.media.keys import DIGITS
from backoffice.voice.media.timestamps import FRAME, RATE

_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477, 1633)
_LAYOUT = ("123A", "456B", "789C", "*0#D")
_CODES = [[DIGITS.index(digit) for digit in row] for row in _LAYOUT]

BLOCK = 205
HOP = 80
"""Blocks begin every 10 ms."""
SHARE = 0.40
"""Of a block's energy, what the two tones must have."""
TWIST = 6.3
"""How much stronger one tone may be than the other: 8 dB. Q.24 asks for 4 to 8."""
CLEAR = 4.0
"""How much stronger a tone must be than its neighbours of the same group: 6 dB."""
QUIETEST = 100.0
"""RMS below which nothing is a tone: -50 dB of full scale."""
STEADY = 4
"""Blocks that must hold most of the same key: a tone of 40 ms does, one of 23 does not, as Q.24 asks."""
STEADY_IN_SOUND = 8
"""The same for a tone that does not stand out of what was before it: about 80 ms, for which no vowel is so pure."""
PAUSE = 3
"""Blocks without any key before the next press: a gap of 20 ms in a press is none."""
RISE = 4.0
"""How much louder than the quietest of the blocks before it a tone must be to stand out: 6 dB. One after a pause does,
a vowel within a word does not."""
_RECENT = 8


def steady_keys(sound: _Samples) -> list[tuple[int, int]]:
    """The first and the last block of each key in a piece of sound, which may lie anywhere in it: by the thresholds of
    `ToneDetector`, but also for a tone that sounds when the piece begins, and for one without a pause before it."""
    if len(sound) < BLOCK or not sound.any():
        return []
    blocks = np.lib.stride_tricks.sliding_window_view(sound, BLOCK)[::HOP].astype(np.float32)
    energies = np.einsum("ij,ij->i", blocks, blocks)
    keys = _keys(blocks, energies)
    if keys.max() < 0:
        return []
    found, first = [], 0
    for at in range(1, len(keys) + 1):
        if at < len(keys) and keys[at] == keys[first]:
            continue
        if keys[first] >= 0 and at - first >= _needed(energies, first, at):
            found.append((first, at - 1))
        first = at
    return found


def _keys(blocks: _Singles, energies: _Singles) -> npt.NDArray[np.int64]:
    """The place of each block's key in the layout, -1 where it has none."""
    parts = blocks @ _OF_BLOCKS
    powers = parts[:, :8] ** 2 + parts[:, 8:] ** 2
    groups = np.sort(powers[:, :4]), np.sort(powers[:, 4:])
    low, high = (np.maximum(group[:, -1], 1.0) for group in groups)
    is_key = energies >= BLOCK * QUIETEST**2
    is_key &= low + high >= SHARE * energies * BLOCK / 2
    is_key &= (low < TWIST * high) & (high < TWIST * low)
    for group, strongest in zip(groups, (low, high), strict=True):
        is_key &= group[:, -2] * CLEAR < strongest
    return np.where(is_key, 4 * powers[:, :4].argmax(axis=1) + powers[:, 4:].argmax(axis=1), -1)


def _needed(energies: _Singles, first: int, end: int) -> int:
    """How many blocks in a row must hold a key that begins with the `first` and goes on to before `end`."""
    before = energies[max(0, first - _RECENT) : first]
    stands_out = not len(before) or energies[first:end].max() >= RISE * before.min()
    return STEADY if stands_out else STEADY_IN_SOUND


LIKELY = 0.30
"""The share of a frame's energy at which it may be part of a key, for those who must not hear one."""
_LIKELY_TWIST = 40.0

_Samples = npt.NDArray[np.int16]
_Singles = npt.NDArray[np.float32]
"""Of single precision, which takes half the time and is far finer than any threshold here."""


def _filters(length: int) -> npt.NDArray[np.float64]:
    """The cosines, then the sines of all eight frequencies."""
    angles = 2 * np.pi * np.outer(np.array(_ROWS + _COLUMNS) / RATE, np.arange(length))
    return np.concatenate((np.cos(angles), np.sin(angles)))


_OF_BLOCK = _filters(BLOCK)
_OF_BLOCKS: _Singles = np.ascontiguousarray(_OF_BLOCK.T, np.float32)
_OF_FRAME = _filters(FRAME)


class ToneDetector:
    """Tells the keys of one stream of frames. A tone that already sounds when it begins to listen is no key."""

    def __init__(self) -> None:
        self._rest: npt.NDArray[np.float64] = np.zeros(0)
        self._candidate: int | None = None
        self._steady = 0
        self._without = 0  # blocks without a key so far
        self._waits_for_pause = True
        self._energies = [0.0] * _RECENT

    @property
    def sounds(self) -> bool:
        """Whether the last key that was told still sounds, or its pause has not passed."""
        return self._waits_for_pause

    def feed(self, frame: _Samples) -> list[int]:
        """The codes (as of telephone-event) of the keys that are certain with this frame."""
        heard: npt.NDArray[np.float64] = np.concatenate((self._rest, frame))
        count = max(0, (len(heard) - BLOCK) // HOP + 1)
        self._rest = heard[count * HOP :]
        return [code for i in range(count) if (code := self._block(heard[i * HOP : i * HOP + BLOCK])) is not None]

    def _block(self, block: npt.NDArray[np.float64]) -> int | None:
        energy = float(block @ block)
        quietest = min(self._energies)
        code = self._key(block, energy)
        if code is None:
            self._energies = [*self._energies[1:], energy]
            self._candidate, self._steady = None, 0
            self._without += 1
            self._waits_for_pause = self._waits_for_pause and self._without < PAUSE
            return None
        self._without = 0
        if self._waits_for_pause:
            return None
        self._steady = self._steady + 1 if code == self._candidate else 1
        self._candidate = code
        if self._steady < (STEADY if energy >= RISE * quietest else STEADY_IN_SOUND):
            return None
        self._candidate, self._steady, self._waits_for_pause = None, 0, True
        return code

    def _key(self, block: npt.NDArray[np.float64], energy: float) -> int | None:
        if energy < BLOCK * QUIETEST**2:
            return None
        parts = _OF_BLOCK @ block
        powers = parts[:8] ** 2 + parts[8:] ** 2
        row, column = int(powers[:4].argmax()), int(powers[4:].argmax())
        low, high = powers[row], powers[4 + column]
        if low + high < SHARE * energy * BLOCK / 2 or not 1 / TWIST < low / max(high, 1.0) < TWIST:
            return None
        rivals = np.delete(powers[:4], row).max() / low, np.delete(powers[4:], column).max() / high
        return _CODES[row][column] if max(rivals) * CLEAR < 1 else None


def may_be_of_a_key(sound: _Samples) -> bool:
    """Whether a packet's sound may hold some of a key: some milliseconds are enough, wherever they stand. Speech may
    seem so too; who asks only waits longer then."""
    return any(_likely(sound[at : at + FRAME]) for at in range(0, len(sound), FRAME))


def _likely(sound: _Samples) -> bool:
    x = sound.astype(np.float64)
    energy = float(x @ x)
    if energy < FRAME * 4 * QUIETEST:
        return False
    parts = _OF_FRAME[:, : len(x)] @ x
    powers = parts[:8] ** 2 + parts[8:] ** 2
    low, high = float(powers[:4].max()), float(powers[4:].max())
    return low + high > LIKELY * energy * len(x) / 2 and 1 / _LIKELY_TWIST < low / max(high, 1.0) < _LIKELY_TWIST
