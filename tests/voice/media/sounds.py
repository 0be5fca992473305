"""What telephones say in the tests: frames of 20 ms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from aiortp.codecs.g711 import PcmuCodec

from backoffice.voice.media.timestamps import FRAME, RATE

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
LAYOUT = ("123A", "456B", "789C", "*0#D")
QUIET = b"\xff" * FRAME

SEED = 7


def pcmu(samples: npt.NDArray[np.float64]) -> bytes:
    return PcmuCodec().encode(np.clip(samples, -32000, 32000).astype("<i2").tobytes())


def frames(sound: bytes) -> list[bytes]:
    return [sound[at : at + FRAME].ljust(FRAME, b"\xff") for at in range(0, len(sound), FRAME)]


def tone(
    digits: str, *, on: float = 100, off: float = 100, level: float = -12, twist: float = 0, off_by: float = 0
) -> npt.NDArray[np.float64]:
    """Each digit for `on` ms and a pause of `off`; `level` and `twist` (columns above rows) in dB, `off_by` of 1."""
    random = np.random.default_rng(SEED)
    amplitude = 32768 * 10 ** (level / 20)
    at = np.arange(round(RATE * on / 1000)) / RATE
    parts = []
    for digit in digits:
        row = next(i for i, keys in enumerate(LAYOUT) if digit in keys)
        low, high = ROWS[row] * (1 + off_by), COLUMNS[LAYOUT[row].index(digit)] * (1 + off_by)
        phases = random.uniform(0, 6, 2)
        sound = 10 ** (-twist / 40) * np.sin(2 * np.pi * low * at + phases[0])
        sound += 10 ** (twist / 40) * np.sin(2 * np.pi * high * at + phases[1])
        parts += [amplitude * sound, np.zeros(round(RATE * off / 1000))]
    return np.concatenate(parts)


def noise(seconds: float, level: float = -20) -> npt.NDArray[np.float64]:
    return np.random.default_rng(SEED).normal(0, 32768 * 10 ** (level / 20), int(seconds * RATE))


def speech(seconds: float) -> npt.NDArray[np.float64]:
    """Vowels: a buzz that wanders in pitch, through resonances that wander as those of a mouth do."""
    at = np.arange(int(seconds * RATE)) / RATE
    pitch = 120 + 40 * np.sin(2 * np.pi * 0.7 * at) + 10 * np.sin(2 * np.pi * 3.1 * at)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    first = 500 + 300 * np.sin(2 * np.pi * 1.3 * at)
    second = 1500 + 600 * np.sin(2 * np.pi * 0.9 * at + 1)
    sound = np.zeros_like(at)
    for harmonic in range(1, 25):
        frequency = harmonic * pitch
        strength = 1 / (1 + ((frequency - first) / 80) ** 2) + 0.6 / (1 + ((frequency - second) / 120) ** 2)
        sound += strength * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 2.5 * at) + 0.6, 0, 1)
    return 6000 * sound * syllables


VOICE = frames(pcmu(noise(6, -24)))
"""Sound that is no key, and never silent."""
