"""Keys as tones: what must be heard, and what must not (ITU-T Q.24)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import samples
from backoffice.voice.media.keys import DIGITS
from backoffice.voice.media.timestamps import FRAME
from backoffice.voice.media.tones import ToneDetector, may_be_of_a_key
from tests.voice.media import sounds

ALL = "123A456B789C*0#D" * 3


def lined(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """As it comes out of the line."""
    return samples(sounds.pcmu(sound), Codec.PCMU)


def detected(sound: npt.NDArray[np.float64]) -> str:
    detector = ToneDetector()
    heard = lined(np.concatenate((np.zeros(437), sound, np.zeros(1600))))
    return "".join(
        DIGITS[code] for at in range(0, len(heard) - FRAME + 1, FRAME) for code in detector.feed(heard[at : at + FRAME])
    )


@pytest.mark.parametrize(
    "how",
    [
        {"on": 100, "off": 100},
        {"on": 50, "off": 50},
        {"on": 40, "off": 60},
        {"on": 2000, "off": 100},
        {"level": -25},
        {"level": -32},
        {"twist": 6},
        {"twist": -6},
        {"on": 50, "off": 50, "twist": 6},
        {"off_by": 0.015},
        {"off_by": -0.015},
    ],
    ids=str,
)
def test_every_key_is_heard_once(how: dict[str, float]) -> None:
    assert detected(sounds.tone(ALL[:16] if how.get("on") == 2000 else ALL, **how)) == (
        ALL[:16] if how.get("on") == 2000 else ALL
    )


@pytest.mark.parametrize("distance", [15, 10])
def test_every_key_is_heard_in_noise(distance: int) -> None:
    sound = sounds.tone(ALL, on=50, off=50)

    assert detected(sound + sounds.noise(len(sound) / 8000, -12 - distance)) == ALL


@pytest.mark.parametrize(
    "how", [{"off_by": 0.035}, {"off_by": -0.035}, {"on": 23}, {"twist": 12}, {"level": -55}], ids=str
)
def test_what_is_no_key_is_refused(how: dict[str, float]) -> None:
    assert detected(sounds.tone(ALL, **how)) == ""


def test_one_frequency_alone_is_no_key() -> None:
    at = np.arange(8000) / 8000

    assert detected(8000 * np.sin(2 * np.pi * 770 * at)) == ""


def test_a_key_with_a_short_gap_is_one_key() -> None:
    whole = sounds.tone("5", on=300)
    whole[1000:1160] = 0

    assert detected(whole) == "5"


def test_a_tone_that_sounds_when_listening_begins_is_no_key() -> None:
    heard = lined(sounds.tone("5", on=500))
    detector = ToneDetector()

    assert [code for at in range(0, len(heard), FRAME) for code in detector.feed(heard[at : at + FRAME])] == []


def test_noise_and_speech_like_sound_make_no_digits() -> None:
    assert detected(sounds.noise(20)) == ""
    assert detected(sounds.speech(30)) == ""


def test_a_tone_in_the_midst_of_loud_sound_must_be_longer() -> None:
    """A press stands out of what was before, or at least it lasts. A vowel that resembles one does neither."""
    rng = np.random.default_rng(5)
    at = np.arange(8000) / 8000
    before = 4000 * (np.sin(2 * np.pi * 600 * at) + np.sin(2 * np.pi * 1900 * at)) + rng.normal(0, 100, 8000)

    assert detected(np.concatenate((before, sounds.tone("5", on=50, level=-18)))) == ""
    assert detected(np.concatenate((before, sounds.tone("5", on=100, level=-18)))) == "5"


@pytest.mark.parametrize("length", [64, 80, 120, 160])
def test_some_milliseconds_of_a_key_are_noticed_wherever_they_stand_in_a_frame(length: int) -> None:
    for digit in ALL[:16]:
        for start in range(0, FRAME - length + 1, 20):
            frame = np.zeros(FRAME)
            frame[start : start + length] = sounds.tone(digit, level=-20)[100 : 100 + length]
            assert may_be_of_a_key(lined(frame)), (digit, start)


def test_packets_of_any_length_are_looked_at() -> None:
    heard = lined(sounds.tone("5"))

    assert may_be_of_a_key(heard[:80])
    assert may_be_of_a_key(np.concatenate((np.zeros(240, np.int16), heard[:240])))
    assert not may_be_of_a_key(np.zeros(0, np.int16))


def test_speech_and_noise_seldom_seem_to_be_keys() -> None:
    for sound in (sounds.noise(10), sounds.speech(10)):
        heard = lined(sound)
        frames = [heard[at : at + FRAME] for at in range(0, len(heard), FRAME)]
        assert sum(map(may_be_of_a_key, frames)) < len(frames) / 20
