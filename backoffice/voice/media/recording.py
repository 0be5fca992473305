"""What one telephone hears and says, as a WAV file of two channels, written by a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import samples
from backoffice.voice.media.masking import Masking
from backoffice.voice.media.timestamps import FRAME, FRAMES_A_SECOND, RATE

log = logging.getLogger(__name__)
BATCH = FRAMES_A_SECOND
"""Frames that are handed to the thread at once, and are then in the file: a thread that wakes for each would hold up
the clock. With the 200 ms that are held back to look for keys (`masking.HELD`), a process that is killed loses up to
1.2 s of a recording."""
ROOM = 1000
"""Batches that may wait to be written: 16 MB."""
_Frame = tuple[bytes, bytes, Codec]


class Recorder:
    """Writes recordings into a folder, one batch after the other. A disk that is slow or full holds up no sound: what
    there is no room for, or cannot be written, is counted in `lost`, in frames."""

    def __init__(self, folder: Path, *, room: int = ROOM) -> None:
        self.lost = 0
        self._folder = folder
        self._room = threading.Semaphore(room)
        self._losing = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recordings")

    def begin(self, name: str) -> Recording:
        """A recording in a file with this name, or with a number behind it where there is one already: somebody who
        was lost and is rung again does not overwrite what was recorded before."""
        return Recording(self._folder / name, self)

    def close(self) -> None:
        """Waits until everything is written. Recordings must have ended before."""
        self._thread.shutdown()

    def takes(self, work: Callable[[], None], *, always: bool) -> bool:
        """Does it in its turn, unless there is no room; `always`, even then."""
        has_room = self._room.acquire(blocking=False)
        if has_room or always:
            self._thread.submit(self._do, work, has_room)
        return has_room or always

    def loses(self, frames: int) -> None:
        """Counts them."""
        with self._losing:
            self.lost += frames

    def _do(self, work: Callable[[], None], has_room: bool) -> None:
        try:
            work()
        except Exception:  # nobody looks at what came of work in a thread
            log.exception("something of a recording failed")
        finally:
            if has_room:
                self._room.release()


class Recording:
    """Linear samples of 16 bits at 8 kHz: left what the telephone was sent, right what it said. Frames for which there
    was no room are silence, so that the rest stays at its time, and so are the tones of keys.

    The file can be read at any time, up to the batch that was written last; it is whole when its recorder has written
    what came before `stop`. Only its owner can read it.
    """

    def __init__(self, path: Path, recorder: Recorder) -> None:
        self.path = path
        self._recorder = recorder
        self._file: _File | None = None  # the thread's
        self._frames: list[_Frame] = []
        self._missing = 0
        self._open = True
        self._masking = Masking()  # the thread's

    def write(self, heard: bytes, said: bytes, codec: Codec) -> None:
        """Adds a frame of 20 ms of each."""
        if not self._open:
            return
        self._frames.append((heard, said, codec))
        if len(self._frames) == BATCH:
            self._hand_over()

    def stop(self) -> None:
        """Ends the file. Does nothing once it has ended."""
        if self._open:
            self._open = False
            self._hand_over(last=True)

    def _hand_over(self, *, last: bool = False) -> None:
        frames, self._frames = self._frames, []
        if self._recorder.takes(partial(self._write, self._missing, frames, last=last), always=last):
            self._missing = 0
        else:
            self._missing += len(frames)
            self._recorder.loses(len(frames))

    def _write(self, missing: int, frames: list[_Frame], *, last: bool) -> None:
        sound = self._masking.feed(_interleaved(missing, frames), last=last).tobytes()
        try:
            self._file = self._file or _File(self.path)
            self._file.write(sound)
        except OSError as error:
            log.warning("a recording cannot be written: %s", error.strerror)
            self._recorder.loses(len(frames))
        finally:
            if last and self._file is not None:
                self._file.close()


class _File:
    """A WAV file whose header is right after each `write`, so that what a killed process leaves can be played."""

    def __init__(self, path: Path) -> None:
        self._raw = os.fdopen(_new(path), "wb")
        self._wave = wave.Wave_write(self._raw)
        self._wave.setnchannels(2)
        self._wave.setsampwidth(2)
        self._wave.setframerate(RATE)

    def write(self, sound: bytes) -> None:
        """Raises `OSError`."""
        self._wave.writeframes(sound)
        self._raw.flush()

    def close(self) -> None:
        """What cannot be written any more was counted before."""
        for file in (self._wave, self._raw):
            with contextlib.suppress(OSError):
                file.close()


def _new(path: Path) -> int:
    """A descriptor of a file that was not there. Raises `OSError`."""
    number, name = 1, path
    while True:
        try:
            return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            number += 1
            name = path.with_stem(f"{path.stem}-{number}")


def _interleaved(missing: int, frames: list[_Frame]) -> npt.NDArray[np.int16]:
    """Both channels as columns, after so many frames that are missing."""
    both = np.zeros(((missing + len(frames)) * FRAME, 2), np.int16)
    at = missing * FRAME
    for codec, group in groupby(frames, key=lambda frame: frame[2]):
        heard, said = (b"".join(parts) for parts in zip(*((heard, said) for heard, said, _codec in group), strict=True))
        both[at : at + len(heard), 0] = samples(heard, codec)
        both[at : at + len(said), 1] = samples(said, codec)
        at += len(heard)
    return both
