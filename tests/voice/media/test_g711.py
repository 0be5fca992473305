"""G.711 against its standard. The values are those of ITU-T G.191's reference."""

from __future__ import annotations

import pytest

from backoffice.voice.media.agreed import Codec
from backoffice.voice.media.g711 import SILENCE, halved, is_silent, samples, transcoded

PCMU, PCMA = Codec.PCMU, Codec.PCMA


@pytest.mark.parametrize(
    ("codec", "byte", "sample"),
    [
        (PCMU, 0xFF, 0),
        (PCMU, 0x7F, 0),
        (PCMU, 0x80, 32124),
        (PCMU, 0x00, -32124),
        (PCMU, 0xCE, 988),
        (PCMA, 0xD5, 8),
        (PCMA, 0x55, -8),
        (PCMA, 0xAA, 32256),
        (PCMA, 0x2A, -32256),
        (PCMA, 0xFA, 1008),
    ],
)
def test_a_byte_is_the_sample_of_the_standard(codec: Codec, byte: int, sample: int) -> None:
    assert samples(bytes([byte]), codec).tolist() == [sample]


@pytest.mark.parametrize(("codec", "to"), [(PCMU, PCMA), (PCMA, PCMU)])
def test_another_codec_is_nearly_the_same_sound(codec: Codec, to: Codec) -> None:
    every = bytes(range(256))
    before, after = samples(every, codec).astype(int), samples(transcoded(every, codec, to), to).astype(int)

    assert (abs(before - after) <= 8 + abs(before) / 24).all()
    assert transcoded(every, codec, codec) is every


def test_silence_stays_silence() -> None:
    assert transcoded(SILENCE[PCMU], PCMU, PCMA) == SILENCE[PCMA]
    assert set(samples(transcoded(SILENCE[PCMA], PCMA, PCMU), PCMU)) == {8}, "A-law has no zero"


def test_half_is_half_and_stays_silent() -> None:
    every = bytes(range(256))
    for codec in Codec:
        whole, half = samples(every, codec).astype(int), samples(halved(every, codec), codec).astype(int)
        assert (abs(whole / 2 - half) <= 16 + abs(whole) / 32).all()
        assert is_silent(halved(SILENCE[codec], codec), codec)


def test_only_digital_silence_is_silent() -> None:
    assert is_silent(b"\xff" * 160, PCMU)
    assert is_silent(b"\xff\x7f" * 80, PCMU)
    assert is_silent(b"\xd5" * 160, PCMA)
    assert not is_silent(b"\xff" * 159 + b"\xfe", PCMU)
    assert not is_silent(b"\xd5" * 160, PCMU)
    assert not is_silent(b"\xff" * 160, PCMA)
