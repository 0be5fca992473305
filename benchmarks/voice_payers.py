"""Pays orders with real telephones on a stack of its own, for `voice_paying.py`: `python -m benchmarks.voice_payers`.

For each line on standard input it pays one, and writes the moments of it as a line of JSON, in seconds. It writes one
more when it is ready, after an order that is not counted. It ends, and the stack with it, when its input ends.

The telephones are the independent ones of the demonstration (baresip), in processes of their own. Both take a call at
once. The customer listens to the end, waits for a moment as people do, and presses.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import product
from benchmarks.driver import running
from benchmarks.session import end_well_when_terminated
from benchmarks.voice_shop import AGENTS_NUMBER, APPROVED, NUMBERS, Console, Payer, Provider, Shop
from devstack import voice
from devstack.telephones.hearing import Level
from devstack.telephones.telephone import Telephone
from devstack.telephones.words import Report

CUSTOMER, AGENT = "customer", "agent"
AGREES, CODE, END = "1", "123", "#"
THINKS = 0.4
"""Seconds from the end of what the customer hears to their first key."""
STRAIGHT = 5
"""How often the provider is asked straight, beside each order."""
_LOUD = 300
"""The effective value above which somebody speaks."""
_WINDOW = 0.1
_RINGS_WITHIN, _SPEAKS_WITHIN, _PAID_WITHIN = 20.0, 20.0, 30.0
_LOOKS_EVERY = 0.05


class Caller:
    """Plays the customer and the agent. Moments are monotonic."""

    def __init__(self, console: Console, provider: Provider, prompts: Path, phones: Mapping[str, Telephone]) -> None:
        self._console, self._provider, self._prompts = console, provider, prompts
        self._customer, self._agent = phones[CUSTOMER], phones[AGENT]

    async def pays(self, payer: Payer) -> dict[str, float]:
        """One order, from its form to the money: what happened when, and how long was spoken, thought and pressed."""
        form = await asyncio.to_thread(self._console.form)
        sent = time.monotonic()
        ordering = asyncio.create_task(asyncio.to_thread(self._console.order, payer, form))
        rings = (await self._customer.sees(Report.CALLED, within=_RINGS_WITHIN)).at
        taken = (await self._customer.sees(Report.ESTABLISHED)).at
        order = await ordering
        page = asyncio.create_task(asyncio.to_thread(order.shows, *APPROVED))
        reading = await self._speech(taken)
        read = await asyncio.to_thread(length_of_reading, order.reference, self._prompts)
        began, agreed = await self._press(AGREES, after=reading + read)
        agent = asyncio.create_task(self._agent_comes())
        asking = await self._speech(agreed)
        asked = await asyncio.to_thread(length_of_question, order.reference, self._prompts)
        code_began, keyed = await self._press(CODE + END, after=asking + asked)
        commits = await self._until_paid(order.reference)
        shown = await page
        straight = [await self._provider.seconds(payer.card, CODE) for _each in range(STRAIGHT)]
        await self._hang_up()
        return {
            "sent": sent, "rings": rings, "taken": taken, "reading": reading, "read": read, "agreed": agreed,
            "asking": asking, "asked": asked, "last key": keyed, **commits, "shown": shown,
            "thought": 2 * THINKS, "pressed": agreed - began + keyed - code_began, "agent's pick-up": await agent,
            "straight": sorted(straight)[STRAIGHT // 2],
        }  # fmt: skip

    async def _speech(self, since: float) -> float:
        """When somebody begins to speak after that moment, to half of the 100 ms that the telephone listens to at
        once."""
        found = await self._customer.heard(_is_speech, lasting=_WINDOW, since=since, within=_SPEAKS_WITHIN)
        return found[0].at - _WINDOW / 2

    async def _press(self, keys: str, *, after: float) -> tuple[float, float]:
        """When the first key began and when the last one ended."""
        await asyncio.sleep(after + THINKS - time.monotonic())
        began = time.monotonic()
        if len(keys) > 1:
            await self._customer.press(keys[:-1])
        return began, await self._customer.press(keys[-1], pause_ms=0)

    async def _agent_comes(self) -> float:
        """How long the agent's telephone takes to answer."""
        rings = await self._agent.sees(Report.CALLED, within=_RINGS_WITHIN)
        return (await self._agent.sees(Report.ESTABLISHED)).at - rings.at

    async def _until_paid(self, reference: str) -> dict[str, float]:
        async with asyncio.timeout(_PAID_WITHIN):
            while "captured noted" not in (found := await asyncio.to_thread(commits, reference)):
                await asyncio.sleep(_LOOKS_EVERY)
        return found

    async def _hang_up(self) -> None:
        for phone in (self._customer, self._agent):
            await phone.hang_up()
            await phone.sees(Report.CLOSED)


