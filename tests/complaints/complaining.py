"""How the tests of complaints open one and play what its process does, without an engine."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from backoffice.actors import Actor
from backoffice.cases import opening
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer
from backoffice.staff.models import User
from backoffice.telephony.models import Call, CallOutcome, CallState
from backoffice.trust.models import Contact, ContactChannel
from tests.factories import make_staff, now
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import DoEffect, SendNotice

WRITTEN = "A robot rang me and said that my line is cut off. Nobody could tell me why."


def complain(customer: Customer, *, by: Actor | None = None, at: datetime | None = None, **data: str) -> Case:
    case, _new = opening.open_by_form(
        process="complaint",
        customer=customer,
        by=by or customer_actor(customer),
        key=str(uuid.uuid4()),
        data={"topic": "call", "text": WRITTEN, **data},
        now=at,
    )
    return case


def begin(case: Case) -> str:
    """What the process does in its first step; gives the owner's opaque id."""
    effects = (DoEffect("gather_evidence", {"moment": "opening"}), DoEffect("assign_owner"))
    done = advance(case, effects=effects, stage="investigated", notices=(SendNotice("received"),))
    return str(done.facts.get("owner", ""))


def ask_owner(case: Case, kind: str = "answer_complaint", *, holder: str = "") -> WorkItem:
    return ask(case, kind, holder=holder)


def tell(case: Case, verdict: str = "upheld", *, moment: str = "answer", promise: bool = False) -> None:
    """The step after a decision."""
    promised = (DoEffect("promise_redress"),) if promise else ()
    effects = (*promised, DoEffect("gather_evidence", {"moment": moment}))
    advance(case, effects=effects, stage="answered", notices=(SendNotice("final", {"verdict": verdict}),))


def rung(customer: Customer, agent: User, **fields: Any) -> Call:
    """A call of ours that the customer had, in the register."""
    at = now()
    contact = Contact.objects.create(
        customer=customer, channel=ContactChannel.CALL, purpose="call", address_masked="+31 6 •••23", by=agent, at=at
    )
    state = {"state": CallState.ENDED, "outcome": CallOutcome.SPOKEN, "answered_at": at, "ended_at": at}
    point = customer.contact_points.filter(kind="phone").first()
    told = {"announced_at": at, "wrapped_at": at, "matter": "auto-payment", "purpose": "call", "key": str(uuid.uuid4())}
    return Call.objects.create(contact=contact, customer=customer, agent=agent, point=point, **told, **state, **fields)


def hanna() -> User:
    return make_staff(first_name="Hanna", last_name="Visser")
