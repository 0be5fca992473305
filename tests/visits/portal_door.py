"""Plays a home visit as far as the door, for tests of the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.cases import answering
from backoffice.cases.models import Case, WorkItem
from backoffice.staff.models import Role, User
from backoffice.visits import booking, handshake, offering
from tests.factories import actor, make_staff
from tests.playing import advance, ask, customer_actor
from workflows.base.contracts import DoEffect, OpenChild


@dataclass(frozen=True)
class Planned:
    """A visit case and its visitor."""

    case: Case
    visitor: User


def slot(*, hours: float, visitor: User | None = None) -> User:
    """A free window of two hours that begins so many hours from now."""
    visitor = visitor or make_staff(role=Role.FIELD)
    starts = (datetime.now(UTC) + timedelta(hours=hours)).replace(second=0, microsecond=0)
    offering.enter_slot(visitor=visitor, starts=starts, ends=starts + timedelta(hours=2))
    return visitor


def visit_under(parent: Case) -> Case:
    """A visit is proposed under the case."""
    advance(parent, stage="visit", children=(OpenChild(process="home_visit", step="home_visit"),))
    case = Case.objects.get(parent=parent)
    advance(case, stage="proposed")
    return case


def agreed(parent: Case, *, hours: float) -> Planned:
    """A visit whose window begins so many hours from now, with its visitor assigned."""
    visitor = slot(hours=hours)
    case = visit_under(parent)
    item = ask(case, "choose_visit")
    own = visitor.slots.get().starts
    window = next(one for one in offering.windows(booking.visit_of(case), now=datetime.now(UTC)) if one.starts == own)
    place = booking.places(case.customer)[0]
    answering.answer(
        item_id=item.id,
        by=customer_actor(case.customer),
        data={"how": "visit", "window": window.key, "place": str(place.pk)},
    )
    advance(case, stage="confirmed", effects=(DoEffect("assign"),))
    advance(case, stage="assigned")
    return Planned(case, visitor)


def at_the_door(planned: Planned) -> WorkItem:
    """The visitor has checked in, somebody opened, and the customer is asked to compare."""
    case, by = planned.case, actor(planned.visitor)
    holder = str(planned.visitor.public_id)
    check_in = ask(case, "check_in", holder=holder, stage="window_open")
    answering.answer(item_id=check_in.id, by=by, data={})
    meet = ask(case, "meet_customer", holder=holder, stage="at_door")
    answering.answer(item_id=meet.id, by=by, data={"outcome": "opened"})
    return ask(case, "compare_half", stage="handshake")


def half_b(planned: Planned) -> str:
    """What the visitor shows on the screen."""
    figures = handshake.half_b(planned.case, visitor=planned.visitor)
    assert figures is not None
    return figures
