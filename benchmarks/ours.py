"""Drives whole card reissue cases through the rule functions, each answer as soon as its work item is there."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from django.conf import settings
from django.db import connection

from backoffice.actors import Actor, ActorKind, Channel, Level, system
from backoffice.cards.models import Card, CardReissue, CardState, Shipping
from backoffice.cards.ports import EventKind, IssuerEvent, IssuerStatus
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cards.reissue.shipping import issuer_reported
from backoffice.cases import answering
from backoffice.cases.models import Case, CaseState, ItemState, WorkItem
from backoffice.customers import registering
from backoffice.customers.models import ContactKind, Customer

T = TypeVar("T")
_sequence = itertools.count(int(time.time()))
SURVEY = {"card_where": "with_me", "contacted": "nobody", "asked_for_secrets": "no", "address_right": "yes"}
PAUSE = 0.05
"""Seconds between two looks for open items: the driver's own queries are not to be what is measured."""
DETECTOR = Actor(kind=ActorKind.OUTSIDE, id="detector", channel=Channel.API)


def look(query: Callable[[], T]) -> T:
    """Runs a query of the driver itself, which is no part of a case."""
    POLLS.looked += 1
    return query()


class Polls:
    """How many statements the driver made only to look."""

    def __init__(self) -> None:
        self.looked = 0

    def total(self) -> int:
        return self.looked


POLLS = Polls()


def make_cards(count: int) -> list[Card]:
    """So many customers with one active card each, known to the issuer as well."""
    cards = [_make_card() for _ in range(count)]
    for card in cards:
        seed: dict[str, str | int] = {
            "token": card.issuer_token,
            "last4": card.last_four,
            "brand": "Visa",
            "exp_month": 9,
            "exp_year": 2030,
        }
        requests.post(f"{settings.ISSUER_URL}/_sim/cards", json=seed, timeout=10).raise_for_status()
    return cards


def _make_card() -> Card:
    number = next(_sequence)
    particulars = registering.Particulars(
        given_name="Bench",
        family_name=f"Mark{number}",
        birth_date="1980-01-01",
        contacts={
            ContactKind.MAIL: f"bench{number}@example.org",
            ContactKind.PHONE: f"+1202555{100 + number % 100:04d}",
            ContactKind.POSTAL: "Keizersgracht 1\n1015 CJ Amsterdam",
        },
        national_ids={},
        verified_how="branch",
        reached_since=datetime(2020, 1, 1, tzinfo=UTC),
    )
    customer = registering.register(particulars=particulars, by=system(), now=datetime.now(UTC), user=None)
    return Card.objects.create(
        customer=customer,
        issuer_token=f"ic_bench_{number}_{uuid.uuid4().hex[:6]}",
        brand="VISA",
        last_four=f"{number % 10000:04d}",
        expiry_month=9,
        expiry_year=2030,
        state=CardState.ACTIVE,
    )


def open_cases(cards: Sequence[Card]) -> list[Case]:
    return [open_reissue(card=card, reason="fraud", by=DETECTOR, key=str(uuid.uuid4()))[0] for card in cards]


def actor(customer: Customer) -> Actor:
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=str(customer.public_id),
        channel=Channel.PORTAL,
        level=Level.CONFIRMED,
        proof="totp",
    )


def play(cards: Sequence[Card], *, deadline: float = 600) -> float:
    """Plays one case for each card to its end; gives the seconds from the first opening to the last closing."""
    began = time.perf_counter()
    ids = [case.id for case in open_cases(cards)]
    while look(lambda: Case.objects.filter(id__in=ids).exclude(state=CaseState.CLOSED).exists()):
        if time.perf_counter() - began > deadline:
            raise TimeoutError(f"cases did not end within {deadline} s")
        answer_open(ids)
        move_letters(ids)
        time.sleep(PAUSE)
    failed = Case.objects.filter(id__in=ids).exclude(outcome="done").count()
    if failed:
        raise RuntimeError(f"{failed} cases did not end as done")
    return time.perf_counter() - began


