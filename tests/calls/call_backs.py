"""Call-backs for tests: opened by a customer or under a case, announced, prepared, dialled, by the rules that the faces
use. Each happens at a time of day at which we may call, whatever the clock says while the tests run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.actors import Actor, system
from backoffice.calls.back import dialling, preparing, staffing, talking, wrapping_up
from backoffice.calls.back.booking import in_utc
from backoffice.calls.back.models import CallBack
from backoffice.calls.back.records import call_back_of
from backoffice.cases.models import Case, Event, WorkItem
from backoffice.cases.opening import open_by_form, open_case
from backoffice.cases.windows import Window
from backoffice.customers.models import ContactKind, ContactPoint, Customer
from backoffice.staff.models import Role, User
from backoffice.telephony.models import Call, CallState
from tests.factories import actor, make_customer, make_staff
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import DoEffect

QUARTER = timedelta(minutes=15)


def tomorrow(hour: int = 10, minute: int = 0, *, days: int = 1) -> datetime:
    """That time of tomorrow in UTC, which is in the day of our customers in Amsterdam."""
    day = datetime.now(UTC) + timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def staff_hours(
    *, starts: datetime | None = None, quarters: int = 4, agents: int = 1, kept: int = 0, role: str = Role.SUPPORT
) -> datetime:
    """So many can call from then on, tomorrow at ten as a rule. Gives the beginning."""
    starts = starts or tomorrow()
    staffed = staffing.Staffed(role, starts, starts + quarters * QUARTER, agents, kept)
    staffing.enter(staffed=staffed, by=actor(make_staff(role=Role.SUPERVISOR)), now=datetime.now(UTC))
    return starts


def key_of(starts: datetime) -> str:
    return Window(starts, starts + QUARTER).key


def number_of(customer: Customer) -> ContactPoint:
    return ContactPoint.objects.get(customer=customer, kind=ContactKind.PHONE, superseded_at=None)


def told(customer: Customer, starts: datetime, **more: str) -> dict[str, str]:
    """What the customer fills in to be called then."""
    wish = {"what": "topic:cards", "number": str(number_of(customer).pk), "window": key_of(starts)}
    return {**wish, **more}


def wish(customer: Customer, starts: datetime, *, by: Actor | None = None, **more: str) -> Case:
    """The customer asks to be called then."""
    by, key = by or customer_actor(customer), str(uuid.uuid4())
    case, _new = open_by_form(
        process="call_back", customer=customer, by=by, key=key, data=told(customer, starts, **more)
    )
    return case


def of_ourselves(customer: Customer, **content: object) -> Case:
    case, _new = open_case(process="call_back", customer=customer, by=system(), key=str(uuid.uuid4()), content=content)
    return case


@dataclass
class Agreed:
    """A call that is announced, and the work item by which an agent makes it."""

    case: Case
    starts: datetime
    agent: User
    item: WorkItem

    @property
    def by(self) -> Actor:
        return actor(self.agent)

    @property
    def customer(self) -> Actor:
        return customer_actor(self.case.customer)

    @property
    def row(self) -> CallBack:
        return call_back_of(Case.objects.select_related("customer").get(pk=self.case.pk))

    def prepare(self, *, by: Actor | None = None) -> Call:
        return preparing.open_sheet(case_id=self.case.id, by=by or self.by, now=self.starts - timedelta(minutes=10))

    def dial(self) -> Call:
        self.prepare()
        return dialling.dial(case_id=self.case.id, by=self.by, now=self.starts)

    def press(self, *states: CallState, outcome: str = "") -> Call:
        for number, state in enumerate(states, start=1):
            at = self.starts + timedelta(minutes=number)
            call = talking.press(case_id=self.case.id, to=state, by=self.by, outcome=outcome, now=at)
        return call

    def wrap_up(self, outcome: str, *, text: str = "We talked it over.", by: Actor | None = None) -> None:
        data, at = {"outcome": outcome, "text": text}, self.starts + timedelta(minutes=20)
        wrapping_up.wrap_up(case_id=self.case.id, by=by or self.by, data=data, now=at)

    def speak(self) -> None:
        self.dial()
        self.press(CallState.ANSWERED, CallState.COMPANY_PROVEN, CallState.ENDED)
        self.wrap_up("spoken")


def announced(*, case: Case | None = None, starts: datetime | None = None) -> Agreed:
    """A call about the customer's cards that the process has announced."""
    if case is None:
        starts = starts or staff_hours()
        case = wish(make_customer(), starts)
    assert starts is not None
    advance(case, stage="announced", effects=(DoEffect("announce", in_utc(Window(starts, starts + QUARTER))),))
    item = ask(case, "call_customer_back")
    return Agreed(case, starts, make_staff(role=Role.SUPPORT, first_name="Hanna"), item)


def signals_of(case: Case) -> list[tuple[str, dict[str, object]]]:
    """What the process was told, in order, beside answers."""
    found = case.outbox.filter(signal="happened").order_by("number").values_list("payload", flat=True)
    return [(one["kind"], one["facts"]) for one in found]


def kinds_of(case: Case) -> list[str]:
    """What happened in it, in order, without the name of the process."""
    found = Event.objects.filter(case=case, kind__startswith="call_back.").order_by("number")
    return [kind.removeprefix("call_back.") for kind in found.values_list("kind", flat=True)]
