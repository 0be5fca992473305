"""What one telephone hears and says, as a WAV file of two channels."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import samples
from backoffice.voice.media.timestamps import FRAME, RATE


class Recording:
    """Linear samples of 16 bits at 8 kHz: left what the telephone was sent, right what it said.

    The file is whole after `stop`. Raises `OSError` where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = wave.Wave_write(str(path))
        self._file.setnchannels(2)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE)
        self._open = True

    def write(self, heard: bytes, said: bytes, codec: Codec) -> None:
        """Adds a frame of 20 ms of each."""
        if not self._open:
            return
        both = np.empty((FRAME, 2), "<i2")
        both[:, 0] = samples(heard, codec)
        both[:, 1] = samples(said, codec)
        self._file.writeframesraw(both.tobytes())

    def stop(self) -> None:
        """Ends the file. Does nothing once it has ended."""
        if self._open:
            self._open = False
            self._file.close()