def answer_open(ids: Sequence[uuid.UUID]) -> int:
    items = list(WorkItem.objects.filter(case_id__in=ids, state=ItemState.OPEN).select_related("case__customer"))
    for item in items:
        answer(item)
    return len(items)


def answer(item: WorkItem) -> None:
    data: dict[str, str] = {}
    if item.kind == "email_survey":
        data = SURVEY
    elif item.kind == "activate_card":
        new = CardReissue.objects.select_related("new_card").get(case_id=item.case_id).new_card
        data = {"last_four": new.last_four if new else ""}
    answering.answer(item_id=item.id, by=actor(item.case.customer), data=data)


def move_letters(ids: Sequence[uuid.UUID]) -> int:
    """The letters of new cards leave, and arrive, as the issuer would report it."""
    waiting = {Shipping.PENDING: Shipping.SHIPPED, Shipping.SHIPPED: Shipping.DELIVERED}
    cards = Card.objects.filter(
        shipping__in=waiting, id__in=CardReissue.objects.filter(case_id__in=ids).values("new_card")
    )
    moved = look(lambda: list(cards))
    for card in moved:
        issuer_reported(_event(card, waiting[Shipping(card.shipping)]), by=DETECTOR)
    return len(moved)


def _event(card: Card, shipping: Shipping) -> IssuerEvent:
    now = datetime.now(UTC)
    step = 1 if shipping == Shipping.SHIPPED else 2
    return IssuerEvent(
        id=f"evt_{uuid.uuid4().hex}",
        kind=EventKind.CARD_UPDATED,
        token=card.issuer_token,
        status=IssuerStatus.INACTIVE,
        shipping=shipping,
        created=now,
        sequence=(int(now.timestamp()), step),
    )


def wait_for_items(ids: Sequence[uuid.UUID], kind: str, *, deadline: float = 120) -> list[WorkItem]:
    """The items of this kind, when each case has its one."""
    began = time.perf_counter()
    while True:
        items = list(WorkItem.objects.filter(case_id__in=ids, kind=kind).select_related("case__customer"))
        if len(items) == len(ids):
            return items
        if time.perf_counter() - began > deadline:
            raise TimeoutError(f"only {len(items)} of {len(ids)} cases asked for {kind}")
        time.sleep(0.02)


def answer_to_next(cards: Sequence[Card], *, at_once: int) -> list[float]:
    """Seconds from the commit of an answer to the commit of the next work item, for each case, `at_once` at a time,
    each as soon as the one before it is through. By PostgreSQL's own commit time stamps."""
    ids = [case.id for case in open_cases(cards)]
    items = wait_for_items(ids, "prove_identity")

    def one(item: WorkItem) -> None:
        answer(item)
        wait_for_items([item.case_id], "email_survey")
        connection.close()

    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(one, items))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT extract(epoch FROM pg_xact_commit_timestamp(n.xmin) - pg_xact_commit_timestamp(a.xmin))
               FROM cases_workitem a JOIN cases_workitem n ON n.case_id = a.case_id AND n.kind = 'email_survey'
               WHERE a.kind = 'prove_identity' AND a.case_id = ANY(%s)""",
            [ids],
        )
        return [float(row[0]) for row in cursor.fetchall()]


class Counting:
    """Counts the SQL statements of this process, for each thread, while it is among a connection's wrappers."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def __call__(self, execute: Any, sql: str, params: object, many: bool, context: object) -> Any:
        thread = threading.get_ident()
        self._counts[thread] = self._counts.get(thread, 0) + 1
        return execute(sql, params, many, context)

    def mine(self) -> int:
        return self._counts.get(threading.get_ident(), 0)

    def forget(self, count: int) -> None:
        """Takes statements of this thread back that were only looking."""
        self._counts[threading.get_ident()] = self.mine() - count

    def total(self) -> int:
        return sum(self._counts.values())
