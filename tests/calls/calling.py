"""Calls for tests: a customer with a card and a service, an agent who has them on the telephone, and the code."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from backoffice.actors import Actor
from backoffice.calls import codes, opening
from backoffice.calls.models import Call
from backoffice.calls.records import call_of
from backoffice.cards.models import Card
from backoffice.cases import answering
from backoffice.cases.answering import Receipt
from backoffice.cases.models import Case, WorkItem
from backoffice.customers.models import Customer
from backoffice.staff.models import Role, User
from tests.factories import actor, make_card, make_customer, make_domain, make_staff, now
from tests.playing import ask, customer_actor

PESEL, NIP, REGON, REGON_14 = "84051712343", "5252248481", "123456785", "12345678512347"
SERVICE = "meadow.example"
TOLD = {"known": SERVICE, "wants": "card_reissue", "told": "on", "through": "telephone"}
"""What the agent fills in when the caller names the service."""


@dataclass
class OnTheLine:
    """A call that has been opened, with the items that its process has opened."""

    case: Case
    customer: Customer
    card: Card
    agent: User
    typing: WorkItem
    giving: WorkItem

    @property
    def by_agent(self) -> Actor:
        return actor(self.agent)

    @property
    def by_customer(self) -> Actor:
        return customer_actor(self.customer, proof="webauthn")

    @property
    def call(self) -> Call:
        return call_of(Case.objects.select_related("customer").get(pk=self.case.pk))

    def code(self) -> str:
        """As the customer's screen shows it, or empty."""
        shown = codes.to_read_out(self.call, by=self.by_customer, now=now())
        return shown[0] if shown else ""

    def shows(self) -> str:
        """The customer has the code shown, and gets it."""
        answering.answer(item_id=self.giving.id, by=self.by_customer, data={"answer": "shown"})
        return self.code()

    def types(self, code: str, *, by: Actor | None = None) -> Receipt:
        return answering.answer(item_id=self.typing.id, by=by or self.by_agent, data={"code": code})

    def is_proven(self) -> None:
        self.types(self.shows())

    def wrap_up(self) -> WorkItem:
        """The item that the process opens once it knows what came of it."""
        return ask(self.case, "wrap_up", stage=self.call.state, holder=str(self.agent.public_id))


def make_caller(**fields: Any) -> Customer:
    """A customer with a card and a service."""
    customer = make_customer(**fields)
    make_domain(customer=customer, name=SERVICE)
    make_card(customer=customer)
    return customer


def make_agent(**fields: Any) -> User:
    return make_staff(role=Role.SUPPORT, first_name="Hanna", last_name="Bakker", **fields)


def take_call(*, customer: Customer | None = None, agent: User | None = None, **told: str) -> OnTheLine:
    """The agent finds the record, and the process asks for the code."""
    customer, agent = customer or make_caller(), agent or make_agent()
    case, _new = opening.open_call(by=actor(agent), data={**TOLD, **told}, key=str(uuid.uuid4()))
    giving = ask(case, "give_code", stage="asked")
    typing = ask(case, "type_code", holder=str(agent.public_id))
    case.refresh_from_db()
    return OnTheLine(case, customer, Card.objects.get(customer=customer), agent, typing, giving)
