"""Sound as telephones carry it: 8 kHz, one channel, G.711 µ-law, nothing above 3.4 kHz."""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
from aiortp.codecs.g711 import PcmuCodec
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RATE = 8000
SILENCE = b"\xff"
"""One sample of silence in µ-law."""
LOWEST_RATE, HIGHEST_RATE = RATE, 48_000
_PASSED, _STOPPED = 3400.0, 4000.0
"""Hertz up to which all passes (ITU-T G.711 is meant for 300 to 3400), and from which nothing does: half of `RATE`."""
_BETA, _ATTENUATION = 5.65, 60.0
"""The Kaiser window that keeps what is stopped 60 dB down."""
_PEAK = 10 ** (-6 / 20) * 32767
"""6 dB below the loudest sample there is."""
_QUIET = 50
"""A sound whose peak is below this is silence."""
Samples = NDArray[np.float64]


def from_pcm(pcm: bytes) -> Samples:
    """The samples of signed 16 bit little-endian sound."""
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def is_silent(samples: Samples) -> bool:
    return len(samples) == 0 or float(np.max(np.abs(samples))) < _QUIET


def for_telephones(samples: Samples, rate: int) -> bytes:
    """µ-law at 8 kHz, with its peak 6 dB below full scale. `rate` is from 8,000 to 48,000 hertz."""
    heard = samples if rate == RATE else _resampled(samples, rate)
    if not is_silent(heard):
        heard = heard * (_PEAK / np.max(np.abs(heard)))
    return PcmuCodec().encode(np.rint(heard).clip(-32768, 32767).astype("<i2").tobytes())


def silence(seconds: float) -> bytes:
    """µ-law silence."""
    return SILENCE * round(RATE * seconds)


def seconds(pcmu: bytes) -> float:
    """How long a µ-law sound lasts."""
    return len(pcmu) / RATE


def _resampled(samples: Samples, rate: int) -> Samples:
    """By a polyphase filter: each output sample is a weighted sum of the input around its place, and the places between
    two input samples repeat after `up` of them."""
    up, down = RATE // gcd(RATE, rate), rate // gcd(RATE, rate)
    weights = _weights(rate)
    taps = weights.shape[1]
    padded = np.concatenate((np.zeros(taps // 2), samples, np.zeros(taps + down)))
    count = len(samples) * up // down
    out = np.empty(count)
    windows = sliding_window_view(padded, taps)
    for phase in range(min(up, count)):
        places = out[phase::up]
        out[phase::up] = windows[phase * down // up :: down][: len(places)] @ weights[phase]
    return out


@cache
def _weights(rate: int) -> Samples:
    """A row of weights for each place between two input samples at which an output sample can lie."""
    up, down = RATE // gcd(RATE, rate), rate // gcd(RATE, rate)
    middle, width = (_PASSED + _STOPPED) / rate, (_STOPPED - _PASSED) / rate
    half = int(np.ceil((_ATTENUATION - 8) / (2.285 * 2 * np.pi * width) / 2))
    between = (np.arange(up) * down % up) / up
    distance = np.arange(-half, half + 2)[np.newaxis, : 2 * half + 1] - between[:, np.newaxis]
    window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / (half + 1)) ** 2))) / np.i0(_BETA)
    rows: Samples = middle * np.sinc(middle * distance) * window
    rows /= rows.sum(axis=1, keepdims=True)
    return rows
