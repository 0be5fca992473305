"""All that the benchmarks know of the product: its stack, its records and its rules. Nothing else here imports it.

It imports nothing of the benchmarks: measured as the older of two checkouts, a checkout is driven by its own copy.
What the story (`story.py`) gets from here and gives back, it does not look into.
"""

from __future__ import annotations

import itertools
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devstack.stack import Stack

LOAD = frozenset({"inbox", "issuer", "registry"})
"""Parts of the stack that stand for the world outside: the mail sink, and the simulators of issuer and registry."""
OUTBOX, CASES = "cases_command", "cases_case"
FIRST_ITEM, SECOND_ITEM = "prove_identity", "email_survey"
"""The kinds of work items between which the time from an answer to the next item is taken."""
CUSTOMERS = "customers_customer"
"""The table from whose rows all that belongs to a customer can be found."""
_SURVEY = {"card_where": "with_me", "contacted": "nobody", "asked_for_secrets": "no", "address_right": "yes"}
_numbers = itertools.count(int(time.time()))


def make_stack(folder: Path, *, without: Sequence[str] = (), **more: Any) -> Stack:
    """The whole product, not yet started. `without` names parts that are not to be run; the rest is of the stack."""
    from devstack.stack import Stack

    return Stack(folder, environment={**os.environ, "LOG_LEVEL": "WARNING"}, without=without, **more)


def next_number() -> int:
    """Another one for each record that must differ from all before it."""
    return next(_numbers)


def make_cards(count: int) -> list[Any]:
    """So many customers with one active card each, known to the issuer as well."""
    import requests
    from django.conf import settings

    cards = [_make_card(next_number()) for _ in range(count)]
    for card in cards:
        seed: dict[str, str | int] = {
            "token": card.issuer_token, "last4": card.last_four, "brand": "Visa", "exp_month": 9, "exp_year": 2030,
        }  # fmt: skip
        requests.post(f"{settings.ISSUER_URL}/_sim/cards", json=seed, timeout=10).raise_for_status()
    return cards


def _make_card(number: int) -> Any:
    from backoffice.cards.models import Card

    customer = make_customer(number)
    return Card.objects.create(
        customer=customer, issuer_token=f"ic_bench_{number}_{uuid.uuid4().hex[:6]}", brand="VISA",
        last_four=f"{number % 10000:04d}", expiry_month=9, expiry_year=2030,
    )  # fmt: skip


