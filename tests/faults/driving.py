"""Drives card reissue cases on a running stack by the rule functions; runs in a process of its own (see `inside`)."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import requests
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from kombu.exceptions import OperationalError as BrokerAway

from backoffice.actors import Actor, Level
from backoffice.cards.models import Card, CardReissue, Shipping
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cards.reissue.signals import add_payments
from backoffice.cases import answering, incidents, timeline
from backoffice.cases.models import Case, CaseState, Command, CommandState, Event, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.engine import client as engine
from backoffice.engine import reconciler
from backoffice.messages.models import Message
from backoffice.refusals import Refused
from tests import factories
from tests.playing import customer_actor, outside_actor

SURVEY = {"card_where": "with_me", "contacted": "nobody", "asked_for_secrets": "no", "address_right": "yes"}
AWAY = (DatabaseError, requests.RequestException, BrokerAway, psycopg.OperationalError)
"""The errors that a face gets while a part is away; the person presses again."""
PRESSED_AGAIN = {"already_answered", "cannot_count"}
"""The second is the answer for as long as the cache is away."""


def in_the_day() -> str:
    """A time zone in which it is the middle of the day, so that no message waits for the morning."""
    behind = datetime.now(UTC).hour - 13
    return f"Etc/GMT{behind:+d}"


def opened(*, payments: Sequence[dict[str, str]] = (), **particulars: Any) -> str:
    """Makes a customer with a card that the issuer knows, and a case for it; returns the case's id."""
    card = factories.make_card(customer=factories.make_customer(time_zone=in_the_day(), **particulars))
    seed: dict[str, str | int] = {
        "token": card.issuer_token,
        "last4": card.last_four,
        "brand": "Visa",
        "exp_month": 9,
        "exp_year": 2030,
    }
    requests.post(f"{settings.ISSUER_URL}/_sim/cards", json=seed, timeout=10).raise_for_status()
    case, _new = open_reissue(card=card, reason="fraud", by=outside_actor(), key=str(uuid.uuid4()))
    with changing(case.id) as locked:
        add_payments(locked, payments)
    return str(case.id)


def customer_of(case: Case) -> Actor:
    return customer_actor(case.customer, level=Level.CONFIRMED, proof="totp")


def wait_for(*, case_id: str, kind: str, seconds: float = 90) -> None:
    """Until the case asks for this."""
    until(lambda: WorkItem.objects.filter(case_id=case_id, kind=kind).exists(), f"no {kind}", case_id, seconds)


def answer(*, case_id: str, kind: str) -> str:
    """The customer answers the open item of this kind, now, once; gives the item's state after it."""
    item = WorkItem.objects.select_related("case__customer").get(case_id=case_id, kind=kind, state=ItemState.OPEN)
    answering.answer(item_id=item.id, by=customer_of(item.case), data=_data(item))
    item.refresh_from_db()
    return item.state


def play(*, case_id: str, to: str = "", seconds: float = 150) -> None:
    """Plays the case until it asks for `to`, or is closed. If a part is away, it tries again, as a person would."""

    def there() -> bool:
        try:
            if to and WorkItem.objects.filter(case_id=case_id, kind=to).exists():
                return True
            if Case.objects.get(id=case_id).state == CaseState.CLOSED:
                return True
            _move(case_id, leaving=to)
        except AWAY:
            close_old_connections()
        return False

    until(there, f"not at {to or 'the end'}", case_id, seconds)


def _move(case_id: str, *, leaving: str = "") -> None:
    """Does what somebody outside can do now so that the case goes on; leaves the item of the kind `leaving` open. The
    new card is activated once it was delivered."""
    items = WorkItem.objects.filter(case_id=case_id, state=ItemState.OPEN).select_related("case__customer")
    for item in items.exclude(kind__in=(leaving, "activate_early")):
        try:
            answering.answer(item_id=item.id, by=customer_of(item.case), data=_data(item))
        except Refused as refused:
            if refused.code not in PRESSED_AGAIN:
                raise
    new = Card.objects.filter(id__in=CardReissue.objects.filter(case_id=case_id).values("new_card")).first()
    if new is not None:
        _move_letter(new)


def _data(item: WorkItem) -> dict[str, str]:
    if item.kind == "email_survey":
        return SURVEY
    if item.kind == "activate_card":
        new = CardReissue.objects.select_related("new_card").get(case_id=item.case_id).new_card
        return {"last_four": new.last_four if new else ""}
    return {}


def _move_letter(new: Card) -> None:
    """The issuer ships and delivers, and tells us by its webhooks. Each step is taken once; the issuer refuses more."""
    step = {Shipping.PENDING: "ship", Shipping.SHIPPED: "deliver"}.get(Shipping(new.shipping))
    if step:
        path = f"/v1/test_helpers/issuing/cards/{new.issuer_token}/shipping/{step}"
        _issuer("POST", path)


