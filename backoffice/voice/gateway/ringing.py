"""What somebody hears who waits until another telephone is answered."""

from __future__ import annotations

import numpy as np
from aiortp.codecs.g711 import PcmuCodec

from backoffice.voice.media.timestamps import RATE

_HERTZ, _ON, _OFF, _AMPLITUDE = 425, 1.0, 4.0, 2_000
"""ITU-T E.180, supplement 2: the ringing tone of most of Europe."""


def _ringing_tone() -> bytes:
    times = np.arange(int(RATE * _ON)) / RATE
    on = (_AMPLITUDE * np.sin(2 * np.pi * _HERTZ * times)).astype("<i2")
    off = np.zeros(int(RATE * _OFF), "<i2")
    return PcmuCodec().encode(np.concatenate((on, off)).tobytes())


RINGING_TONE = _ringing_tone()
"""One ring and its pause, µ-law at 8 kHz."""
