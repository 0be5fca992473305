"""Visits for tests: opened, agreed, at the door, by the same rules and answers that the faces use."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from backoffice.actors import Actor, Channel, system
from backoffice.cases import answering, incidents
from backoffice.cases.models import Case, IncidentKind, Part, WorkItem
from backoffice.cases.opening import open_case
from backoffice.cases.windows import Window
from backoffice.customers import contact_points
from backoffice.customers.models import ContactKind
from backoffice.staff.models import Role, User
from backoffice.trust import mutual_codes
from backoffice.visits import offering
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Slot, Visit
from tests.factories import actor, make_customer, make_staff
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import DoEffect, OpenChild

_STAGES = {"check_in": "window_open", "meet_customer": "at_door"}
"""Of the case, when the visitor's step is opened."""


def now() -> datetime:
    return datetime.now(UTC)


def open_visit(*, requester: User | None = None) -> Case:
    """A visit of its own; `requester` is who asked for it."""
    case, _new = open_case(
        process="home_visit", customer=make_customer(), by=system(), key=str(uuid.uuid4()), content={}
    )
    if requester is not None:
        Part.objects.create(root=case, user=requester, part="requester")
    return case


def visit_under(parent: Case) -> Case:
    """A visit is proposed under the case."""
    advance(parent, stage="visit", children=(OpenChild(process="home_visit", step="home_visit"),))
    case = Case.objects.get(parent=parent)
    advance(case, stage="proposed")
    return case


def free_slot(*, visitor: User | None = None, hours: float = 72, length: float = 2, **fields: Any) -> Slot:
    """A window of a certified visitor's calendar that begins so many hours from now."""
    starts = now().replace(microsecond=0, second=0) + timedelta(hours=hours)
    return offering.enter_slot(
        visitor=visitor or make_staff(role=Role.FIELD), starts=starts, ends=starts + timedelta(hours=length), **fields
    )


def key_of(slot: Slot) -> str:
    return Window(slot.starts, slot.ends).key


def choice(case: Case, slot: Slot) -> dict[str, str]:
    """What the customer fills in to choose this window at their own address."""
    place = contact_points.current(customer=case.customer, kind=ContactKind.POSTAL)
    return {"how": "visit", "window": key_of(slot), "place": str(place.pk) if place else ""}


def agreed(*, slot: Slot | None = None, case: Case | None = None) -> Visit:
    """A visit whose window was chosen and to which a visitor was assigned."""
    slot, case = slot or free_slot(), case or open_visit()
    item = ask(case, "choose_visit")
    answering.answer(item_id=item.id, by=customer_actor(case.customer), data=choice(case, slot))
    advance(case, stage="confirmed", effects=(DoEffect("assign"),))
    advance(case, stage="assigned")
    return visit_of(case)


def agreed_under(parent: Case, *, hours: float) -> Visit:
    """A visit under the case whose window begins so many hours from now."""
    return agreed(slot=free_slot(hours=hours), case=visit_under(parent))


def in_the_window(*, case: Case | None = None) -> Visit:
    """A visit whose window is open now."""
    return agreed(slot=free_slot(hours=-0.25), case=case)


def step(visit: Visit, kind: str) -> WorkItem:
    """The visitor's next work item, opened as the process does."""
    return ask(visit.case, kind, holder=str(visitor_of(visit).public_id), stage=_STAGES.get(kind, ""))


def does(visit: Visit, kind: str, **data: str) -> WorkItem:
    """The assigned visitor answers a step of theirs."""
    item = step(visit, kind)
    answering.answer(item_id=item.id, by=by_visitor(visit), data=data)
    item.refresh_from_db()
    return item


def visitor_of(visit: Visit) -> User:
    assert visit.visitor is not None
    return visit.visitor


def by_visitor(visit: Visit) -> Actor:
    return actor(visitor_of(visit), channel=Channel.FIELD)


def by_customer(visit: Visit) -> Actor:
    return customer_actor(visit.case.customer)


def at_the_door(visit: Visit | None = None) -> Visit:
    """The visitor has checked in, and the customer has opened: the halves are issued."""
    visit = visit or in_the_window()
    does(visit, "check_in")
    does(visit, "meet_customer", outcome="opened")
    return visit_of(visit.case)


def asked_to_compare(visit: Visit) -> WorkItem:
    """The customer is asked for the visitor's half."""
    return ask(visit.case, "compare_half", stage="handshake")


def half_b(visit: Visit) -> str:
    shown = mutual_codes.show_b(case_id=visit.case_id, target=visit.target, agent=visitor_of(visit))
    assert shown is not None
    return shown


def half_a(visit: Visit) -> str:
    shown = mutual_codes.show_a(case_id=visit.case_id, target=visit.target)
    assert shown is not None
    return shown


def wrong(figures: str) -> str:
    """Six figures that differ from these in one place."""
    return figures[:-1] + str((int(figures[-1]) + 1) % 10)


def alarms(case: Case) -> list[str]:
    """The codes of the alarms that nobody has looked into yet."""
    return [one.what["code"] for one in incidents.open_ones(case).filter(kind=IncidentKind.ALARM)]
