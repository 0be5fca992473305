"""Recorded files that a business puts in the place of our spoken sentences.

Its folder has a `manifest.toml` with a table for each sentence (see `Sentence`), which names a WAV file for a language:

    [goodbye]
    en = "goodbye-english.wav"
    nl = "tot-ziens.wav"

All is read and checked at the start, so that no call finds a file missing.
"""

from __future__ import annotations

import tomllib
import wave
from collections.abc import Mapping
from pathlib import Path

from . import sound
from .sentences import Sentence
from .words.language import Language

MANIFEST = "manifest.toml"
LONGEST = 30
"""Seconds that a recording may last."""


class BadRecordings(Exception):
    """The folder cannot be used. `problems` has a sentence for each thing to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class _Unfit(Exception):
    """What is wrong with one file."""


Recordings = Mapping[tuple[Sentence, Language], bytes]
"""µ-law at 8 kHz for the sentences that have a recording."""


def load(folder: Path) -> Recordings:
    """The recordings of a folder. Raises BadRecordings with all that is wrong with it."""
    try:
        manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRecordings([f"{MANIFEST} cannot be read: {error}."]) from error
    found: dict[tuple[Sentence, Language], bytes] = {}
    problems = []
    for code, files in manifest.items():
        if code not in set(Sentence):
            problems.append(f"There is no sentence {code!r}.")
        elif not isinstance(files, dict):
            problems.append(f"{code!r} is no table of languages.")
        else:
            for language, name in files.items():
                try:
                    found[Sentence(code), _language(language)] = _read(folder, name)
                except _Unfit as problem:
                    problems.append(f"{code}, {language}: {problem}.")
    if problems:
        raise BadRecordings(problems)
    return found


def _language(code: str) -> Language:
    if code not in set(Language):
        raise _Unfit("we do not speak this language")
    return Language(code)


def _read(folder: Path, name: object) -> bytes:
    if not isinstance(name, str) or Path(name).name != name:
        raise _Unfit("give the name of a file in the same folder")
    try:
        with wave.open(str(folder / name), "rb") as file:
            channels, width, rate, count = file.getparams()[:4]
            _check(channels, width, rate, count)
            samples = sound.from_pcm(file.readframes(count))
    except (OSError, EOFError, wave.Error) as error:
        raise _Unfit(f"{name} cannot be read as a WAV file ({error})") from error
    if len(samples) != count:
        raise _Unfit(f"{name} is cut short")
    if sound.is_silent(samples):
        raise _Unfit(f"{name} is silent")
    return sound.for_telephones(samples, rate)


def _check(channels: int, width: int, rate: int, count: int) -> None:
    if channels != 1:
        raise _Unfit(f"it has {channels} channels; one is needed")
    if width != 2:
        raise _Unfit(f"it has {8 * width} bits a sample; 16 are needed")
    if not sound.LOWEST_RATE <= rate <= sound.HIGHEST_RATE:
        raise _Unfit(f"it has {rate} Hz; from {sound.LOWEST_RATE} to {sound.HIGHEST_RATE} are needed")
    if count > LONGEST * rate:
        raise _Unfit(f"it is longer than {LONGEST} seconds")
