"""Spoken texts name payees and amounts: they are forgotten in time, whatever else fails."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

import pytest

from backoffice.voice.gateway import serving
from backoffice.voice.speech.prompts import Prompts
from backoffice.voice.speech.speaking import EngineFiles, Speaker, SpeakerFailed
from tests.voice.virtual_time import in_virtual_time


class Forgetful:
    """Prompts whose speaker fails at first."""

    def __init__(self, *failures: Exception) -> None:
        self.asked = 0
        self._failures = list(failures)

    async def forget_old(self) -> None:
        self.asked += 1
        if self._failures:
            raise self._failures.pop()


@in_virtual_time
async def test_old_texts_are_forgotten_in_the_next_hour_where_it_failed_in_this_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "FORGETS_EVERY", 60)
    prompts = Forgetful(SpeakerFailed("died"), OSError(5, "Input/output error"))
    async with serving._forgetting(cast("Prompts", prompts)):
        await asyncio.sleep(3.5 * 60)

    assert prompts.asked == 3
    assert [one.levelno for one in caplog.records] == [logging.ERROR] * 2
    assert "Input/output" not in caplog.text


def test_a_speaker_that_cannot_be_started_is_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_descriptor_left(*_arguments: object, **_more: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no_descriptor_left)

    with pytest.raises(SpeakerFailed, match="Too many open files"):
        asyncio.run(Speaker(EngineFiles.installed()).version())
