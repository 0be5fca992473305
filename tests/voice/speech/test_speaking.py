from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from aiortp.codecs.g711 import PcmuCodec

from backoffice.voice.speech import sound
from backoffice.voice.speech.speaking import EngineFiles, Speaker, SpeakerFailed, TextRefused
from backoffice.voice.speech.words.language import Language

EN, NL, PL, ZH = Language.ENGLISH, Language.DUTCH, Language.POLISH, Language.CHINESE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "You are paying twelve euros to the flower shop."),
        (NL, "U betaalt twaalf euro aan de bloemenwinkel."),
        (PL, "Kwiaciarnia otrzyma od ciebie dwanaście euro."),
        (ZH, "您向花店支付十二欧元。"),
    ],
)
def test_each_language_is_spoken_at_the_speed_and_loudness_of_a_person(
    runner: asyncio.Runner, speaker: Speaker, language: Language, text: str
) -> None:
    said = runner.run(speaker.say(text, language))

    samples = np.frombuffer(PcmuCodec().decode(said), "<i2").astype(np.float64)
    loud = np.abs(samples) > 500
    assert 2 < sound.seconds(said) < 5
    assert np.max(np.abs(samples)) == pytest.approx(16_400, rel=0.05)
    assert 0.2 < np.mean(loud) < 0.9


def test_a_language_has_a_voice_of_its_own(runner: asyncio.Runner, speaker: Speaker) -> None:
    said = {runner.run(speaker.say("Vier", language)) for language in (EN, NL, PL)}

    assert len(said) == 3


def test_it_comes_back_after_it_died_and_is_given_no_secrets(
    runner: asyncio.Runner, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    before = runner.run(speaker.say("Twelve euros", EN))
    first = speaker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert len(runner.run(speaker.say("Twelve euros", EN))) == pytest.approx(len(before), rel=0.02)
    assert speaker.pid != first
    if sys.platform == "linux":
        mapped = Path(f"/proc/{speaker.pid}/maps").read_text()
        assert ("espeak" in mapped, "numpy" in mapped) == (True, False), "a GPL library, and nothing that we import"
        assert b"secret" not in Path(f"/proc/{speaker.pid}/environ").read_bytes()


def test_it_is_killed_when_a_text_takes_too_long(runner: asyncio.Runner) -> None:
    async def story() -> None:
        speaker = Speaker(limit=timedelta(seconds=0.2))
        await speaker.version()
        stuck = speaker.pid
        assert stuck is not None
        os.kill(stuck, signal.SIGSTOP)

        with pytest.raises(SpeakerFailed, match="longer than"):
            await speaker.say("Twelve euros", EN)

        assert speaker.pid is None
        with pytest.raises(ProcessLookupError):
            os.kill(stuck, 0)

    runner.run(story())


def test_a_caller_who_gives_up_does_not_leave_its_answer_to_the_next(runner: asyncio.Runner, speaker: Speaker) -> None:
    async def story() -> None:
        expected = await speaker.say("Nine", EN)
        given_up = asyncio.create_task(speaker.say("A long text about flowers. " * 20, EN))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        given_up.cancel()

        assert len(await speaker.say("Nine", EN)) == pytest.approx(len(expected), rel=0.02)
        assert given_up.cancelled()

    runner.run(story())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t ",
        "x" * 1001,
        "one\x01+90S two",
        "one\x1b[2Jtwo",
        "one\ntwo",
        "one\x00two",
        "one\u202etwo",
        "\ud800",
        "...",
    ],
    ids=ascii,
)
def test_a_hostile_text_is_refused_and_the_speaker_lives(runner: asyncio.Runner, speaker: Speaker, text: str) -> None:
    runner.run(speaker.version())
    process = speaker.pid

    with pytest.raises(TextRefused):
        runner.run(speaker.say(text, EN))

    assert speaker.pid == process


def test_marks_of_other_engines_are_read_as_text(runner: asyncio.Runner, speaker: Speaker) -> None:
    marked = "<speak><break time='60s'/><audio src='file:///etc/passwd'>a</audio> &lt; [[h@l'oU]] \\! %s $(id)</speak>"

    said = runner.run(speaker.say(marked, EN))

    assert 2 < sound.seconds(said) < 20


def test_a_text_that_takes_more_than_two_minutes_is_refused(runner: asyncio.Runner, speaker: Speaker) -> None:
    with pytest.raises(TextRefused, match="longer than 120 seconds"):
        runner.run(speaker.say("一" * 1000, ZH))


@pytest.mark.parametrize("missing", ["library", "data"])
def test_without_its_files_it_says_what_is_missing(runner: asyncio.Runner, tmp_path: Path, missing: str) -> None:
    there = EngineFiles.installed()
    nowhere = tmp_path / "nowhere"
    files = EngineFiles(nowhere, there.data) if missing == "library" else EngineFiles(there.library, nowhere)

    with pytest.raises(SpeakerFailed, match="nowhere"):
        runner.run(Speaker(files).say("Nine", EN))
