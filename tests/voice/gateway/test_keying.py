"""When an entry on a telephone is over, and what is wrong with it."""

from __future__ import annotations

import asyncio

import pytest

from backoffice.voice.gateway.keying import (
    PAUSE,
    PAUSE_AFTER_CHOICE,
    PAUSE_WHEN_FULL,
    Entry,
    Form,
    Stopped,
    Wrong,
)
from backoffice.voice.gateway.secrets_in_memory import SecretBytes
from backoffice.voice.media.keys import Key, KeySource
from backoffice.voice.media.playing import WAITS, Playing
from tests.voice.virtual_time import in_virtual_time

CODE = Form(3, 4, 60)


class Typing:
    """An entry while somebody types; `digits` is what is in it when it is over."""

    def __init__(self, form: Form = CODE) -> None:
        self.first = 0
        self.memory = SecretBytes(24)
        self.entry = Entry(form, self.memory, on_first=self._first)
        self.said: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.taking = asyncio.ensure_future(self.entry.take(self.said))

    def _first(self) -> None:
        self.first += 1

    async def types(self, keys: str, every: float = 0.3) -> None:
        for digit in keys:
            await asyncio.sleep(every)
            self.entry.press(Key(digit, KeySource.EVENT, 0.0))

    @property
    def digits(self) -> bytes:
        with self.memory.view() as content:
            return bytes(content)


@in_virtual_time
async def test_hash_ends_an_entry() -> None:
    typing = Typing()

    await typing.types("123#")

    assert await typing.taking is None
    assert typing.digits == b"123"
    assert typing.first == 1


@in_virtual_time
async def test_a_pause_ends_an_entry_that_is_long_enough() -> None:
    typing, loop = Typing(), asyncio.get_running_loop()

    await typing.types("123")
    began = loop.time()
    assert await typing.taking is None

    assert loop.time() - began == pytest.approx(PAUSE)


@in_virtual_time
async def test_a_full_entry_is_over_sooner() -> None:
    typing, loop = Typing(), asyncio.get_running_loop()

    await typing.types("1234")
    began = loop.time()
    assert await typing.taking is None

    assert loop.time() - began == pytest.approx(PAUSE_WHEN_FULL)
    assert typing.digits == b"1234"


@in_virtual_time
async def test_a_choice_is_over_soonest() -> None:
    typing, loop = Typing(Form(1, 1, 20)), asyncio.get_running_loop()

    await typing.types("1")
    began = loop.time()
    assert await typing.taking is None

    assert loop.time() - began == pytest.approx(PAUSE_AFTER_CHOICE)
    assert PAUSE_AFTER_CHOICE < PAUSE_WHEN_FULL


@in_virtual_time
async def test_a_second_key_by_mistake_is_no_choice() -> None:
    typing = Typing(Form(1, 1, 20))

    await typing.types("12")

    assert await typing.taking is Wrong.TOO_MANY


@in_virtual_time
@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ("#", Wrong.NOTHING),
        ("12#", Wrong.TOO_FEW),
        ("12345#", Wrong.TOO_MANY),
        ("12345", Wrong.TOO_MANY),
        ("1" * 40 + "#", Wrong.TOO_MANY),
        ("", Wrong.TOO_SLOW),
        ("12", Wrong.TOO_SLOW),
    ],
)
async def test_what_is_wrong_is_told(keys: str, wrong: Wrong) -> None:
    typing = Typing()
    typing.said.set_result(True)

    await typing.types(keys)

    assert await typing.taking is wrong


@in_virtual_time
async def test_a_hash_that_is_late_for_the_choice_before_counts_for_nothing() -> None:
    typing = Typing()

    await typing.types("#")
    assert typing.first == 0
    typing.said.set_result(True)
    await typing.types("123#")

    assert await typing.taking is None
    assert typing.digits == b"123"


@in_virtual_time
async def test_the_time_begins_when_all_was_said() -> None:
    typing, loop = Typing(Form(3, 4, 10)), asyncio.get_running_loop()

    await asyncio.sleep(30)
    assert not typing.taking.done()
    typing.said.set_result(True)

    assert await typing.taking is Wrong.TOO_SLOW
    assert loop.time() == pytest.approx(40)


@in_virtual_time
async def test_the_time_begins_with_the_first_key_if_that_is_sooner() -> None:
    typing, loop = Typing(Form(3, 4, 10)), asyncio.get_running_loop()

    await typing.types("1", every=5)

    assert await typing.taking is Wrong.TOO_SLOW
    assert loop.time() == pytest.approx(15)


@in_virtual_time
@pytest.mark.parametrize("keys", ["*", "1*", "1234*", "12345*"])
async def test_the_star_stops_at_any_time(keys: str) -> None:
    typing = Typing()

    await typing.types(keys)

    with pytest.raises(Stopped):
        await typing.taking


@in_virtual_time
async def test_no_person_presses_twenty_keys_in_a_second() -> None:
    typing, loop = Typing(Form(12, 19, 60)), asyncio.get_running_loop()

    await typing.types("4242424242424242424", every=0.05)
    began = loop.time()

    assert await typing.taking is Wrong.TOO_FAST
    assert loop.time() - began < 2 * PAUSE_WHEN_FULL


@in_virtual_time
async def test_the_rest_of_what_came_too_fast_does_not_count_for_the_next_try() -> None:
    typing = Typing(Form(12, 19, 60))
    await typing.types("4" * 40, every=0.05)

    assert await typing.taking is Wrong.TOO_FAST
    assert typing.entry._keys.empty()


@in_virtual_time
async def test_letters_are_passed_over() -> None:
    typing = Typing()

    await typing.types("A1B2C3D#")

    assert await typing.taking is None
    assert typing.digits == b"123"


@in_virtual_time
async def test_digits_that_can_be_none_of_these_are_asked_for_again() -> None:
    typing = Typing(Form(3, 4, 60, lambda digits: digits[-1] % 2 == 0))

    await typing.types("123#")

    assert await typing.taking is Wrong.NOT_VALID


@in_virtual_time
async def test_who_holds_the_line_does_not_keep_a_question_for_ever() -> None:
    """What is said to them waits meanwhile, and is never said to its end."""
    typing, loop = Typing(), asyncio.get_running_loop()

    assert await typing.taking is Wrong.TOO_SLOW
    assert loop.time() == pytest.approx(WAITS + CODE.seconds)
    assert not typing.said.done()


@in_virtual_time
async def test_a_prompt_that_is_never_played_to_its_end_is_over_all_the_same() -> None:
    playing, loop = Playing(b"\x80" * 160), asyncio.get_running_loop()

    assert await playing.ended() is False
    assert loop.time() == pytest.approx(WAITS)


@in_virtual_time
async def test_a_prompt_ends_with_whoever_waits_for_it() -> None:
    playing = Playing(b"\x80" * 160)
    waiting = asyncio.create_task(playing.ended())
    await asyncio.sleep(1)
    waiting.cancel()
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    assert playing.over.result() is False
