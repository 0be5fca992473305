"""Updates of cards with a new number, and the files of the account updater, for tests."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.actors import Actor, ActorKind, Channel, system
from backoffice.cards.autopay import answers, files, lines, settling
from backoffice.cards.autopay.models import AutopayUpdate, Biller, FoundFrom, Line, Mandate, Reach
from backoffice.cards.models import Card, CardState
from backoffice.cases.models import Case, Command
from backoffice.cases.opening import open_case
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from backoffice.webhooks.models import Endpoint
from tests.factories import make_card, make_customer
from tests.playing import customer_actor
from workflows.base.contracts import from_wire

UPDATER = Actor(kind=ActorKind.OUTSIDE, id="account_updater", channel=Channel.API, proof="signature")
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIz"


def make_renewed(customer: Customer | None = None) -> Card:
    """An active card that replaces a closed one."""
    customer = customer or make_customer()
    old = make_card(customer=customer, state=CardState.CLOSED)
    return make_card(customer=customer, replaces=old)


def make_biller(name: str = "", **fields: Any) -> Biller:
    number = Biller.objects.count() + 1
    fields.setdefault("network_id", f"NET{number:05d}")
    return Biller.objects.create(name=name or f"Example Energy {number}", **fields)


def make_endpoint(name: str = "Example Energy") -> Endpoint:
    return Endpoint.objects.create(
        name=name, url="https://hooks.example.org/x", host="hooks.example.org", secret=SECRET, entered_at=now()
    )


def make_mandate(card: Card, biller: Biller | None = None, **fields: Any) -> Mandate:
    """A payment on the card that this one replaces."""
    fields.setdefault("found_from", FoundFrom.CUSTOMER)
    fields.setdefault("next_debit", (now() + timedelta(days=9)).date())
    return Mandate.objects.create(
        customer=card.customer, card=fields.pop("on", card.replaces), biller=biller or make_biller(), **fields
    )


def open_update(card: Card, *, lines_: int = 0) -> Case:
    """A case whose inventory was taken, with so many payments, or with those that are there."""
    for _ in range(lines_):
        make_mandate(card)
    case, _new = open_case(
        process="autopay_update",
        customer=card.customer,
        by=customer_actor(card.customer),
        key=str(uuid.uuid4()),
        content={"card": str(card.public_id)},
    )
    with changing(case.id) as locked:
        settling.write_lines(locked, now=now())
    return case


def settle(case: Case) -> None:
    """The network's time is over."""
    with changing(case.id) as locked:
        settling.settle_answers(locked, by=system(), now=now())


def lines_of(case: Case) -> list[Line]:
    return list(Line.objects.filter(update_id=case.id).order_by("position"))


def update_of(case: Case) -> AutopayUpdate:
    return lines.update_of(case)


def states(case: Case) -> list[str]:
    return [line.state for line in lines_of(case)]


def answer(case: Case, codes: str, *, number: int = 1, at: datetime | None = None) -> answers.Taken:
    """A response that answers the lines in their order, a letter each; a blank leaves one out."""
    answered = [
        files.AnsweredLine(line.public_id, code)
        for line, code in zip(lines_of(case), codes, strict=False)
        if code.strip()
    ]
    return take(case, answered, number=number, at=at)


def take(
    case: Case, answered: list[files.AnsweredLine], *, number: int = 1, at: datetime | None = None
) -> answers.Taken:
    response = files.Response(update_of(case).batch, number, at or now(), answered)
    return answers.take(response=response, by=UPDATER, now=at or now())


def signals(case: Case) -> list[str]:
    """What the process was told of."""
    told = Command.objects.filter(case=case, signal="happened").order_by("number")
    return [str(one.payload["kind"]) for one in told]


def now() -> datetime:
    return datetime.now(UTC)


__all__ = ["Reach", "from_wire"]