def _issuer(method: str, path: str, **content: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {settings.ISSUER_KEY}"}
    return requests.request(method, settings.ISSUER_URL + path, headers=headers, timeout=10, **content)


def until(there: Any, complaint: str, case_id: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{complaint} within {seconds:.0f} s: {look(case_id=case_id)}")
        time.sleep(0.02)


def look(*, case_id: str) -> dict[str, Any]:
    """Where the case stands, in plain data."""
    case = Case.objects.get(id=case_id)
    return {
        "reference": case.reference,
        "state": case.state,
        "outcome": case.outcome,
        "stage": case.stage,
        "applied": case.applied,
        "incidents": [one.told for one in incidents.open_ones(case)],
        "items": dict(WorkItem.objects.filter(case=case).values_list("kind", "state")),
        "commands": list(Command.objects.filter(case=case).order_by("number").values_list("state", flat=True)),
    }


def events(*, case_id: str) -> dict[str, int]:
    return dict(Counter(Event.objects.filter(case_id=case_id).values_list("kind", flat=True)))


def new_cards(*, case_id: str) -> list[str]:
    """The cards that the issuer made for this case, by the issuer's own books."""
    found: list[dict[str, Any]] = []
    while True:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = _issuer("GET", "/v1/issuing/cards", params={"limit": 100, **after}).json()
        found += page["data"]
        if not page["has_more"]:
            return [card["id"] for card in found if card["metadata"].get("case") == case_id]


def statuses(*, case_id: str) -> list[str]:
    """The issuer's word for the state of the old card and the new one."""
    reissue = CardReissue.objects.select_related("card", "new_card").get(case_id=case_id)
    cards = [card for card in (reissue.card, reissue.new_card) if card is not None]
    return [_issuer("GET", f"/v1/issuing/cards/{card.issuer_token}").json()["status"] for card in cards]


def all_messages_arrive(*, case_id: str, seconds: float = 90) -> dict[str, int]:
    """Waits until each message of the case is marked as sent; gives how often each arrived, by its reference."""
    ours = Message.objects.filter(contact__case_id=case_id)
    until(lambda: not ours.exclude(state="sent").exists(), "not all messages sent", case_id, seconds)
    told = requests.get(f"{settings.INBOX_URL}/api/messages", params={"limit": 1000}, timeout=10).json()["messages"]
    references = ours.values_list("contact__reference", flat=True)
    return {reference: sum(reference in message["key"] for message in told) for reference in references}


def templates(*, case_id: str) -> dict[str, int]:
    """How many messages were written, by template and channel."""
    rows = Message.objects.filter(contact__case_id=case_id).values_list("template", "contact__channel")
    return dict(Counter(f"{template} by {channel}" for template, channel in rows))


def broken(*, case_id: str) -> str:
    """What is wrong with the case's timeline; empty when its chain is intact."""
    found = timeline.verify(Case.objects.get(id=case_id))
    return f"{found.number} {found.what}" if found else ""


def reconciled() -> list[str]:
    """The report of the reconciler."""
    report = reconciler.reconcile()
    return report.repaired + report.reported


def is_leased(*, case_id: str, seconds: float = 30) -> None:
    """Until a relay has claimed the last command of the case."""
    waiting = Command.objects.filter(case_id=case_id, state=CommandState.WAITING, leased_until__isnull=False)
    until(waiting.exists, "nothing claimed", case_id, seconds)


def is_lock_waited_for(*, times: int = 1, seconds: float = 30) -> None:
    """Until so many wait for a lock that another transaction holds."""

    def waited() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return int(cursor.fetchone()[0]) >= times

    deadline = time.monotonic() + seconds
    while not waited():
        if time.monotonic() > deadline:
            raise TimeoutError(f"there are no {times} who wait for a lock")
        time.sleep(0.02)


def cut_off_waiters() -> int:
    """The connections that wait for a lock end, as they do with a machine that is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return int(cursor.fetchone()[0])


_held: list[psycopg.Connection[Any]] = []


def hold(*, sql: str, case_id: str) -> None:
    """Locks rows (`… WHERE … = %s FOR UPDATE`) in a transaction that stays open until `let_go`."""
    held = psycopg.connect(os.environ["DATABASE_URL"])
    held.execute(sql, [case_id])
    _held.append(held)


def let_go() -> None:
    while _held:
        held = _held.pop()
        held.rollback()
        held.close()


def signals(*, case_id: str) -> list[str]:
    """The ids of the commands that Temporal has of this case, in the order in which it got them."""

    async def read() -> list[str]:
        temporal = await engine.client()
        found: list[dict[str, Any]] = []
        async for event in temporal.get_workflow_handle(case_id).fetch_history_events():
            if event.HasField("workflow_execution_signaled_event_attributes"):
                payloads = event.workflow_execution_signaled_event_attributes.input.payloads
                found += await temporal.data_converter.decode(payloads)
        return [signal["command"] for signal in found]

    return engine.run(read())


def wait_for_signal(*, case_id: str, seconds: float = 30) -> None:
    """Until Temporal has the last command of the case."""
    last = str(Command.objects.filter(case_id=case_id).latest("number").id)
    until(lambda: last in signals(case_id=case_id), "not at Temporal", case_id, seconds)


def wait_for_new_card(*, case_id: str, seconds: float = 60) -> None:
    """Until the issuer has made the card."""
    until(lambda: new_cards(case_id=case_id) != [], "no card made", case_id, seconds)


def faults(**wanted: Any) -> None:
    """Switches faults of the issuer on."""
    requests.post(f"{settings.ISSUER_URL}/_sim/faults", json=wanted, timeout=10).raise_for_status()


def fault_has_struck(*, name: str, seconds: float = 30) -> None:
    """Until the issuer has used the fault up: the call that it holds has begun."""
    deadline = time.monotonic() + seconds
    while name in requests.get(f"{settings.ISSUER_URL}/_sim/faults", timeout=10).json():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did not strike")
        time.sleep(0.02)
