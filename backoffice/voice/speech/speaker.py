"""Reads texts out by espeak-ng, in a process of its own: `python -I speaker.py LIBRARY DATA WORDS_A_MINUTE`.

espeak-ng is under the GPL and ours is not, so no process of ours loads it but this one, which imports nothing but the
standard library and speaks with the others by its standard input and output only.

In: a JSON object a line, `{"voice": …, "text": …}`. Out: a byte that is 0 for a result and 1 for a refusal, four bytes
of length (big-endian), and that many bytes: signed 16 bit little-endian samples, or the reason. First comes a result
with the samples of a second and, after a space, the version of espeak-ng. It ends with its input.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_SOUND = 120
"""Seconds; a text that takes longer is refused."""
HEADER = struct.Struct(">BI")
_PR_SET_PDEATHSIG = 1
_RETRIEVAL, _UTF8, _BY_CHARACTER, _WORDS_A_MINUTE = 1, 1, 1, 1
_DO_NOT_EXIT = 0x8000
"""Values of espeak-ng's speak_lib.h. Neither espeakSSML nor espeakPHONEMES is set: all of a text is text."""


class CannotSpeak(Exception):
    """The engine refuses; the text says why, and holds nothing of what was to be said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the process says: whether it is a refusal, and the content."""

    refused: bool
    content: bytes

    def packed(self) -> bytes:
        return HEADER.pack(self.refused, len(self.content)) + self.content


class Engine:
    """espeak-ng in this process. There can be one only."""

    def __init__(self, library: str, data: str, words_a_minute: int) -> None:
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise CannotSpeak(f"the library of espeak-ng cannot be loaded: {error}") from error
        self.rate = int(self._library.espeak_Initialize(_RETRIEVAL, 0, os.fsencode(data), _DO_NOT_EXIT))
        if self.rate <= 0:
            raise CannotSpeak(f"espeak-ng has no data in {data}")
        self._words_a_minute = words_a_minute
        self._heard = bytearray()
        self._callback = _callback_type()(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)

    @property
    def version(self) -> str:
        self._library.espeak_Info.restype = ctypes.c_char_p
        return f"espeak-ng {self._library.espeak_Info(None).decode()}"

    def say(self, text: str, voice: str) -> bytes:
        """Samples, at `rate`. Raises CannotSpeak."""
        self._heard.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise CannotSpeak(f"there is no voice {voice}")
        self._library.espeak_SetParameter(_WORDS_A_MINUTE, self._words_a_minute, 0)
        said = text.encode()
        failed = self._library.espeak_Synth(said, len(said) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
        if failed or self._library.espeak_Synchronize():
            raise CannotSpeak("espeak-ng failed")
        if self._is_full:
            raise CannotSpeak(f"the text takes longer than {LONGEST_SOUND} seconds")
        return bytes(self._heard)

    @property
    def _is_full(self) -> bool:
        return len(self._heard) >= LONGEST_SOUND * self.rate * 2

    def _hear(self, samples: int | None, count: int, _events: int | None) -> int:
        """Is called by espeak-ng with the next samples; 1 makes it stop."""
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, count * 2)
        return int(self._is_full)


def serve(say: Callable[[str, str], bytes], texts: BinaryIO, answers: BinaryIO) -> None:
    """Answers each line until there are no more."""
    for line in texts:
        asked = json.loads(line)
        try:
            answer = Answer(False, say(asked["text"], asked["voice"]))
        except CannotSpeak as error:
            answer = Answer(True, str(error).encode())
        answers.write(answer.packed())
        answers.flush()


def main(library: str, data: str, words_a_minute: str) -> None:
    """Ends with its input, at once when its parent dies (Linux), and leaves no core file: a text is personal."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    answers = sys.stdout.buffer
    try:
        engine = Engine(library, data, int(words_a_minute))
    except CannotSpeak as error:
        answers.write(Answer(True, str(error).encode()).packed())
        return
    answers.write(Answer(False, f"{engine.rate} {engine.version}".encode()).packed())
    answers.flush()
    serve(engine.say, sys.stdin.buffer, answers)


def _callback_type() -> Callable[[Callable[[int | None, int, int | None], int]], ctypes._FuncPointer]:
    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


if __name__ == "__main__":
    main(*sys.argv[1:])
