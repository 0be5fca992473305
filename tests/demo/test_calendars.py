from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.calls.models import StaffedQuarter
from backoffice.staff.models import Role
from demo.calendars import offer_demo_slots, staff_demo_hours
from tests.factories import actor, make_staff
from tests.visits.visiting import agreed, does, now

pytestmark = pytest.mark.django_db


def test_a_window_is_open_now_again_and_again() -> None:
    visitor = make_staff(role=Role.FIELD)

    first = offer_demo_slots(visitors=[visitor], now=now())
    again = offer_demo_slots(visitors=[visitor], now=now())

    assert [slot.starts <= now() < slot.ends for slot in (first[0], again[0])] == [True, True]
    assert first[0] == again[0]
    visit = agreed(slot=first[0])
    assert not any(slot.starts <= now() for slot in offer_demo_slots(visitors=[visitor], now=now()))
    does(visit, "check_in")
    does(visit, "meet_customer", outcome="refused")
    third = offer_demo_slots(visitors=[visitor], now=now() + timedelta(minutes=1))
    assert third[0].starts <= now() + timedelta(minutes=1) < third[0].ends


def test_the_hours_in_which_we_call_are_staffed_again_and_again_and_promises_stay() -> None:
    by, at = actor(make_staff(role=Role.SUPERVISOR)), now().replace(hour=9, minute=7)
    staff_demo_hours(by=by, now=at)
    StaffedQuarter.objects.filter(role=Role.SUPPORT).update(taken=1)
    staff_demo_hours(by=by, now=at)

    first = StaffedQuarter.objects.filter(role=Role.SUPPORT).order_by("starts")[0]
    assert (first.starts, first.agents, first.kept, first.taken) == (
        at.replace(minute=15, second=0, microsecond=0),
        3,
        1,
        1,
    )
    assert StaffedQuarter.objects.filter(role=Role.SUPERVISOR).count() == 35 + 6 * 44
