"""G.711 (ITU-T) by tables: one translation of bytes a frame.

aiortp's A-law has the sign bit upside down: it reads 0xD5, which is +8 and silence, as -8. `_FLIPPED` sets it right.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from aiortp.codecs.g711 import PcmaCodec, PcmuCodec

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.timestamps import FRAME

_FLIPPED = bytes(value ^ 0x80 for value in range(256))
_EVERY = bytes(range(256))

SILENCE = {Codec.PCMU: b"\xff" * FRAME, Codec.PCMA: b"\xd5" * FRAME}
"""A frame of digital silence."""
_SILENT_BYTES = {Codec.PCMU: b"\xff\x7f", Codec.PCMA: b"\xd5"}


def _decoded(codec: Codec) -> bytes:
    """The sample of each byte, as 16 bits, the lower byte first."""
    return PcmuCodec().decode(_EVERY) if codec is Codec.PCMU else PcmaCodec().decode(_FLIPPED)


def _encoded(pcm: bytes, codec: Codec) -> bytes:
    return PcmuCodec().encode(pcm) if codec is Codec.PCMU else PcmaCodec().encode(pcm).translate(_FLIPPED)


_SAMPLES: dict[Codec, npt.NDArray[np.int16]] = {codec: np.frombuffer(_decoded(codec), "<i2") for codec in Codec}
_TABLES = {(one, other): _encoded(_decoded(one), other) for one in Codec for other in Codec if one is not other}
_HALVES = {codec: _encoded((_SAMPLES[codec] // 2).astype("<i2").tobytes(), codec) for codec in Codec}


def transcoded(payload: bytes, codec: Codec, to: Codec) -> bytes:
    """The same sound in another codec; the same bytes if it is the same codec."""
    return payload if codec is to else payload.translate(_TABLES[codec, to])


def halved(payload: bytes, codec: Codec) -> bytes:
    """The same sound, 6 dB quieter."""
    return payload.translate(_HALVES[codec])


def samples(payload: bytes, codec: Codec) -> npt.NDArray[np.int16]:
    """Linear samples of 16 bits."""
    return _SAMPLES[codec].take(np.frombuffer(payload, np.uint8))


def is_silent(payload: bytes, codec: Codec) -> bool:
    """Whether nothing but digital silence is in it: µ-law has two zeros, 0xFF and 0x7F, A-law is silent at 0xD5."""
    return payload == SILENCE[codec] or not payload.translate(None, _SILENT_BYTES[codec])
