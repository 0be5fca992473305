"""Plays the process's side of a case by its transitions, without an engine: for tests of rules and faces."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.actors import Actor, ActorKind, Channel, Level, system
from backoffice.cards.models import Card, Reason
from backoffice.cards.reissue.opening import open_reissue
from backoffice.cards.reissue.signals import add_payments
from backoffice.cases import catalogue, incidents, transitions
from backoffice.cases.models import Case, IncidentKind, ItemState, WorkItem
from backoffice.cases.unit_of_work import changing
from backoffice.customers.models import Customer
from workflows.base.contracts import Close, Done, OpenItem, Said, Transition

CALM = {"card_where": "lost", "contacted": "nobody", "asked_for_secrets": "no", "address_right": "yes"}
"""Answers to the survey that raise no doubt."""


def customer_actor(customer: Customer, *, level: Level = Level.SIGNED_IN, proof: str = "password") -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer.public_id), channel=Channel.PORTAL, level=level, proof=proof)


def outside_actor() -> Actor:
    return Actor(kind=ActorKind.OUTSIDE, id="detector", channel=Channel.API)


def open_card_case(
    card: Card, *, reason: str = Reason.FRAUD, by: Actor | None = None, payments: list[dict[str, str]] | None = None
) -> Case:
    """A card reissue case that has just been opened; nothing was done by its process yet."""
    case, _ = open_reissue(card=card, reason=reason, by=by or outside_actor(), key=str(uuid.uuid4()))
    if payments:
        with changing(case.id) as locked:
            add_payments(locked, payments)
    return case


def advance(case: Case, **said: Any) -> Done:
    """The next step of the case, with the given fields of `Said`."""
    case.refresh_from_db()
    at = said.pop("at", datetime.now(UTC))
    compensating = said.pop("compensating", False)
    step = Transition(str(case.id), case.applied + 1, at, Said(**said), compensating=compensating)
    done = transitions.apply(step)
    case.refresh_from_db()
    return done


def ask(case: Case, kind: str, *, due: timedelta | None = None, holder: str = "", **said: Any) -> WorkItem:
    """Opens a work item of the declared kind, as the process would, and gives it."""
    declared = catalogue.item_kind(case.process, kind)
    count = WorkItem.objects.filter(case=case, kind=kind).count()
    step = kind if count == 0 else f"{kind}-{count + 1}"
    item = OpenItem(
        kind=kind,
        step=step,
        due_at=datetime.now(UTC) + (due or declared.due),
        holder=holder,
        party=declared.party,
    )
    advance(case, opens=(item,), **said)
    return WorkItem.objects.get(case=case, step=step, state=ItemState.OPEN)


def open_incident(case: Case, kind: IncidentKind, *, key: str = "", **values: str) -> None:
    """Something goes wrong in the case that a person must look at."""
    with changing(case.id) as locked:
        incidents.open(locked, kind, by=system(), key=key, values=values)
    case.refresh_from_db()


def incidents_of(case: Case) -> list[tuple[str, str]]:
    """The kind and key of each incident that is open."""
    return list(incidents.open_ones(case).values_list("kind", "key"))


def close(case: Case, outcome: str = "done") -> None:
    advance(case, close=Close(outcome), compensating=True)


__all__ = [
    "advance",
    "ask",
    "close",
    "customer_actor",
    "incidents_of",
    "open_card_case",
    "open_incident",
    "outside_actor",
    "system",
]
