"""What lies outside the product in the played week: the issuer's simulator, and the messages that leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone

from backoffice.actors import Actor, ActorKind, Channel
from backoffice.cards.models import Card, Shipping
from backoffice.cards.ports import EventKind, IssuerEvent, IssuerStatus
from backoffice.cards.reissue.shipping import issuer_reported
from backoffice.messages import sending
from demo.living.clock import Loop

STEPS = {
    Shipping.SHIPPED: ("ship", 2),
    Shipping.DELIVERED: ("deliver", 3),
    Shipping.RETURNED: ("return", 3),
}
"""How the simulator calls each step of a letter, and how far the letter is then."""
_EVERY_WEBHOOK = 100_000


def post(path: str, **content: Any) -> None:
    """Tells the simulator something. Raises `requests.RequestException`."""
    requests.post(f"{settings.ISSUER_URL}{path}", timeout=10, **content).raise_for_status()


def know(cards: list[Card]) -> None:
    """Lets the simulator know cards; those that it knows stay as they are."""
    told = [
        {
            "token": card.issuer_token,
            "last4": card.last_four,
            "brand": card.brand.title() if card.brand.isupper() else card.brand,
            "exp_month": card.expiry_month,
            "exp_year": card.expiry_year,
            "status": {"active": "active", "closed": "canceled"}.get(card.state, "inactive"),
        }
        for card in cards
    ]
    post("/_sim/cards", json={"cards": told})


@contextmanager
def without_webhooks() -> Iterator[None]:
    """What the issuer reports is told to the rules at its own time in the week, so its webhooks of now say nothing
    new."""
    post("/_sim/faults", json={"drop": {"times": _EVERY_WEBHOOK}})
    try:
        yield
    finally:
        post("/_sim/faults", json={"drop": {"times": 0}})


def refuse_next_order() -> None:
    post("/_sim/faults", json={"refuse": {"code": "card_refused", "on": "create", "times": 1}})


def report(loop: Loop, card: Card, shipping: Shipping) -> None:
    """A letter takes a step at the issuer, who reports it."""
    step, progress = STEPS[shipping]
    post("/", data={"card": card.issuer_token, "step": step}, allow_redirects=False)
    now = loop.now()
    event = IssuerEvent(
        id=f"evt_{card.issuer_token}_{step}",
        kind=EventKind.CARD_UPDATED,
        token=card.issuer_token,
        status=IssuerStatus.INACTIVE,
        shipping=shipping,
        created=now,
        sequence=(int(now.timestamp()), progress),
        case_id="",
    )
    issuer_reported(event, by=Actor(kind=ActorKind.OUTSIDE, id="issuer", channel=Channel.API))


def send_messages() -> None:
    """What is due leaves, as Celery would send it every few seconds."""
    if any_row("outgoing_message WHERE state = 'waiting' AND send_after <= %s", timezone.now()):
        sending.send_all_due()


def any_row(of: str, *values: datetime) -> bool:
    """Whether there is one. It is asked after everything that happens, so it costs no work of the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {of})", values)  # noqa: S608 - a text of ours
        return bool(cursor.fetchone()[0])
