"""Visitors see their own visits, on their day, with their second factor; nobody else sees any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from backoffice.cases.models import ItemState
from backoffice.staff.models import Role
from backoffice.trust.quiet_hours import zone
from backoffice.visits.models import Visit
from tests.factories import make_staff, now, sign_in
from tests.visits import field_door as door
from tests.visits import visiting

HALF_PAST_MIDNIGHT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
"""In Amsterdam."""
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db
TODAY = "/field/"


def test_another_visitors_visit_is_not_there() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    other = sign_in(Client(), make_staff(role=Role.FIELD))

    answers = [
        other.get(door.address(visit)),
        other.get(door.address(visit, "status")),
        door.send(other, visit, item),
        other.post(door.address(visit, "unsafe")),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    item.refresh_from_db()
    assert item.state == ItemState.OPEN
    assert visit.case.reference not in other.get(TODAY).content.decode()


@pytest.mark.parametrize("reference", ["K7Q-4MX-2", "nonsense", "K7Q-4MX-3"])
def test_a_reference_that_is_unknown_or_malformed_is_the_same_404(reference: str) -> None:
    client = sign_in(Client(), make_staff(role=Role.FIELD))

    assert client.get(f"/field/visits/{reference}/").status_code == 404


def test_who_is_not_signed_in_is_led_to_the_sign_in() -> None:
    visit = visiting.in_the_window()

    for address in (TODAY, door.address(visit)):
        response = Client().get(address)

        assert response.status_code == 302
        assert response["location"].startswith(reverse("account_login"))


def test_a_visitor_without_the_second_factor_sees_nothing() -> None:
    visit = visiting.in_the_window()
    client = sign_in(Client(), visiting.visitor_of(visit), factor=False)

    response = client.get(door.address(visit))

    assert response.status_code == 302
    assert reverse("mfa_reauthenticate") in response["location"]


def test_nothing_of_the_pages_is_kept_by_the_browser() -> None:
    visit = visiting.in_the_window()

    response = door.browser_of(visit).get(door.address(visit))

    assert "no-store" in response["cache-control"]


def test_the_day_shows_its_visits_in_order_and_leads_to_the_next_one() -> None:
    first = visiting.in_the_window()
    client = door.browser_of(first)
    visitor = visiting.visitor_of(first)
    second = visiting.agreed(slot=visiting.free_slot(visitor=visitor, hours=2))
    third = visiting.agreed(slot=visiting.free_slot(visitor=visitor, hours=72))

    response = client.get(TODAY)

    shown = [one.case.reference for one in response.context["appointments"]]
    assert shown[0] == first.case.reference
    assert second.case.reference in shown or not same_day(first, second)
    assert third.case.reference not in shown
    assert response.context["next_url"] == door.address(first)


def same_day(one: Visit, other: Visit) -> bool:
    at_the_door = zone("Europe/Amsterdam")
    assert one.starts is not None
    assert other.starts is not None
    return one.starts.astimezone(at_the_door).date() == other.starts.astimezone(at_the_door).date()


@time_machine.travel(HALF_PAST_MIDNIGHT, tick=False)
def test_a_visit_that_began_yesterday_and_goes_on_is_still_there() -> None:
    visit = visiting.in_the_window()
    at = now()
    Visit.objects.filter(pk=visit.pk).update(starts=at - timedelta(hours=2), ends=at + timedelta(minutes=5))

    page = door.browser_of(visit).get(TODAY).content.decode()

    assert visit.case.reference in page


@time_machine.travel(NOON, tick=False)
def test_a_visit_that_is_over_is_listed_without_its_address() -> None:
    visit = visiting.in_the_window()
    Visit.objects.filter(pk=visit.pk).update(state="ended", found="match")

    page = door.browser_of(visit).get(TODAY).content.decode()

    assert visit.case.reference in page
    assert "Keizersgracht" not in page
