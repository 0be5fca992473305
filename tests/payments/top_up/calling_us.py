"""Customers who call us to add money to their balance, with the voice gateway played by the test."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from backoffice.cases import opening
from backoffice.cases.models import Case, Command, Event
from backoffice.customers.models import ContactKind, Customer
from backoffice.payments.cards_on_file.models import CardOnFile
from backoffice.payments.top_up import calling, codes
from backoffice.payments.top_up.models import TopUp, TopUpCall
from backoffice.telephony import menu_calls
from backoffice.telephony.api import GATEWAY
from backoffice.voice import contract
from backoffice.voice.contract import INCOMING, Asked, Captured, HangUp, Left, Outcome, PromptOver, Role, Say, What, Why
from tests.factories import now
from tests.payments.making import make_card_on_file
from tests.playing import advance, customer_actor

_numbers = itertools.count(1)


def waiting(customer: Customer, currency: str = "EUR") -> Case:
    """A top-up that waits for the call of its customer."""
    case, _new = opening.open_by_form(
        process="top_up",
        customer=customer,
        by=customer_actor(customer),
        key=str(uuid.uuid4()),
        data={"currency": currency},
    )
    advance(case, stage="call")
    return case


def number_of(case: Case, at: datetime | None = None) -> str:
    """The digits that the portal shows."""
    shown, _until = codes.show(case_id=case.id, by=customer_actor(case.customer), now=at or now())
    return shown.replace(" ", "")


@dataclass
class Caller:
    """Somebody who has called our number and pressed 2. `number` is what it shows of theirs, "" if it is withheld."""

    number: str = ""
    conversation: str = field(default_factory=lambda: f"{INCOMING}top-up-{next(_numbers)}")
    events: int = 0

    def __post_init__(self) -> None:
        menu_calls.note(conversation=self.conversation, caller=self.number, by=GATEWAY, now=now())
        calling.begin(self.conversation, now())

    @property
    def call(self) -> TopUpCall:
        return TopUpCall.objects.get(conversation=self.conversation)

    @property
    def told(self) -> contract.Command:
        """What the gateway is to do now."""
        (command,) = calling.proceed(self.conversation, now())
        return command

    @property
    def hears(self) -> str:
        told = self.told
        assert isinstance(told, Say | contract.Ask)
        return told.text

    def happens(self, what: What, *, number: int = 0, at: datetime | None = None) -> bool:
        self.events = number or self.events + 1
        event = contract.Event(
            instance="i", conversation=self.conversation, number=self.events, at=at or now(), what=what
        )
        return calling.take_event(event, GATEWAY, at or now())

    def keys(self, digits: str | None, at: datetime | None = None) -> None:
        self.happens(Asked(key=self.call.key, digits=digits), at=at)

    def is_captured(self, token: str = "", outcome: Outcome = Outcome.DONE, last_four: str = "") -> None:
        self.happens(Captured(key=self.call.key, outcome=outcome, token=token, last_four=last_four))

    def hears_all(self) -> None:
        """To the end, and is hung up."""
        self.happens(PromptOver(key=self.call.key, whole=True))
        assert isinstance(self.told, HangUp)
        self.hangs_up(Why.ENDED)

    def hangs_up(self, why: Why = Why.HUNG_UP) -> None:
        self.happens(Left(role=Role.CUSTOMER, why=why, answered=True))


def on_file(customer: Customer) -> str:
    """Their telephone number."""
    return str(customer.contact_points.get(kind=ContactKind.PHONE, superseded_at=None).value)


def let_in(case: Case, number: str | None = None) -> Caller:
    """They have keyed in the right digits, by default on their own telephone."""
    caller = Caller(on_file(case.customer) if number is None else number)
    caller.keys(number_of(case))
    return caller


def agreed(case: Case, card: CardOnFile | None = None, *, token: str = "cvctok_1", units: str = "25") -> Caller:
    """They have agreed to all, with their newest card, and wait for their bank."""
    card = card or make_card_on_file(case.customer)
    caller = let_in(case)
    caller.keys(units)
    caller.keys("1")
    caller.keys("1")
    caller.is_captured(token)
    return caller


def top_up_of(case: Case) -> TopUp:
    return TopUp.objects.get(case=case)


def noted(case: Case) -> list[str]:
    """The kinds of its own events, in their order."""
    kinds = Event.objects.filter(case=case).order_by("number").values_list("kind", flat=True)
    return [kind for kind in kinds if kind.startswith("top_up.")]


def signalled(case: Case) -> int:
    """How often its process was told that the customer agreed."""
    return Command.objects.filter(case=case, kind="signal").count()
