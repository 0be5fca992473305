from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from backoffice.voice.speech.speaking import Speaker
from backoffice.voice.speech.words.language import Language


class CountingSpeaker(Speaker):
    """Notes what it is asked to say."""

    said: list[str]

    async def say(self, text: str, language: Language) -> bytes:
        self.said.append(text)
        return await super().say(text, language)


@pytest.fixture(scope="package")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="package")
def _speaker(runner: asyncio.Runner) -> Iterator[CountingSpeaker]:
    speaker = CountingSpeaker()
    yield speaker
    runner.run(speaker.close())


@pytest.fixture
def speaker(_speaker: CountingSpeaker) -> CountingSpeaker:
    """One process for all tests, which starts again after those that kill it."""
    _speaker.said = []
    return _speaker
