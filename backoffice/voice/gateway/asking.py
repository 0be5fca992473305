"""Asking somebody for digits on the telephone: says what is wanted, takes the entry, and asks again if it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backoffice.voice.gateway.keying import STOP, Entry, Form, Wrong
from backoffice.voice.gateway.secrets_in_memory import SecretBytes
from backoffice.voice.media.keys import Key
from backoffice.voice.media.legs import Leg
from backoffice.voice.media.playing import Playing
from backoffice.voice.speech.prompts import Part, Prompt, Prompts
from backoffice.voice.speech.sentences import Sentence
from backoffice.voice.speech.words.language import Language

SAYS: Mapping[Wrong, Sentence] = {
    Wrong.NOTHING: Sentence.TOO_FEW,
    Wrong.TOO_FEW: Sentence.TOO_FEW,
    Wrong.TOO_MANY: Sentence.TOO_MANY,
    Wrong.TOO_SLOW: Sentence.TIME_OVER,
    Wrong.TOO_FAST: Sentence.TOO_MANY,
    Wrong.NOT_VALID: Sentence.NOT_VALID,
}


class GivenUp(Exception):
    """Every try was wrong; `silent` if no key was pressed in any."""

    def __init__(self, *, silent: bool) -> None:
        super().__init__()
        self.silent = silent


class Asking:
    """Asks on one leg, in one language."""

    def __init__(self, leg: Leg, prompts: Prompts, language: Language) -> None:
        self._leg = leg
        self._prompts = prompts
        self._language = language

    async def say(self, *parts: Part) -> None:
        """Plays it to the end, unless something else is played meanwhile."""
        await self._play(await self._audio(parts)).ended()

    async def begin_to_say(self, *parts: Part) -> None:
        """Plays it, and does not wait for its end."""
        self._play(await self._audio(parts))

    async def digits(
        self,
        digits: SecretBytes,
        form: Form,
        *parts: Part,
        tries: int,
        whole: bool = False,
        on_typing: Callable[[], None] = lambda: None,
        on_wrong: Callable[[], None] = lambda: None,
    ) -> None:
        """Fills `digits` with an entry that is right. A key ends what is being said; with `whole` only the star does,
        and others do not count before its end. Raises `GivenUp`, `Stopped`, `SpeakerFailed`, `TextRefused`."""
        said: Sequence[Part] = parts
        silent = True

        def typing() -> None:
            nonlocal silent
            silent = False
            on_typing()

        for _try in range(tries):
            wrong = await self._one_try(digits, form, said, typing, whole=whole)
            if wrong is None:
                return
            digits.wipe()
            on_wrong()
            said = (SAYS[wrong], Sentence.TRY_AGAIN, *parts)
        raise GivenUp(silent=silent)

    async def _one_try(
        self,
        digits: SecretBytes,
        form: Form,
        said: Sequence[Part],
        on_typing: Callable[[], None],
        *,
        whole: bool,
    ) -> Wrong | None:
        playing = self._play(await self._audio(said))

        def begins() -> None:
            playing.stop()
            on_typing()

        entry = Entry(form, digits, on_first=begins)

        def press(key: Key) -> None:
            if not whole or playing.over.done() or key.digit == STOP:
                entry.press(key)

        self._leg.listen(press)
        try:
            return await entry.take(playing.over)
        finally:
            self._leg.stop_listening()
            playing.stop()

    async def _audio(self, parts: Sequence[Part]) -> bytes:
        return await self._prompts.audio(Prompt(self._language, tuple(parts)))

    def _play(self, sound: bytes) -> Playing:
        return self._leg.play(sound)
