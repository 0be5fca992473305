"""No key can be heard in a recording, whenever it was pressed, and speech stays as it was."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from backoffice.voice.media.keys import DIGITS
from backoffice.voice.media.masking import Masking
from backoffice.voice.media.timestamps import FRAME, RATE
from backoffice.voice.media.tones import ToneDetector
from tests.voice.media import sounds

KEYS = "4000056655665556#"


def keys_in(sound: npt.NDArray[np.int16]) -> str:
    """What can be read out of it again."""
    detector = ToneDetector()
    detector.feed(np.zeros(10 * FRAME, np.int16))
    whole = np.concatenate((sound, np.zeros(-len(sound) % FRAME + 10 * FRAME, np.int16)))
    frames = whole.reshape(-1, FRAME)
    return "".join(DIGITS[code] for frame in frames for code in detector.feed(frame))


def recorded(said: npt.NDArray[np.float64], *, batch: int, lead: int = 0) -> npt.NDArray[np.int16]:
    """What is written of it, handed over in batches of so many samples, after a silence of `lead` samples."""
    one = np.concatenate((np.zeros(lead), np.clip(said, -32000, 32000))).astype(np.int16)
    both, masking = np.stack((one, one[::-1]), axis=1), Masking()
    parts = [masking.feed(both[at : at + batch]) for at in range(0, len(both), batch)]
    whole = np.concatenate((*parts, masking.feed(both[:0], last=True)))
    assert len(whole) == len(both)
    return whole


@pytest.mark.parametrize("batch", [FRAME, 7 * FRAME, RATE])
@pytest.mark.parametrize("on", [45, 100, 700])
def test_keys_are_silence_wherever_a_batch_ends(batch: int, on: int) -> None:
    said = sounds.tone(KEYS, on=on, off=60)
    for lead in (0, 730, 1810):
        whole = recorded(said, batch=batch, lead=lead)
        assert keys_in(np.concatenate((np.zeros(lead), said)).astype(np.int16)) == KEYS
        assert keys_in(whole[:, 0]) == ""
        assert np.abs(whole[:, 0]).max() < 100, "not even a part of one is left"


def test_keys_in_the_sound_of_a_room_and_after_words_are_silence() -> None:
    said = np.concatenate((sounds.speech(1.0), sounds.tone(KEYS, on=120, off=80), sounds.speech(1.0)))
    said += sounds.noise(len(said) / RATE + 1, level=-45)[: len(said)]
    before, whole = said.astype(np.int16), recorded(said, batch=RATE)

    assert keys_in(before) == KEYS
    assert keys_in(whole[:, 0]) == ""


def test_the_other_side_of_the_recording_is_masked_by_itself() -> None:
    said = np.concatenate((np.zeros(RATE), sounds.tone("5", on=200)))

    whole = recorded(said, batch=RATE)

    assert not whole[:, 1].any(), "its own key, at its own time"


def test_speech_stays_as_it_was() -> None:
    said = np.clip(sounds.speech(20.0), -32000, 32000).astype(np.int16)

    whole = recorded(said.astype(np.float64), batch=RATE)

    assert (whole[:, 0] == said).all()
