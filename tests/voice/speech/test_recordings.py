from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from backoffice.voice.speech import recordings, sound
from backoffice.voice.speech.sentences import Sentence
from backoffice.voice.speech.words.language import Language

TONE = (9000 * np.sin(np.arange(16_000) / 5)).astype("<i2").tobytes()


def write(path: Path, pcm: bytes = TONE, *, rate: int = 16_000, channels: int = 1, width: int = 2) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm)


def manifest(folder: Path, text: str) -> None:
    (folder / "manifest.toml").write_text(text)


def test_the_recordings_of_a_folder_are_made_fit_for_telephones(tmp_path: Path) -> None:
    write(tmp_path / "bye.wav")
    manifest(tmp_path, '[goodbye]\nen = "bye.wav"\nnl = "bye.wav"\n')

    found = recordings.load(tmp_path)

    assert set(found) == {(Sentence.GOODBYE, Language.ENGLISH), (Sentence.GOODBYE, Language.DUTCH)}
    assert sound.seconds(found[Sentence.GOODBYE, Language.DUTCH]) == 1


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ({"channels": 2}, "2 channels"),
        ({"width": 1}, "8 bits"),
        ({"rate": 4000}, "4000 Hz"),
        ({"rate": 96_000}, "96000 Hz"),
        ({"pcm": bytes(2 * 16_000 * 31)}, "longer than 30 seconds"),
        ({"pcm": bytes(3200)}, "silent"),
        ({"pcm": b""}, "silent"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_played_is_named(tmp_path: Path, file: dict[str, int], problem: str) -> None:
    write(tmp_path / "bye.wav", **file)  # type: ignore[arg-type]
    manifest(tmp_path, '[goodbye]\nen = "bye.wav"\n')

    with pytest.raises(recordings.BadRecordings, match=f"goodbye, en: .*{problem}"):
        recordings.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[farewell]\nen = "bye.wav"', "no sentence 'farewell'"),
        ('goodbye = "bye.wav"', "'goodbye' is no table"),
        ('[goodbye]\nde = "bye.wav"', "do not speak this language"),
        ('[goodbye]\nen = "../bye.wav"', "in the same folder"),
        ('[goodbye]\nen = "/bye.wav"', "in the same folder"),
        ("[goodbye]\nen = 7", "in the same folder"),
        ('[goodbye]\nen = "gone.wav"', "gone.wav cannot be read"),
        ('[goodbye]\nen = "manifest.toml"', "manifest.toml cannot be read as a WAV"),
        ("[goodbye", "manifest.toml cannot be read"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path / "bye.wav")
    manifest(tmp_path, text)

    with pytest.raises(recordings.BadRecordings, match=problem):
        recordings.load(tmp_path)


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "bye.wav")
    whole = (tmp_path / "bye.wav").read_bytes()
    (tmp_path / "bye.wav").write_bytes(whole[:-1000])
    manifest(tmp_path, '[goodbye]\nen = "bye.wav"')

    with pytest.raises(recordings.BadRecordings, match="cut short"):
        recordings.load(tmp_path)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    manifest(tmp_path, '[goodbye]\nde = "bye.wav"\nen = "gone.wav"\n[farewell]\nen = "bye.wav"\n')

    with pytest.raises(recordings.BadRecordings) as refused:
        recordings.load(tmp_path)

    assert len(refused.value.problems) == 3


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(recordings.BadRecordings, match=r"manifest\.toml"):
        recordings.load(tmp_path)