def _is_speech(level: Level) -> bool:
    return level.rms > _LOUD


def commits(reference: str) -> dict[str, float]:
    """When the transactions were committed in which this was noted of a case: by PostgreSQL's own time stamps."""
    from django.db import connection

    kinds = {f"payment.{name}": f"{name} noted" for name in ("answered", "agreed", "keyed", "authorised", "captured")}
    offset = time.monotonic() - time.time()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.kind, extract(epoch FROM pg_xact_commit_timestamp(e.xmin))
               FROM cases_event e JOIN cases_case c ON c.id = e.case_id
               WHERE c.reference = %s AND e.kind = ANY(%s)""",
            [reference, list(kinds)],
        )
        return {kinds[kind]: float(at) + offset for kind, at in cursor.fetchall()}


def length_of_reading(reference: str, prompts: Path) -> float:
    """Seconds for which the order is read out, as the gateway keeps the sound."""
    from backoffice.payments.voice import linking

    payment = _payment(reference)
    return _length(prompts, linking.sentence(payment, is_new=True), linking.language_of(payment))


def length_of_question(reference: str, prompts: Path) -> float:
    """Seconds for which the customer is asked for the security code."""
    from backoffice.payments.voice import linking
    from backoffice.voice.speech.sentences import Sentence

    language = linking.language_of(_payment(reference))
    return _length(prompts, Sentence.SECURITY_CODE.said(language), language)


def _payment(reference: str) -> Any:
    from backoffice.payments.voice.models import VoicePayment

    return VoicePayment.objects.select_related("case", "merchant", "point__customer").get(case__reference=reference)


def _length(prompts: Path, text: str, language: Any) -> float:
    from backoffice.voice.media.timestamps import RATE
    from backoffice.voice.speech.kept import KeptSounds
    from backoffice.voice.speech.prompts import kept_as

    sound = KeptSounds(prompts).get(kept_as(_speaker(), language, text))
    assert sound is not None, "the gateway keeps what it reads out"
    return len(sound) / RATE


@cache
def _speaker() -> str:
    from backoffice.voice.speech.speaking import Speaker

    async def version() -> str:
        speaker = Speaker()
        try:
            return await speaker.version()
        finally:
            await speaker.close()

    return asyncio.run(version())


async def serve(stack: Any, answer: Callable[[Mapping[str, float]], None]) -> None:
    """Pays an order for each line that comes, each of another customer."""
    shop = Shop(product, stack.addresses)
    console = await asyncio.to_thread(shop.console)
    async with AsyncExitStack() as held:
        lines = {name: voice.line(name, stack.addresses) for name in (CUSTOMER, AGENT)}
        phones = {name: await held.enter_async_context(Telephone(line)) for name, line in lines.items()}
        caller = Caller(console, Provider(), voice.prompts(stack.data_dir), phones)
        line = "the first"
        while line:
            [payer] = await asyncio.to_thread(shop.make, 1)
            answer(await caller.pays(payer))
            line = await asyncio.to_thread(sys.stdin.readline)


def main() -> None:
    end_well_when_terminated()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with running(product, also=["voice"], telephones={CUSTOMER: NUMBERS, AGENT: [AGENTS_NUMBER]}) as (stack, _beside):
        import django

        django.setup()
        asyncio.run(serve(stack, lambda moments: print(json.dumps(moments), file=answers, flush=True)))


if __name__ == "__main__":
    main()
