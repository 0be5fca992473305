from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from devstack.telephones import sounds
from devstack.telephones.line import Line
from devstack.telephones.words import Incoming, Transport


def peaks(samples: sounds.Samples) -> set[int]:
    spectrum = np.abs(np.fft.rfft(samples))
    return {int(index * sounds.RATE / len(samples)) for index in np.argsort(spectrum)[-2:]}


@pytest.mark.parametrize(
    ("key", "hertz"), [("1", (697, 1209)), ("0", (941, 1336)), ("#", (941, 1477)), ("D", (941, 1633))]
)
def test_a_key_has_its_two_tones_and_then_a_pause(key: str, hertz: tuple[int, int]) -> None:
    made = sounds.key_tones(key, pressed_ms=1000, pause_ms=100)

    assert peaks(made[:8000]) == set(hertz)
    assert len(made) == 8800
    assert not made[8000:].any()


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(sounds.NoSound, match="'X' is no key"):
        sounds.key_tones("1x", pressed_ms=50, pause_ms=50)


def test_keys_take_the_place_of_the_voice_and_the_voice_goes_on() -> None:
    mouth = sounds.Mouth()
    mouth.say_tone(400, 8000)
    voice = mouth.next_frame()
    mouth.press("1", pressed_ms=20, pause_ms=20)

    key, pause, after = mouth.next_frame(), mouth.next_frame(), mouth.next_frame()

    assert key == sounds.key_tones("1", pressed_ms=20, pause_ms=0).tobytes()
    assert not any(pause)
    assert after == voice  # 400 hertz fit 8 times into a frame
    assert not mouth.presses


def test_a_sound_file_is_said_once_and_then_silence(tmp_path: Path) -> None:
    path = write(tmp_path / "said.wav", b"\x01\x02" * 200, rate=8000)
    mouth = sounds.Mouth()
    mouth.say_file(path, again=False)

    assert [sum(map(bool, mouth.next_frame())) for _frame in range(3)] == [320, 80, 0]


@pytest.mark.parametrize("content", [None, b"RIFF", 16_000], ids=["not there", "cut short", "other rate"])
def test_a_file_that_is_no_sound_of_a_telephone_is_refused(tmp_path: Path, content: bytes | int | None) -> None:
    path = tmp_path / "said.wav"
    if isinstance(content, int):
        write(path, bytes(320), rate=content)
    elif content is not None:
        path.write_bytes(content)

    with pytest.raises(sounds.NoSound, match=r"said\.wav"):
        sounds.from_file(path)


def test_the_process_reads_the_line_that_its_driver_means() -> None:
    line = Line(
        name="agent",
        port=5060,
        rtp=(30_000, 30_010),
        incoming=Incoming.RING,
        transport=Transport.TLS,
        codecs=("pcma",),
        srtp=True,
        authorities=Path("authority.pem"),
    )

    assert Line.from_arguments(line.arguments()) == line
    assert line.uri == "sip:agent@127.0.0.1:5061;transport=tls"


def write(path: Path, content: bytes, *, rate: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(content)
    return path
