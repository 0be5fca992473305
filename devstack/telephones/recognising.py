"""Whether a phone heard a certain sound.

PCMU is decoded everywhere to the same samples, so each piece of the sound that was not lost on the way is in the
recording, sample by sample, and no piece of another sound is, not even of the same words: the speaker never says them
twice in quite the same way.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .sounds import RATE

PIECE = RATE // 100
"""Samples of a piece: 10 ms, half of a frame, so that beside a lost frame there are whole ones."""
_ENOUGH, _ENOUGH_OF_SHORT = 60, 0.3
"""So many pieces must be heard, or such a share where the sound has fewer: a busy machine loses some."""
_QUIET = 200
"""The effective value below which a piece is a pause, of which nothing can be told."""
_HEADER, _SAMPLE = 44, 2
"""Bytes before the samples of a WAV file, and of each."""


def recorded(path: Path, *, since: int) -> bytes:
    """What a phone has written down so far (`Telephone.record`), from the sample `since` on. The file may be open."""
    pcm = path.read_bytes()[_HEADER + _SAMPLE * since :]
    return pcm[: len(pcm) // _SAMPLE * _SAMPLE]


class Recogniser:
    """Listens for one sound of 8,000 samples a second."""

    def __init__(self, wanted: NDArray[np.int16]) -> None:
        pieces = [wanted[at : at + PIECE] for at in range(0, len(wanted) - PIECE + 1, PIECE)]
        self._missing = [piece.astype("<i2").tobytes() for piece in pieces if _loudness(piece) > _QUIET]
        self._enough = max(1, min(_ENOUGH, round(_ENOUGH_OF_SHORT * len(self._missing))))
        self._all = len(self._missing)
        self._last = b""

    def take(self, pcm: bytes) -> None:
        """What was heard next: 16 bits a sample, low byte first."""
        sound = self._last + pcm
        self._missing = [piece for piece in self._missing if piece not in sound]
        self._last = sound[-(PIECE * _SAMPLE - 1) :]

    @property
    def pieces(self) -> int:
        """How many of the sound's pieces were heard."""
        return self._all - len(self._missing)

    @property
    def has_heard(self) -> bool:
        return self.pieces >= self._enough


def _loudness(samples: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
