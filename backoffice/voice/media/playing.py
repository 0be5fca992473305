"""A prompt while it is played to one leg."""

from __future__ import annotations

import asyncio

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import SILENCE
from backoffice.voice.media.timestamps import FRAME

WAITS = 300.0
"""Seconds after which a prompt is over even if its telephone holds us: longer than the longest text takes."""


class Playing:
    """`await over` is true when it was played to its end, false when it was stopped or replaced."""

    def __init__(self, pcmu: bytes) -> None:
        self.over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pcmu = pcmu
        self._at = 0

    async def ended(self) -> bool:
        """The same, but stops it after `WAITS`, and if the one who waits is cancelled."""
        try:
            await asyncio.wait([self.over], timeout=WAITS)
        finally:
            self.stop()
        return self.over.result()

    def stop(self) -> None:
        """Ends it now. Does nothing once it is over."""
        self._end(False)

    def next_frame(self) -> bytes | None:
        """The next 20 ms of µ-law; None when it is over."""
        if self.over.done():
            return None
        frame = self._pcmu[self._at : self._at + FRAME]
        self._at += FRAME
        if not frame:
            self._end(True)
            return None
        return frame if len(frame) == FRAME else frame + SILENCE[Codec.PCMU][len(frame) :]

    def _end(self, whole: bool) -> None:
        if not self.over.done():
            self.over.set_result(whole)
