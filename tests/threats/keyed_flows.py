"""Everything that somebody can key in on a telephone, with canaries: each flow of the gateway, right and wrong, by
events and by tones. All flows go at the same time, because most of a call is listening."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import Any, Self

from tests.factories import new_phone_number
from tests.faults.inside import Inside
from tests.threats.searching import Canaries
from tests.threats.wire_phone import WirePhone

KEYED = Canaries("400005736182", ("0739", "0941", "0864"))
CODE, EXPIRY, PIN = KEYED.codes
CUSTOMERS = (
    "known_card", "whole_card", "same_call", "stops", "hangs_up", "tops_up", "asks_who_calls", "is_slow", "goes_dead",
)  # fmt: skip
AGENTS = {"agent_of_known_card": "6101", "agent_of_same_call": "6102"}
EVERY = 0.15
"""Seconds between two looks at how far a call is."""
LOOKS = 14
"""Until a key must have counted."""


class Phones:
    """The telephones of all flows, in an event loop of their own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="telephones", daemon=True)
        self._all: dict[str, WirePhone] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        for name, number in self._numbers.items():
            self._all[name] = self.run(_made(number), within=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for phone in self._all.values():
            self.run(phone.__aexit__(), within=10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def __getitem__(self, name: str) -> WirePhone:
        return self._all[name]

    def start(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Does it in the loop of the telephones."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[Any, Any, Any], *, within: float) -> Any:
        """Does it there, and waits for its end."""
        return self.start(work).result(within)

    @property
    def dial_plan(self) -> dict[str, str]:
        """At which telephone each number is."""
        return {number: self._all[name].uri for name, number in self._numbers.items()}

    @property
    def _numbers(self) -> dict[str, str]:
        return {**{name: number_of(name) for name in CUSTOMERS}, **AGENTS}


async def _made(number: str) -> WirePhone:
    return await WirePhone(shows=number).__aenter__()


def number_of(name: str) -> str:
    return new_phone_number(10 + CUSTOMERS.index(name))


def card_of(name: str) -> str:
    return KEYED.number(CUSTOMERS.index(name))


class Flows:
    """`inside` orders and looks; `our_number` is where our public number is reached, by way of this port."""

    def __init__(self, inside: Inside, phones: Phones, *, our_number: str, port: int) -> None:
        self._inside, self._phones = inside.of("tests.threats.telephoning"), phones
        self._our_number, self._port = our_number, port

    async def all_but_dead(self) -> None:
        """Plays every flow to its end."""
        async with asyncio.TaskGroup() as group:
            for name in CUSTOMERS[:-1]:
                group.create_task(getattr(self, name)(self._phones[name]), name=name)

    async def known_card(self, phone: WirePhone) -> None:
        """A call-out with an agent, and the security code of a card on file; the PIN where it is read out, and at the
        end, where nobody asks for anything."""
        case = await self._ordered("known_card", extension=AGENTS["agent_of_known_card"])
        await self._agrees(phone, case)
        await self._asked(case, "security_code")
        await phone.keys(f"{CODE}#")
        await self._until(case, lambda at: at["money"] == "captured")
        await phone.keys(PIN, tones=True)
        await self._both_hang_up(phone, self._phones["agent_of_known_card"])

    async def whole_card(self, phone: WirePhone) -> None:
        """A call-out with a card that nobody knows yet, by tones."""
        case = await self._ordered("whole_card", last_four=card_of("whole_card")[-4:])
        await self._agrees(phone, case)
        for item, keys in (("card_number", card_of("whole_card")), ("expiry", EXPIRY), ("security_code", CODE)):
            await self._asked(case, item)
            await phone.keys(f"{keys}#", tones=True)
        await self._until(case, lambda at: at["money"] == "captured")
        await phone.is_over()

    async def same_call(self, phone: WirePhone) -> None:
        """The PIN while they talk, and too few keys before the right ones."""
        case = await self._ordered("same_call", extension=AGENTS["agent_of_same_call"], mode="same_call")
        await self._until(case, lambda at: at["is_joined"])
        await phone.keys(PIN, tones=True)
        await self._do("take_now", case_id=case)
        await self._agrees(phone, case, joins=False)
        await self._asked(case, "security_code")
        await phone.keys(f"{CODE[:2]}#", tones=True)
        await self._until(case, lambda at: at["keying"] == "asked_again")
        await phone.keys(f"{CODE}#", tones=True)
        await self._until(case, lambda at: at["money"] == "captured")
        await self._both_hang_up(phone, self._phones["agent_of_same_call"])

    async def stops(self, phone: WirePhone) -> None:
        """Far too many digits, then the number, and the star in the middle of the date."""
        case = await self._ordered("stops", last_four="7391")
        await self._agrees(phone, case)
        await self._asked(case, "card_number")
        await phone.keys(f"{card_of('stops')}{CODE}{PIN}{EXPIRY}#")
        await self._until(case, lambda at: at["keying"] == "asked_again")
        await phone.keys(f"{card_of('stops')}#")
        await self._asked(case, "expiry")
        await phone.keys(f"{EXPIRY[:3]}*")
        await self._until(case, lambda at: at["state"] == "closed")

    async def hangs_up(self, phone: WirePhone) -> None:
        """In the middle of the number."""
        case = await self._ordered("hangs_up", last_four="7391")
        await self._agrees(phone, case)
        await self._asked(case, "card_number")
        await phone.keys(card_of("hangs_up")[:14])
        phone.hang_up()
        await self._until(case, lambda at: at["state"] == "closed")

    async def tops_up(self, phone: WirePhone) -> None:
        """They call us, and key in the PIN in the menu and for the amount; then a whole card, which is kept."""
        told = await self._do("top_up", phone=number_of("tops_up"))
        await phone.dials(self._our_number, self._port)
        await phone.is_spoken_to()
        await phone.keys(f"{PIN}#")
        await phone.is_spoken_to()
        await phone.keys("2")
        at = partial(self._is_at_step, told["case"])
        for step, entries in (("code", [told["digits"]]), ("amount", [f"{PIN}#", "25#"])):
            await self._at_step(told["case"], step)
            for entry in entries[:-1]:
                await phone.is_spoken_to()
                await phone.keys(entry)
            await self._insists(phone, entries[-1], partial(at, step))
        await self._at_step(told["case"], "new_card")
        for keys in (card_of("tops_up"), EXPIRY, CODE):
            await phone.is_spoken_to()
            await phone.keys(f"{keys}#")
        for step in ("consent", "agreeing"):
            await self._at_step(told["case"], step)
            await self._insists(phone, "1", partial(at, step))
        await phone.is_over()
        found = await self._do("place_of_top_up", case_id=told["case"])
        assert found["money"] == "captured", found

    async def asks_who_calls(self, phone: WirePhone) -> None:
        """A card number, its parts and a PIN where the reference of a case is expected."""
        await phone.dials(self._our_number, self._port)
        await phone.is_spoken_to()
        await phone.keys("1")
        await phone.is_spoken_to()
        for keys in (f"{card_of('asks_who_calls')}#", f"{PIN}#", f"{card_of('asks_who_calls')}#"):
            await phone.keys(keys)
            await phone.is_spoken_to()
        phone.hang_up()
        await phone.is_over()

    async def is_slow(self, phone: WirePhone) -> None:
        """The time is over in the middle of the number."""
        conversation = f"canary-{uuid.uuid4().hex}"
        await self._do("rings", number=number_of("is_slow"), conversation=conversation)
        await phone.answered()
        while not await self._do("asks_for_card", conversation=conversation, seconds=5.0):
            await asyncio.sleep(EVERY)
        await phone.is_spoken_to()
        await phone.keys(card_of("is_slow")[:11])
        await phone.is_spoken_to()
        await self._do("hangs_up", conversation=conversation)
        await phone.is_over()

    async def goes_dead(self, phone: WirePhone) -> str:
        """The first eleven digits, and no more: the gateway waits. Gives the case."""
        case = await self._ordered("goes_dead", last_four="7391")
        await self._agrees(phone, case)
        await self._asked(case, "card_number")
        return case

    async def is_lost(self, case: str) -> None:
        """Until the process has found out that the line is gone."""
        await self._until(case, lambda at: at["ended_at"] not in ("", None), within=30)

    async def _both_hang_up(self, *phones: WirePhone) -> None:
        for phone in phones:
            phone.hang_up()
        for phone in phones:
            await phone.is_over()

    async def _ordered(self, name: str, **order: str) -> str:
        case = await self._do("ordered", phone=number_of(name), **order)
        return str(case)

    async def _agrees(self, phone: WirePhone, case: str, *, joins: bool = True) -> None:
        """Presses the PIN while it is read out, which counts for nothing, and 1 when all was said."""
        if joins:
            await phone.answered()
        await self._until(case, lambda at: at["stage"] == "linked")
        await phone.is_spoken_to()
        await phone.keys(PIN)

        async def asks() -> bool:
            return bool((await self._place(case))["stage"] == "linked")

        await self._insists(phone, "1", asks)

    async def _insists(self, phone: WirePhone, keys: str, asks: Callable[[], Awaitable[bool]]) -> None:
        """Once all was said, and again as long as it is asked for: before the end of a text no key may count."""
        async with asyncio.timeout(90):
            while await asks():
                await phone.is_told_all()
                if await asks():
                    await phone.keys(keys)
                for _look in range(LOOKS):
                    if not await asks():
                        return
                    await asyncio.sleep(EVERY)

    async def _asked(self, case: str, item: str) -> None:
        await self._until(case, lambda at: (at["item"], at["keying"]) == (item, "asked"))

    async def _at_step(self, case: str, step: str) -> None:
        try:
            async with asyncio.timeout(60):
                while not await self._is_at_step(case, step):
                    await asyncio.sleep(EVERY)
        except TimeoutError:
            raise AssertionError(f"not at {step}: {await self._do('place_of_top_up', case_id=case)}") from None

    async def _is_at_step(self, case: str, step: str) -> bool:
        return bool((await self._do("place_of_top_up", case_id=case))["step"] == step)

    async def _until(self, case: str, there: Callable[[dict[str, Any]], bool], *, within: float = 90) -> None:
        at: dict[str, Any] = {}
        try:
            async with asyncio.timeout(within):
                while not there(at := await self._place(case)):
                    await asyncio.sleep(EVERY)
        except TimeoutError:
            raise AssertionError(f"it stays where it is: {at}") from None

    async def _place(self, case: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._do("place", case_id=case)
        return found

    async def _do(self, name: str, **arguments: Any) -> Any:
        return await asyncio.to_thread(getattr(self._inside, name), **arguments)
