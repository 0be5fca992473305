"""Events on their way to the back office: in order, until they are taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping

import msgspec
import pytest

from backoffice.voice.contract import Answered, Event, Failure, Ringing, Role
from backoffice.voice.gateway import events
from backoffice.voice.gateway.events import Outbox, Poster
from backoffice.voice.signing import NotSigned, Verifier
from tests.voice.gateway.exchange import SECRET, serving, until


class Taker:
    """Answers the first `refuses` events with an error."""

    def __init__(self, refuses: int = 0) -> None:
        self.refuses = refuses
        self.tries = 0
        self.taken: list[Event] = []
        self._verifier = Verifier(SECRET)

    def __call__(self, _path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self.tries += 1
        try:
            self._verifier.check(body, headers)
        except NotSigned:
            return 401, b""
        if self.tries <= self.refuses:
            return 500, b""
        self.taken.append(msgspec.json.decode(body, type=Event))
        return 204, b""


def outbox(url: str, failures: Counter[Failure] | None = None) -> Outbox:
    return Outbox(
        Poster(url, SECRET), instance="i", conversation="c", failures=Counter() if failures is None else failures
    )


def test_events_are_signed_numbered_and_in_order_though_some_are_not_taken_at_once() -> None:
    taker = Taker(refuses=2)

    async def story() -> None:
        with serving(taker) as url:
            box = outbox(url)
            for number in range(10):
                box.tell(Ringing(role=Role.AGENT) if number % 2 else Answered(role=Role.AGENT))
            await until(lambda: box.is_empty)

    asyncio.run(story())

    assert [event.number for event in taker.taken] == list(range(1, 11))
    assert taker.tries == 12


def test_an_event_that_nobody_takes_is_given_up_in_the_end_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEPT_FOR", 0.0)
    failures = Counter({Failure.EVENT: 1})

    async def story() -> None:
        with serving(Taker(refuses=100)) as url:
            box = outbox(url, failures)
            box.tell(Ringing(role=Role.AGENT))
            await until(lambda: box.is_empty)

    asyncio.run(story())

    assert failures == {Failure.EVENT: 2}


@pytest.mark.parametrize("status", [400, 413])
def test_an_event_that_the_back_office_cannot_read_holds_up_none_of_those_that_follow(status: int) -> None:
    failures: Counter[Failure] = Counter()
    taken = []

    def reads_all_but_the_first(_path: str, _headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        number = msgspec.json.decode(body, type=Event).number
        taken.append(number)
        return (status if number == 1 else 204), b""

    async def story() -> None:
        with serving(reads_all_but_the_first) as url:
            box = outbox(url, failures)
            for _event in range(3):
                box.tell(Ringing(role=Role.AGENT))
            await until(lambda: box.is_empty)

    asyncio.run(story())

    assert taken == [1, 2, 3]
    assert failures == {Failure.EVENT: 1}


def test_a_back_office_that_is_away_is_tried_again() -> None:
    async def story() -> None:
        with serving(Taker()) as url:
            pass
        box = outbox(url)
        box.tell(Ringing(role=Role.AGENT))
        await asyncio.sleep(0.3)
        assert not box.is_empty
        await box.close()

    asyncio.run(story())
