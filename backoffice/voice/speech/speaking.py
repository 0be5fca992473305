"""Has texts read out by the speaker's process: starts it, ends it when it takes too long, and starts it again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import espeakng_loader

from backoffice.voice.speech import sound, speaker
from backoffice.voice.speech.words.language import Language

VOICES = {Language.ENGLISH: "en", Language.DUTCH: "nl", Language.POLISH: "pl", Language.CHINESE: "cmn"}
WORDS_A_MINUTE = 150
LONGEST_TEXT = 1000
_START, _STOP = 15.0, 1.0
_LIVES = 2
"""How many processes may die over one text before it is given up."""


class TextRefused(ValueError):
    """A text that we do not read out; the reason holds nothing of it."""


class SpeakerFailed(Exception):
    """The text could not be read out: the speaker does not start, died over it twice, or took too long."""


class _Died(Exception):
    """The process ended before it had answered."""


@dataclass(frozen=True)
class EngineFiles:
    """espeak-ng's shared library and its folder of data."""

    library: Path
    data: Path

    @classmethod
    def installed(cls) -> EngineFiles:
        """Those of the package `espeakng_loader`, for the speaker's process to load."""
        return cls(Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path()))


class Speaker:
    """One process, which reads out one text at a time. `files` are those of the system where it has its own; `limit` is
    how long a text may take. Use it in one event loop, and `close` it."""

    def __init__(self, files: EngineFiles | None = None, *, limit: timedelta = timedelta(seconds=10)) -> None:
        self._files = files or EngineFiles.installed()
        self._limit = limit.total_seconds()
        self._process: asyncio.subprocess.Process | None = None
        self._version, self._rate = "", 0
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Of its process, while there is one."""
        return self._process.pid if self._process else None

    async def version(self) -> str:
        """The engine and its version; starts the process, unless it is known. Raises SpeakerFailed."""
        if not self._version:
            async with self._turn:
                await self._running()
        return self._version

    async def say(self, text: str, language: Language) -> bytes:
        """µ-law at 8 kHz. Raises TextRefused for a text that is empty, has more than 1,000 characters or characters
        that cannot be seen, or that the engine refuses; SpeakerFailed."""
        check(text)
        line = json.dumps({"voice": VOICES[language], "text": text}).encode() + b"\n"
        async with self._turn:
            samples = await self._said(line)
        return await asyncio.to_thread(_for_telephones, samples, self._rate)

    async def close(self) -> None:
        """Ends the process; the next text would start another one."""
        async with self._turn:
            await self._end(patience=_STOP)

    async def _said(self, line: bytes) -> bytes:
        for _life in range(_LIVES):
            with contextlib.suppress(_Died):
                return await self._say(line)
        raise SpeakerFailed("the speaker died over a text")

    async def _say(self, line: bytes) -> bytes:
        process = await self._running()
        assert process.stdin is not None
        try:
            async with asyncio.timeout(self._limit):
                with contextlib.suppress(ConnectionError):  # then there is no answer either
                    process.stdin.write(line)
                    await process.stdin.drain()
                answer = await _answer(process)
        except TimeoutError:
            await self._end()
            raise SpeakerFailed(f"a text took longer than {self._limit:g} s") from None
        except _Died:
            await self._end(patience=_STOP)
            raise
        except BaseException:
            # Its answer to this text would be taken for that to the next one.
            await self._end()
            raise
        if answer.refused:
            raise TextRefused(answer.content.decode())
        return answer.content

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", speaker.__file__),
                *(str(self._files.library), str(self._files.data), str(WORDS_A_MINUTE)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        except OSError as error:  # no memory, or no descriptor left
            raise SpeakerFailed(f"the speaker does not start: {error.strerror}") from None
        try:
            async with asyncio.timeout(_START):
                hello = await _answer(process)
        except (TimeoutError, _Died):
            await self._end(patience=_STOP)
            raise SpeakerFailed("the speaker does not start") from None
        if hello.refused:
            await self._end(patience=_STOP)
            raise SpeakerFailed(hello.content.decode())
        rate, _, self._version = hello.content.decode().partition(" ")
        self._rate = int(rate)
        return process

    async def _end(self, *, patience: float = 0.0) -> None:
        """Closes its input, gives it that many seconds, and kills it."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        if patience:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def check(text: str) -> None:
    """Raises TextRefused for what `Speaker.say` refuses without asking the engine."""
    if not text.strip():
        raise TextRefused("the text is empty")
    if len(text) > LONGEST_TEXT:
        raise TextRefused(f"the text has more than {LONGEST_TEXT} characters")
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise TextRefused("the text has characters that cannot be seen")


def _for_telephones(pcm: bytes, rate: int) -> bytes:
    samples = sound.from_pcm(pcm)
    if sound.is_silent(samples):
        raise TextRefused("nothing of the text can be said")
    return sound.for_telephones(samples, rate)


async def _answer(process: asyncio.subprocess.Process) -> speaker.Answer:
    assert process.stdout is not None
    try:
        header = await process.stdout.readexactly(speaker.HEADER.size)
        refused, length = speaker.HEADER.unpack(header)
        return speaker.Answer(bool(refused), await process.stdout.readexactly(length))
    except asyncio.IncompleteReadError:
        raise _Died from None
