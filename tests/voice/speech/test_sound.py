from __future__ import annotations

import numpy as np
import pytest
from aiortp.codecs.g711 import PcmuCodec

from backoffice.voice.speech import sound


def tones(*hertz: float, rate: int) -> sound.Samples:
    times = np.arange(rate) / rate
    made: sound.Samples = np.sum([8000 * np.sin(2 * np.pi * frequency * times) for frequency in hertz], axis=0)
    return made


def spectrum(pcmu: bytes) -> sound.Samples:
    """The level in decibels of each hertz, of the second that is heard; the loudest has 0."""
    samples = np.frombuffer(PcmuCodec().decode(pcmu), "<i2").astype(np.float64)
    assert len(samples) == sound.RATE
    levels = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    decibels: sound.Samples = 20 * np.log10(levels / levels.max() + 1e-9)
    return decibels


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_what_a_telephone_carries_keeps_its_pitch_and_level(rate: int) -> None:
    heard = spectrum(sound.for_telephones(tones(300, 3300, rate=rate), rate))

    assert heard[300] == pytest.approx(heard[3300], abs=0.3)
    assert max(heard[400:3200]) < -30


@pytest.mark.parametrize("rate", [11_025, 16_000, 22_050, 44_100, 48_000])
def test_what_a_telephone_does_not_carry_is_not_folded_into_what_it_does(rate: int) -> None:
    heard = spectrum(sound.for_telephones(tones(500, 4500, rate=rate), rate))

    assert heard[8000 - 4500] < -40


@pytest.mark.parametrize("amplitude", [200, 30_000])
def test_a_sound_is_made_as_loud_as_the_others(amplitude: int) -> None:
    said = sound.for_telephones(tones(1000, rate=8000) * amplitude / 8000, 8000)

    peak = np.max(np.abs(np.frombuffer(PcmuCodec().decode(said), "<i2")))
    assert peak == pytest.approx(32_767 / 2, rel=0.03)


def test_silence_stays_silence() -> None:
    assert sound.for_telephones(np.zeros(441), 22_050) == sound.silence(0.02)
    assert PcmuCodec().decode(sound.silence(0.02)) == bytes(320)
