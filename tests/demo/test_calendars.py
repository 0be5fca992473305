from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.staff.models import Role
from demo.calendars import offer_demo_slots
from tests.factories import make_staff
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