def make_customer(number: int, *, account: Any = None) -> Any:
    """A customer who has been known for years. `account` is the user with which they sign in."""
    from backoffice.actors import system
    from backoffice.customers import registering
    from backoffice.customers.models import ContactKind
    from backoffice.customers.postal import PostalAddress

    particulars = registering.Particulars(
        given_name="Bench",
        family_name=f"Mark{number}",
        birth_date="1980-01-01",
        contacts={
            ContactKind.MAIL: f"bench{number}@example.org",
            ContactKind.PHONE: f"+1202555{100 + number % 100:04d}",
            ContactKind.POSTAL: PostalAddress(
                country="NL", lines=("Keizersgracht 1",), postal_code="1015 CJ", town="Amsterdam"
            ),
        },
        national_ids={},
        verified_how="branch",
        reached_since=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return registering.register(particulars=particulars, by=system(), now=datetime.now(UTC), user=account)


def _detector() -> Any:
    from backoffice.actors import Actor, ActorKind, Channel

    return Actor(kind=ActorKind.OUTSIDE, id="detector", channel=Channel.API)


def open_case(card: Any) -> uuid.UUID:
    """A reissue of the card, asked for by a detector of fraud."""
    from backoffice.cards.reissue.opening import open_reissue

    return open_reissue(card=card, reason="fraud", by=_detector(), key=str(uuid.uuid4()))[0].id


def unfinished(cases: Sequence[uuid.UUID]) -> bool:
    from backoffice.cases.models import Case, CaseState

    return Case.objects.filter(id__in=cases).exclude(state=CaseState.CLOSED).exists()


def not_done(cases: Sequence[uuid.UUID]) -> int:
    """How many did not end as they should."""
    from backoffice.cases.models import Case

    return Case.objects.filter(id__in=cases).exclude(outcome="done").count()


def last_done(count: int, process: str = "") -> list[str]:
    """The ids of the cases, and so of the workflows, that were closed last, the latest first: those of all processes
    that ended as done, or those of the process that is named, whose script says how its cases end. A case under another
    one is not the script's."""
    from backoffice.cases.models import Case

    which = {"process": process, "parent": None, "closed_at__isnull": False} if process else {"outcome": "done"}
    found = Case.objects.filter(**which).order_by("-closed_at")
    return [str(case) for case in found.values_list("id", flat=True)[:count]]


def open_items(cases: Sequence[uuid.UUID]) -> list[Any]:
    """Those that the customer answers. The card is activated once it is delivered: the offer to do it earlier is left,
    for it is withdrawn as soon as the letter has come."""
    from backoffice.cases.models import ItemState, WorkItem

    found = WorkItem.objects.filter(case_id__in=cases, state=ItemState.OPEN).exclude(kind="activate_early")
    return list(found.select_related("case__customer"))


def items_of_kind(cases: Sequence[uuid.UUID], kind: str) -> list[Any]:
    """The items of this kind, in whatever state; each has its case's id as `case_id`."""
    from backoffice.cases.models import WorkItem

    return list(WorkItem.objects.filter(case_id__in=cases, kind=kind).select_related("case__customer"))


def answer(item: Any) -> None:
    """Answers as the customer would on the portal."""
    from backoffice.actors import Actor, ActorKind, Channel, Level
    from backoffice.cards.models import CardReissue
    from backoffice.cases import answering

    data: dict[str, str] = {}
    if item.kind == "email_survey":
        data = _SURVEY
    elif item.kind == "activate_card":
        new = CardReissue.objects.select_related("new_card").get(case_id=item.case_id).new_card
        data = {"last_four": new.last_four if new else ""}
    customer = Actor(
        kind=ActorKind.CUSTOMER, id=str(item.case.customer.public_id), channel=Channel.PORTAL,
        level=Level.CONFIRMED, proof="totp",
    )  # fmt: skip
    answering.answer(item_id=item.id, by=customer, data=data)


def letters(cases: Sequence[uuid.UUID]) -> list[Any]:
    """The new cards whose letter has not left or has not arrived."""
    from backoffice.cards.models import Card, CardReissue, Shipping

    new = CardReissue.objects.filter(case_id__in=cases).values("new_card")
    return list(Card.objects.filter(shipping__in=[Shipping.PENDING, Shipping.SHIPPED], id__in=new))


def report(letter: Any) -> None:
    """The letter leaves, or arrives, as the issuer would report it."""
    from backoffice.cards.models import Shipping
    from backoffice.cards.ports import EventKind, IssuerEvent, IssuerStatus
    from backoffice.cards.reissue.shipping import issuer_reported

    now = datetime.now(UTC)
    leaves = letter.shipping == Shipping.PENDING
    event = IssuerEvent(
        id=f"evt_{uuid.uuid4().hex}",
        kind=EventKind.CARD_UPDATED,
        token=letter.issuer_token,
        status=IssuerStatus.INACTIVE,
        shipping=Shipping.SHIPPED if leaves else Shipping.DELIVERED,
        created=now,
        sequence=(int(now.timestamp()), 2 if leaves else 3),
    )
    issuer_reported(event, by=_detector())


def answer_gaps(cases: Sequence[uuid.UUID]) -> list[float]:
    """Seconds from the commit of the first answer to the commit of the item after it, by PostgreSQL's own commit time
    stamps, for each case that has both."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT extract(epoch FROM pg_xact_commit_timestamp(n.xmin) - pg_xact_commit_timestamp(a.xmin))
               FROM cases_workitem a JOIN cases_workitem n ON n.case_id = a.case_id AND n.kind = %s
               WHERE a.kind = %s AND a.case_id = ANY(%s)""",
            [SECOND_ITEM, FIRST_ITEM, list(cases)],
        )
        return [float(row[0]) for row in cursor.fetchall()]


@contextmanager
def working_here(stack: Stack) -> Iterator[None]:
    """The worker and the relay run in this process, and nowhere else; mail waits meanwhile."""
    import asyncio
    import threading

    from temporalio.client import Client

    from backoffice.engine import client
    from backoffice.engine.relay import Relay
    from backoffice.engine.worker import make_worker

    done = threading.Event()

    async def work() -> None:
        temporal = await client.connect()
        stop = asyncio.Event()

        async def same() -> Client:
            return temporal

        async with make_worker(temporal), asyncio.TaskGroup() as beside:
            beside.create_task(Relay(same).run(stop))
            await asyncio.to_thread(done.wait)
            stop.set()

    for part in ("worker", "celery"):
        stack.take_away(part)
    thread = threading.Thread(target=lambda: asyncio.run(work()))
    try:
        thread.start()
        yield
    finally:
        done.set()
        thread.join()
        for part in ("worker", "celery"):
            stack.bring_back(part)


def settled() -> bool:
    """Whether no command and no message waits to go out."""
    from backoffice.cases.models import Command, CommandState
    from backoffice.messages.models import Message, MessageState

    return not (
        Command.objects.filter(state=CommandState.WAITING).exists()
        or Message.objects.filter(state=MessageState.WAITING).exists()
    )


def rechain(rows: dict[str, list[dict[str, Any]]]) -> None:
    """Makes the hash chains of a copied customer's cases hold again: rows by table, JSON as text, changed in place."""
    import json

    from backoffice.cases.models import Event
    from backoffice.cases.timeline import fingerprint

    for case in rows["cases_case"]:
        case["head"] = ""
        for row in sorted(rows["cases_event"], key=lambda row: int(row["number"])):
            if row["case_id"] == case["id"]:
                row["previous"] = case["head"]
                row["hash"] = case["head"] = fingerprint(Event(**{**row, "data": json.loads(row["data"])}))


def broken(cases: Sequence[uuid.UUID]) -> list[str]:
    """The references of those cases whose timeline does not hold."""
    from backoffice.cases import timeline
    from backoffice.cases.models import Case

    return [case.reference for case in Case.objects.filter(id__in=cases) if timeline.verify(case) is not None]
