"""What the two telephones say and hear, and what a test waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from backoffice.voice.contract import Capture, Item, Keying
from devstack.telephones.hearing import Level
from devstack.telephones.telephone import PhoneFailed, available
from tests.voice.gateway.exchange import Exchange, new_key, until

NEEDS_PHONES = pytest.mark.skipif(bool(available()), reason=available() or "the phones run here")
AGENT_SAYS, CUSTOMER_SAYS = 440, 1000
SILENT = 20
"""The most that a telephone makes of digital silence (RMS of 32,767)."""
Story = Callable[[Exchange], Awaitable[None]]


def is_tone(hertz: int) -> Callable[[Level], bool]:
    return lambda level: level.rms > 2000 and abs(level.hertz - hertz) <= 10


def is_speech(level: Level) -> bool:
    return level.rms > 300 and abs(level.hertz - AGENT_SAYS) > 20


async def asked(it: Exchange, *items: Item, tries: int = 3) -> tuple[str, str]:
    """A conversation of both in which the customer hears the first question; its id and the capture's key."""
    conversation, key = await it.joined(), new_key()
    await it.customer.heard(is_tone(AGENT_SAYS), lasting=0.1)
    await it.do(Capture(key=key, conversation=conversation, items=items, language="en", tries=tries))
    await it.customer.heard(is_speech)
    return conversation, key


async def dials(it: Exchange, uri: str) -> None:
    """The customer calls, as soon as their last call is over on their phone, too."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await it.customer.dial(uri)
            except PhoneFailed:
                await asyncio.sleep(0.05)


async def is_asked(it: Exchange, conversation: str, item: Item) -> None:
    """Waits until the gateway asks for this item."""
    await until(lambda: it.office.of(conversation, Keying)[-1].item is item)
