"""How the tests of the contact change open one, and play what its process does, without an engine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backoffice.actors import Actor, Level
from backoffice.cases import answering, opening
from backoffice.cases.models import Case, WorkItem
from backoffice.contact_changes import proving
from backoffice.customers.models import ContactPoint, Customer
from backoffice.messages.models import Message
from backoffice.sealed import unseal
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import Close, DoEffect, Done, SendNotice

NEW_MAIL = {"kind": "mail", "value": "new@example.net"}
NEW_HOME = {"kind": "postal", "country": "NL", "line1": "Damrak 1", "code": "1012 LG", "town": "Amsterdam"}


def open_change(customer: Customer, data: Mapping[str, str] = NEW_MAIL, *, by: Actor | None = None) -> Case:
    case, _new = opening.open_by_form(
        process="contact_change",
        customer=customer,
        by=by or customer_actor(customer),
        key=str(uuid.uuid4()),
        data=data,
    )
    return case


def ask_for_code(case: Case) -> WorkItem:
    """As far as the code being sent to the new address."""
    return ask(case, "enter_code", effects=(DoEffect("send_code"),), stage="new_proven")


def sent(case: Case) -> Message:
    """The last message with a code."""
    found = Message.objects.filter(template=proving.LETTER, contact__case_id=case.id)
    return found.select_related("contact__customer").order_by("-pk")[0]


def code_in(message: Message) -> str:
    return unseal(message.context["code"])


def enter(item: WorkItem, typed: str, *, now: datetime | None = None) -> str:
    by = customer_actor(item.case.customer, level=Level.SIGNED_IN)
    return answering.answer(item_id=item.id, by=by, data={"code": typed}, now=now).outcome


def assess(case: Case, **said: Any) -> Done:
    return advance(case, effects=(DoEffect("assess"),), **said)


def apply(case: Case, **said: Any) -> Done:
    return advance(case, effects=(DoEffect("apply"),), **said)


def finish(case: Case) -> None:
    """The step after the address was put in force."""
    advance(case, stage="applied", notices=(SendNotice("change_applied"),), close=Close("done"))


def in_force(customer: Customer, kind: str) -> ContactPoint:
    return ContactPoint.objects.get(customer=customer, kind=kind, superseded_at=None)
