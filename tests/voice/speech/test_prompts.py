from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from backoffice.voice.speech import sound
from backoffice.voice.speech.kept import KeptSounds
from backoffice.voice.speech.prompts import Prompt, Prompts
from backoffice.voice.speech.sentences import Sentence
from backoffice.voice.speech.speaking import TextRefused, check
from backoffice.voice.speech.words.language import Language
from tests.voice.speech.conftest import CountingSpeaker

EN, NL = Language.ENGLISH, Language.DUTCH
NINE = Prompt(EN, ("Nine",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prompts"


@pytest.fixture
def prompts(speaker: CountingSpeaker, folder: Path) -> Prompts:
    return Prompts(speaker, KeptSounds(folder))


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_prompt_is_read_out_once(runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts) -> None:
    first, second = runner.run(prompts.audio(NINE)), runner.run(prompts.audio(NINE))

    assert first == second
    assert 0.2 < sound.seconds(first) < 2
    assert speaker.said == ["Nine"]


def test_callers_at_the_same_moment_share_one_reading(
    runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts
) -> None:
    async def story() -> None:
        waiting = [asyncio.create_task(prompts.audio(NINE)) for _caller in range(5)]
        await asyncio.sleep(0)
        waiting[0].cancel()

        heard = await asyncio.gather(*waiting[1:])

        assert len(set(heard)) == 1
        assert waiting[0].cancelled()

    runner.run(story())
    assert speaker.said == ["Nine"]


def test_a_kept_prompt_outlives_the_process(
    runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts, folder: Path
) -> None:
    first = runner.run(prompts.audio(NINE))
    later = Prompts(speaker, KeptSounds(folder))

    assert runner.run(later.audio(NINE)) == first
    assert speaker.said == ["Nine"]


def test_the_same_words_in_another_language_are_another_sound(
    runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts
) -> None:
    assert runner.run(prompts.audio(Prompt(EN, ("Vier",)))) != runner.run(prompts.audio(Prompt(NL, ("Vier",))))
    assert speaker.said == ["Vier", "Vier"]


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-9], lambda whole: whole[:-1] + b"\x00", lambda _: b""],
    ids=["cut", "changed", "empty"],
)
def test_a_damaged_file_is_noticed_and_made_again(
    runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts, folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    whole = runner.run(prompts.audio(NINE))
    [file] = files(folder)
    file.write_bytes(damage(file.read_bytes()))

    again = runner.run(Prompts(speaker, KeptSounds(folder)).audio(NINE))

    assert len(again) == pytest.approx(len(whole), rel=0.02)
    assert speaker.said == ["Nine", "Nine"]
    assert KeptSounds(folder).get(file.stem) == again


def test_with_little_memory_prompts_come_from_the_folder(
    runner: asyncio.Runner, speaker: CountingSpeaker, folder: Path
) -> None:
    prompts = Prompts(speaker, KeptSounds(folder), memory=1)
    first = runner.run(prompts.audio(NINE))

    assert runner.run(prompts.audio(NINE)) == first
    assert speaker.said == ["Nine"]

    [file] = files(folder)
    file.unlink()
    runner.run(prompts.audio(NINE))
    assert speaker.said == ["Nine", "Nine"]


def test_the_parts_of_a_prompt_follow_each_other_after_a_pause(runner: asyncio.Runner, prompts: Prompts) -> None:
    parts = [runner.run(prompts.audio(Prompt(EN, (part,)))) for part in (Sentence.TRY_AGAIN, "Nine")]

    both = Prompt(EN, (Sentence.TRY_AGAIN, "Nine"))

    assert runner.run(prompts.audio(both)) == parts[0] + sound.silence(0.25) + parts[1]
    assert both.text == "Please try again. Nine"


def test_a_recording_takes_the_place_of_a_sentence_in_its_language(
    runner: asyncio.Runner, speaker: CountingSpeaker, folder: Path
) -> None:
    recorded = b"\x10" * 800
    prompts = Prompts(speaker, KeptSounds(folder), recordings={(Sentence.GOODBYE, EN): recorded})

    joined = runner.run(prompts.audio(Prompt(EN, ("Nine", Sentence.GOODBYE))))
    runner.run(prompts.audio(Prompt(NL, (Sentence.GOODBYE,))))

    assert joined.endswith(sound.silence(0.25) + recorded)
    assert speaker.said == ["Nine", Sentence.GOODBYE.said(NL)]


def test_of_a_prompt_with_a_part_that_cannot_be_read_out_nothing_is_played(
    runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts, folder: Path
) -> None:
    for _try in range(2):
        with pytest.raises(TextRefused):
            runner.run(prompts.audio(Prompt(EN, ("...",))))

    assert speaker.said == ["...", "..."]
    assert files(folder) == []


def test_what_is_kept_is_open_to_its_owner_only(folder: Path) -> None:
    KeptSounds(folder).put("key", b"sound")

    [file] = files(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_oldest_are_removed_when_there_are_too_many(folder: Path) -> None:
    kept = KeptSounds(folder, limit=1000)
    for number in range(5):
        kept.put(f"key{number}", bytes(200))
        os.utime(folder / f"key{number}.pcmu", (number, number)) if number < 4 else None

    assert [kept.get(f"key{number}") is not None for number in range(5)] == [False, False, True, True, True]
    assert KeptSounds(folder, limit=1000).get("key4") == bytes(200)


def test_after_a_day_the_sound_of_a_text_is_gone_but_not_that_of_a_sentence(
    runner: asyncio.Runner, speaker: CountingSpeaker, prompts: Prompts, folder: Path
) -> None:
    yesterday = time.time() - timedelta(days=1, minutes=1).total_seconds()
    runner.run(prompts.audio(Prompt(EN, ("Nine", Sentence.GOODBYE))))
    (folder / ".draft").touch()
    for file in files(folder):
        os.utime(file, (yesterday, yesterday))
    runner.run(prompts.audio(Prompt(EN, ("Ten",))))

    runner.run(prompts.forget_old())
    left = files(folder)
    runner.run(prompts.audio(Prompt(EN, ("Nine", Sentence.GOODBYE))))

    assert len(left) == 2, "the sentence, and the text of today"
    assert speaker.said == ["Nine", Sentence.GOODBYE.said(EN), "Ten", "Nine"]


def test_a_folder_that_takes_nothing_more_does_not_stop_a_call(folder: Path) -> None:
    kept = KeptSounds(folder)
    folder.rmdir()

    kept.put("key", b"sound")

    assert kept.get("key") is None


def test_each_sentence_has_words_that_can_be_said_in_each_language() -> None:
    for language in Language:
        texts = [sentence.said(language) for sentence in Sentence]
        for text in texts:
            check(text)
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("language", "star"), list(zip(Language, ("star", "sterretje", "gwiazdkę", "星号"), strict=True))
)
def test_who_is_asked_for_digits_is_told_how_to_stop(language: Language, star: str) -> None:
    for sentence in (Sentence.CARD_NUMBER, Sentence.EXPIRY_DATE, Sentence.SECURITY_CODE):
        assert star in sentence.said(language)
