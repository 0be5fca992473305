"""What is played to a caller: fixed sentences and texts, recorded or read out, each made once and then kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from . import sound
from .kept import KeptSounds
from .recordings import Recordings
from .sentences import Sentence
from .speaking import VOICES, WORDS_A_MINUTE, Speaker
from .words.language import Language

_PAUSE = sound.silence(0.25)
"""Between the parts of a prompt."""
_FORM = "1"
"""Counts up when the same words are made into another sound, so that none of the old are played."""
KEPT_FOR = timedelta(days=1)
"""How long the sound of a text is kept that is no fixed sentence."""
Part = Sentence | str


@dataclass(frozen=True)
class Prompt:
    """What is said in one go: fixed sentences of ours and texts of the back office, one after the other."""

    language: Language
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All its words, as they are read out where there is no recording."""
        return " ".join(part.said(self.language) if isinstance(part, Sentence) else part for part in self.parts)


class Prompts:
    """Makes the sound of prompts. The last ones stay in memory (up to `memory` bytes), all are kept in `kept`. It is to
    be used in one event loop."""

    def __init__(
        self,
        speaker: Speaker,
        kept: KeptSounds,
        *,
        recordings: Recordings | None = None,
        memory: int = 16_000_000,
    ) -> None:
        self._speaker, self._kept, self._recordings = speaker, kept, recordings or {}
        self._memory: OrderedDict[tuple[Language, str], bytes] = OrderedDict()
        self._room = memory
        self._making: dict[tuple[Language, str], asyncio.Task[bytes]] = {}

    async def audio(self, prompt: Prompt) -> bytes:
        """µ-law at 8 kHz. Raises TextRefused and SpeakerFailed (see `Speaker.say`), and then nothing may be played:
        half a prompt could be misunderstood."""
        return _PAUSE.join([await self._part(part, prompt.language) for part in prompt.parts])

    async def prepare(self, language: Language) -> None:
        """Makes all fixed sentences of a language, so that no call waits for one."""
        for sentence in Sentence:
            await self._part(sentence, language)

    async def forget_old(self) -> None:
        """Removes the sound of texts that is older than a day: it names payees and amounts. The fixed sentences stay.
        Raises SpeakerFailed."""
        version = await self._speaker.version()
        fixed = {kept_as(version, language, sentence.said(language)) for language in Language for sentence in Sentence}
        await asyncio.to_thread(self._kept.remove_older, KEPT_FOR, but=fixed)
        sentences = {(language, sentence.said(language)) for language in Language for sentence in Sentence}
        for place in set(self._memory) - sentences:
            del self._memory[place]

    async def _part(self, part: Part, language: Language) -> bytes:
        if isinstance(part, Sentence):
            if recorded := self._recordings.get((part, language)):
                return recorded
            part = part.said(language)
        place = language, part
        if place in self._memory:
            self._memory.move_to_end(place)
            return self._memory[place]
        if place not in self._making:
            task = self._making[place] = asyncio.create_task(self._make(part, language))
            task.add_done_callback(lambda done: self._made(place, done))
        # A caller who hangs up does not take the sound from the others who wait for it.
        return await asyncio.shield(self._making[place])

    def _made(self, place: tuple[Language, str], task: asyncio.Task[bytes]) -> None:
        del self._making[place]
        if task.cancelled() or task.exception() is not None:
            return
        self._memory[place] = task.result()
        while self._memory and sum(map(len, self._memory.values())) > self._room:
            self._memory.popitem(last=False)

    async def _make(self, text: str, language: Language) -> bytes:
        key = kept_as(await self._speaker.version(), language, text)
        if kept := await asyncio.to_thread(self._kept.get, key):
            return kept
        made = await self._speaker.say(text, language)
        await asyncio.to_thread(self._kept.put, key, made)
        return made


def kept_as(version: str, language: Language, text: str) -> str:
    """Under which key the sound of a text is in `KeptSounds`, as a speaker of this version reads it out."""
    parts = (_FORM, version, VOICES[language], str(WORDS_A_MINUTE), text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
