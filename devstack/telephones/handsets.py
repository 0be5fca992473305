"""Telephones for plain code that waits: their event loop runs in a thread of its own. Every wait has a limit."""

from __future__ import annotations

import asyncio
import concurrent.futures
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import samples
from backoffice.voice.speech.kept import KeptSounds
from backoffice.voice.speech.prompts import kept_as
from backoffice.voice.speech.speaking import Speaker
from backoffice.voice.speech.words.language import Language

from .hearing import Heard, Level, heard_between
from .line import Line
from .recognising import Recogniser, recorded
from .telephone import Missing, PhoneFailed, Telephone
from .words import Incoming, Report

T = TypeVar("T")
_LOOK_EVERY, _TAKEN_WITHIN = 0.1, 3.0
_QUIET, _LOUD = 100, 1000
"""Effective values below which nobody speaks, and above which somebody does, or hums."""
_MARGIN = 15.0
"""Seconds that the thread may take longer than what it waits for."""


class Handset:
    """One telephone in the hand of somebody. It rings until it is answered. Raises `Missing` for what does not come
    in time, and `PhoneFailed` for what the phone cannot do. Times are seconds, moments are monotonic."""

    def __init__(self, telephone: Telephone, handsets: Handsets, recording: Path) -> None:
        self.recording = recording
        """All that it heard, as a WAV file (8 kHz, 16 bit, one channel)."""
        self._telephone, self._handsets = telephone, handsets
        self._heard_up_to = 0

    @property
    def line(self) -> Line:
        return self._telephone.line

    def calls(self, uri: str, *, within: float = 10.0) -> None:
        """Dials an address; returns when somebody has answered."""
        self._new()
        self._do(self._call(uri, within), within)

    def rings(self, *, within: float = 30.0) -> None:
        """Waits until somebody calls."""
        self._do(self._telephone.sees(Report.CALLED, within=within), within)

    def picks_up(self) -> None:
        """Takes the call that rings."""
        self._new()
        self._do(self._taken(), _TAKEN_WITHIN)
        self._do(self._telephone.sees(Report.ESTABLISHED))

    def answers(self, *, within: float = 30.0) -> None:
        """Waits until somebody calls, and takes the call."""
        self.rings(within=within)
        self.picks_up()

    def rejects(self, *, within: float = 30.0) -> None:
        """Waits until somebody calls, and is busy."""
        self.rings(within=within)
        self._do(self._telephone.reject())

    def hang_up(self) -> None:
        self._do(self._telephone.hang_up())

    def is_hung_up(self, *, within: float = 15.0) -> None:
        """Waits until the other side has ended the call."""
        self._do(self._telephone.sees(Report.CLOSED, within=within), within)

    def keys(self, keys: str) -> None:
        """Presses them one after the other, as people do."""
        self._new()
        self._do(self._telephone.press(keys), len(keys))

    def hums(self, hertz: int) -> None:
        """Makes a tone from now on; 0 is silence. Whoever hears this telephone hears it."""
        self._do(self._telephone.say_tone(hertz))

    def hears(self, text: str, language: Language = Language.ENGLISH, *, within: float = 15.0) -> None:
        """Waits until the gateway reads out this text to it, and returns as soon as that is sure. What it heard before
        its last keys, or the text that was waited for last, does not count."""
        recogniser: Recogniser | None = None
        deadline = time.monotonic() + within
        while recogniser is None or not recogniser.has_heard:
            if time.monotonic() > deadline:
                pieces = recogniser.pieces if recogniser else 0
                raise Missing(
                    f"{self.line.name}: {text[:60]!r} was not heard in {within:g} s, only {pieces} pieces of it"
                )
            time.sleep(_LOOK_EVERY)
            if recogniser is None and (sound := self._handsets.prompt(text, language)) is not None:
                recogniser = Recogniser(sound)
            if recogniser is not None:
                recogniser.take(self._new())

    def hears_somebody(self, *, within: float = 10.0) -> None:
        """Waits until it hears anything at all for a moment from now on."""
        self._do(self._telephone.heard(_is_sound, within=within), within)

    def hears_the_end(self, *, pause: float = 0.7, within: float = 30.0) -> None:
        """Waits until nobody has spoken for so long."""
        self._do(self._telephone.heard(_is_silent, lasting=pause, within=within), within)

    def heard_between(self, began: float, ended: float) -> Heard:
        """What it heard in this span of the present call, which is over now."""
        self._do(self._telephone.heard(lambda level: True, lasting=0.1, since=ended))
        keys = [(digit.digit, digit.at) for digit in self._telephone.digits()]
        return heard_between(self._telephone.levels(began), keys, began=began, ended=ended)

    async def start(self) -> None:
        """In the loop of its handsets."""
        await self._telephone.when_called(Incoming.RING)
        await self._telephone.record(self.recording)

    async def _taken(self) -> None:
        """The phone tells of a call a moment before it can take it."""
        async with asyncio.timeout(_TAKEN_WITHIN):
            while True:
                try:
                    return await self._telephone.answer()
                except PhoneFailed:
                    await asyncio.sleep(_LOOK_EVERY)

    async def _call(self, uri: str, within: float) -> None:
        """As soon as the phone knows that its last call is over."""
        async with asyncio.timeout(within):
            while True:
                try:
                    await self._telephone.dial(uri)
                    break
                except PhoneFailed:
                    await asyncio.sleep(_LOOK_EVERY)
        await self._telephone.sees(Report.ESTABLISHED, within=within)

    def _new(self) -> bytes:
        """What it heard since this was asked for last."""
        pcm = recorded(self.recording, since=self._heard_up_to)
        self._heard_up_to += len(pcm) // 2
        return pcm

    def _do(self, work: Coroutine[Any, Any, T], within: float = 0.0) -> T:
        return self._handsets.do(work, within)


