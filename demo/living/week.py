"""The played week: who had which case, when it was opened, and how it went."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cards.models import Card, Reason
from backoffice.cases import outbox
from backoffice.cases.models import Case
from demo.living import outside, scripts
from demo.living.clock import Loop, on_the_clock_of
from demo.living.engine import Engine
from demo.living.people import OPENED_BY, People

Script = Callable[[People, Case], Awaitable[object]]
LONGEST = timedelta(days=19)
"""The oldest case began so long ago."""
FRAUD, LOST, STOLEN, DAMAGED, EXPIRING = Reason.FRAUD, Reason.LOST, Reason.STOLEN, Reason.DAMAGED, Reason.EXPIRING
DETECTOR = Actor(kind=ActorKind.OUTSIDE, id="detector", channel=Channel.API)
SHOPS = ("Elektro Outlet", "Nordlicht Reisen", "Game Top-up", "Sklep Sportowy", "Harbour Jewellers")


@dataclass(frozen=True)
class Told:
    """A case: whose card, why, how many hours ago, and its script. `by` is who reported it: "" for the customer, or
    for a misuse the detector."""

    whose: str
    reason: Reason
    hours: float
    script: Callable[..., Awaitable[object]]
    by: str = ""
    visitor: str = ""
    ahead: float = 0
    """For a case with a visit: who makes it, and so many hours from now it begins; negative ones are over."""
    more: Mapping[str, object] = field(default_factory=dict)
    held_by: str = ""
    """Who holds the item that waits for staff in the end."""
    given_by: str = ""
    """Who handed it over to its holder; "" if the holder took it from the list."""

    def script_at(self, now: datetime) -> Script:
        if not self.visitor:
            return self.script
        starts = (now + timedelta(hours=self.ahead)).replace(second=0, microsecond=0)
        return partial(self.script, visitor=self.visitor, starts=starts, **self.more)


CASES = [
    # waiting for their customers
    Told("jansen.p", FRAUD, 0.4, scripts.silent),
    Told("oconnor", LOST, 6, scripts.silent),
    Told("wang", FRAUD, 30, scripts.silent),
    Told("kowalski", STOLEN, 80, scripts.silent, by="hanna"),
    Told("fiets", DAMAGED, 20, scripts.silent, by="hanna"),
    Told("jansen.m", LOST, 9, scripts.proven),
    Told("patel", FRAUD, 3, scripts.half_answered),
    Told("smit.j", EXPIRING, 100, scripts.proven, by="hanna"),
    Told("garcia", STOLEN, 26, scripts.offered),
    Told("visser.t", FRAUD, 70, scripts.nobody_home, visitor="vera", ahead=-26),
    # waiting for the desk
    Told("zolc", LOST, 5, scripts.wrong_address, held_by="hanna"),
    Told("lindqvist", DAMAGED, 60, scripts.wrong_address, by="hanna", held_by="hanna", given_by="sam"),
    Told("mueller", FRAUD, 1.5, scripts.told_a_code),
    Told("degroot", LOST, 14.9 * 24, scripts.never_answered, by="hanna"),
    Told("petrov", FRAUD, 44, scripts.refused_by_the_issuer, held_by="sam"),
    Told("astrom", FRAUD, 90, partial(scripts.identified_otherwise, how="branch")),
    Told("okafor", STOLEN, 40, partial(scripts.identified_otherwise, how="remote")),
    # visits: in whose window we are, agreed for today and the next days, and to be looked at; at any time one of
    # the visitors is free for an hour, so that the story finds one
    Told("devries", FRAUD, 26, scripts.agreed, visitor="viktor", ahead=-0.25, more={"hours": 2.25}),
    Told("yilmaz", FRAUD, 30, scripts.agreed, visitor="viktor", ahead=2.5),
    Told("elamrani", STOLEN, 12, scripts.agreed, visitor="vera", ahead=5.5),
    Told("bakker.l", FRAUD, 20, scripts.agreed, visitor="viktor", ahead=24),
    Told("hendriks", FRAUD, 8, scripts.agreed, visitor="vera", ahead=27),
    Told("vanvliet", FRAUD, 16, scripts.agreed, visitor="vera", ahead=51),
    Told("vermeulen", FRAUD, 40, scripts.visited, visitor="vera", ahead=-2),
    Told(
        "sukarni",
        FRAUD,
        75,
        scripts.visited,
        visitor="viktor",
        ahead=-28,
        more={"remarks": "The beard is new."},
        held_by="sam",
    ),
    Told("vandenberg", FRAUD, 50, scripts.expects_nobody, visitor="viktor", ahead=-5),
    # to be approved
    Told("desouza", FRAUD, 60, scripts.to_approve, visitor="viktor", ahead=-20),
    Told("kaminska", STOLEN, 120, scripts.to_approve, visitor="vera", ahead=-80, held_by="ada"),
    # paused
    Told("oeztuerk", FRAUD, 28, scripts.frozen),
    Told("wojcik", FRAUD, 74, scripts.mismatch, visitor="vera", ahead=-46),
    # the new card is ordered, posted, and delivered
    Told("lefevre", FRAUD, 5, scripts.ordered),
    Told("optyk", DAMAGED, 10, scripts.ordered, by="hanna"),
    Told("suharto", STOLEN, 130, scripts.approved, visitor="viktor", ahead=-60),
    Told("szymanski", LOST, 40, scripts.shipped),
    Told("williams", FRAUD, 110, scripts.came_back),
    Told("nguyen", LOST, 70, scripts.delivered),
    Told("bookshop", FRAUD, 120, scripts.delivered),
    Told("haddad", EXPIRING, 160, scripts.delivered, by="hanna"),
    # closed
    Told("maria", DAMAGED, 150, scripts.done),
    Told("wisniewska", FRAUD, 140, scripts.done),
    Told("schaefer", LOST, 130, scripts.done),
    Told("bloemen", EXPIRING, 165, scripts.done, by="hanna"),
    Told("tanaka", STOLEN, 120, scripts.done),
    Told("macleod", LOST, 90, scripts.stopped),
    Told("zajac", FRAUD, 100, scripts.not_approved, visitor="vera", ahead=-68),
    Told("piekarnia", LOST, 16.5 * 24, scripts.not_reached, by="hanna"),
]


def is_played() -> bool:
    return Case.objects.filter(opening_key__startswith=OPENED_BY).exists()


def play(*, now: datetime, cards: dict[str, Card]) -> list[str]:
    """Plays everything up to `now` (aware UTC), in one transaction, and hands the open cases to the engine; gives their
    ids. `cards` by the keys of their customers."""
    loop = Loop(now - LONGEST)
    engine = Engine(loop, after=outside.send_messages)
    people = People(loop, engine, now=now)
    with _alone(), on_the_clock_of(loop), outside.without_webhooks():
        try:
            return loop.run_until_complete(_in_one_transaction(people, cards, connections[DEFAULT_DB_ALIAS]))
        finally:
            _end(loop)


async def _in_one_transaction(people: People, cards: dict[str, Card], ours: BaseDatabaseWrapper) -> list[str]:
    """On an event loop Django has a connection for each task and what that task begins: so this task, which begins all
    others, takes the one that we had."""
    connections[DEFAULT_DB_ALIAS] = ours
    with transaction.atomic():
        open_ones = await _play(people, cards)
        outbox.wake()
    return open_ones


async def _play(people: People, cards: dict[str, Card]) -> list[str]:
    loop, engine = people.loop, people.engine
    played = [engine.begin(_one(people, told, cards[told.whose], n)) for n, told in enumerate(CASES)]
    engine.begin(_hours(people))
    engine.begin(people.when(people.now))
    await loop.holds(lambda: engine.failed is not None or loop.now() >= people.now)
    if engine.failed is None and not all(one.done() for one in played):
        late = [told.whose for told, one in zip(CASES, played, strict=True) if not one.done()]
        raise RuntimeError(f"the present came before these scripts ended: {', '.join(late)}")
    open_ones = await engine.hand_over()
    if engine.failed is not None:
        raise engine.failed
    return open_ones


async def _one(people: People, told: Told, card: Card, number: int) -> None:
    began = people.now - timedelta(hours=told.hours)
    await people.when(began)
    reporter = people.staff(told.by) if told.by else people.customer(card.customer)
    payments = []
    if told.reason is FRAUD:
        reporter = DETECTOR
        payments = [
            _payment("p1", f"{120 + number * 37 % 800}.{number % 100:02d}", SHOPS[number % len(SHOPS)], began, 4),
            _payment("p2", f"{8 + number % 30}.40", "Bakkerij De Molen", began, 31),
        ]
    case = await people.report(card, told.reason, by=reporter, payments=payments)
    await told.script_at(people.now)(people, case)
    if told.held_by:
        await people.later(minutes=25)
        await people.take(case, told.held_by, given_by=told.given_by)


def _payment(key: str, amount: str, merchant: str, began: datetime, minutes: int) -> dict[str, str]:
    at = (began - timedelta(minutes=minutes)).isoformat(timespec="seconds")
    return {"id": key, "amount": amount, "currency": "EUR", "merchant": merchant, "at": at}


async def _hours(people: People) -> None:
    """Messages that waited for the morning leave then."""
    while people.loop.now() < people.now:
        await people.later(hours=1)
        outside.send_messages()


@contextmanager
def _alone() -> Iterator[None]:
    """Lets Django's database be used on an event loop: this OS process has no other work that would have to wait."""
    name = "DJANGO_ALLOW_ASYNC_UNSAFE"
    before = os.environ.get(name)
    os.environ[name] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _end(loop: Loop) -> None:
    """What still waits is a story that goes on elsewhere, or one of a week that failed."""
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks))
    loop.close()