class Handsets:
    """Telephones for `with`, by the names of their lines: `handsets["customer"]`."""

    def __init__(self, lines: Iterable[Line], *, prompts: Path) -> None:
        """`prompts` is where the gateway keeps what it reads out."""
        self._lines, self._prompts = list(lines), KeptSounds(prompts)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="handsets", daemon=True)
        self._held, self._plugs = ExitStack(), AsyncExitStack()
        self._speaker = Speaker()
        self._handsets: dict[str, Handset] = {}

    def __enter__(self) -> Self:
        """Raises PhoneFailed, Missing."""
        folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="handsets-")))
        self._thread.start()
        self._held.callback(self._end)
        try:
            self.do(self._start(folder), 20)
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def __getitem__(self, name: str) -> Handset:
        return self._handsets[name]

    def prompt(self, text: str, language: Language) -> NDArray[np.int16] | None:
        """The sound of a text, as the voice gateway has read it out; None if it never did."""
        version = self.do(self._speaker.version(), 20)
        sound = self._prompts.get(kept_as(version, language, text))
        return samples(sound, Codec.PCMU).astype(np.int16) if sound is not None else None

    def do(self, work: Coroutine[Any, Any, T], within: float = 0.0) -> T:
        """Waits for something in the loop of the telephones, which has its own limit of so many seconds."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(within + _MARGIN)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise Missing(f"the telephones did not answer within {within + _MARGIN:g} s") from None

    async def _start(self, folder: Path) -> None:
        telephones = [Telephone(line) for line in self._lines]
        started = await asyncio.gather(*map(self._plugs.enter_async_context, telephones), return_exceptions=True)
        for failed in (one for one in started if isinstance(one, BaseException)):
            raise failed
        for telephone in telephones:
            name = telephone.line.name
            self._handsets[name] = Handset(telephone, self, folder / f"{name}.wav")
            await self._handsets[name].start()

    def _end(self) -> None:
        self.do(self._plugs.aclose(), 10)
        self.do(self._speaker.close(), 5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _is_silent(level: Level) -> bool:
    return level.rms < _QUIET


def _is_sound(level: Level) -> bool:
    return level.rms > _LOUD
