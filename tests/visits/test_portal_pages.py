"""The customer's side of a visit: nothing before the window, proof at the door, and a way out at any time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from backoffice.cases.models import Case, Command, ItemState
from backoffice.visits import booking, offering
from backoffice.visits.models import Found
from tests.playing import ask
from tests.portal.conftest import Person, make_person, open_blocked
from tests.visits import visiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(db: None) -> Person:
    return make_person()


@pytest.fixture
def case(maria: Person) -> Case:
    return open_blocked(maria.card)


def page_of(person: Person, case: Case, name: str = "home_visit:door") -> str:
    return person.client.get(reverse(f"portal:{name}", args=[case.reference])).content.decode()


def test_choosing_a_time_books_it(maria: Person, case: Case) -> None:
    visiting.free_slot(hours=30)
    visit = visiting.visit_under(case)
    item = ask(visit, "choose_visit")
    window = offering.windows(booking.visit_of(visit), now=datetime.now(UTC))[0]
    place = booking.places(maria.customer)[0]

    maria.client.post(
        reverse("portal:item", args=[item.id]), {"how": "visit", "window": window.key, "place": str(place.pk)}
    )

    item.refresh_from_db()
    assert item.outcome == "booked"
    assert booking.visit_of(visit).starts == window.starts


def test_a_time_that_is_gone_is_told_on_its_field(maria: Person, case: Case) -> None:
    visiting.free_slot(hours=30)
    item = ask(visiting.visit_under(case), "choose_visit")
    place = booking.places(maria.customer)[0]

    response = maria.client.post(
        reverse("portal:item", args=[item.id]),
        {"how": "visit", "window": "20200101T0900-20200101T1100", "place": str(place.pk)},
    )

    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"window"}


def test_before_the_window_nobody_is_named(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=3)

    pages = page_of(maria, planned.case) + page_of(maria, case, "case")

    assert visiting.visitor_of(planned).last_name not in pages
    assert visiting.visitor_of(planned).staff_profile.badge_number not in pages


def test_in_the_window_the_visitor_is_shown_on_this_page_only(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=-0.2)

    assert visiting.visitor_of(planned).last_name in page_of(maria, planned.case)
    assert visiting.visitor_of(planned).staff_profile.badge_number in page_of(maria, planned.case)
    assert visiting.visitor_of(planned).last_name not in page_of(maria, case, "case")


def test_half_a_is_shown_only_after_the_visitors_half_was_right(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=-0.2)
    item = visiting.asked_to_compare(visiting.at_the_door(planned))
    before = page_of(maria, planned.case)

    response = maria.client.post(
        reverse("portal:item", args=[item.id]), {"half": visiting.half_b(planned)}, follow=True
    )

    assert "The visitor is ours" not in before
    assert "The visitor is ours" in response.content.decode()
    assert response.context["door"].half_a.replace(" ", "").isdigit()


def test_a_wrong_half_costs_a_try_and_the_third_calls_the_visit_off(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=-0.2)
    item = visiting.asked_to_compare(visiting.at_the_door(planned))
    right = visiting.half_b(planned)
    typed = "111111" if right != "111111" else "222222"

    answers = [
        maria.client.post(reverse("portal:item", args=[item.id]), {"half": typed}, follow=True) for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert "one more try" in answers[1].content.decode()
    assert "Do not let anybody in" in answers[2].content.decode()
    assert booking.visit_of(planned.case).found == Found.HALF_DIFFERENT


def test_i_expect_nobody_asks_once_and_calls_the_visit_off_once(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=-0.2)
    item = visiting.asked_to_compare(visiting.at_the_door(planned))
    address = reverse("portal:home_visit:nobody", args=[planned.case.reference])

    asked = maria.client.get(address)
    assert booking.visit_of(planned.case).found == Found.NOTHING
    answers = [maria.client.post(address, follow=True) for _ in range(2)]

    item.refresh_from_db()
    assert asked.status_code == 200
    assert all("Do not let anybody in" in answer.content.decode() for answer in answers)
    assert item.state == ItemState.WITHDRAWN
    assert Command.objects.filter(case=planned.case, signal="happened").count() == 1


def test_a_visit_is_moved_to_a_time_that_is_free(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=72)
    visiting.free_slot(hours=96, visitor=visiting.visitor_of(planned))
    window = offering.windows(booking.visit_of(planned.case), now=datetime.now(UTC))[-1]

    response = maria.client.post(
        reverse("portal:home_visit:move", args=[planned.case.reference]), {"window": window.key}
    )

    assert response.status_code == 302
    assert booking.visit_of(planned.case).starts == window.starts


def test_too_late_to_move_says_why(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=3)

    response = maria.client.get(reverse("portal:home_visit:move", args=[planned.case.reference]))

    assert response.status_code == 409
    assert "less than a day" in response.content.decode()
    assert "less than a day" in page_of(maria, planned.case)


def test_cancelling_needs_another_way(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=72)
    address = reverse("portal:home_visit:cancel", args=[planned.case.reference])

    refused = maria.client.post(address, {})
    taken = maria.client.post(address, {"alternative": "branch"})

    assert refused.status_code == 400
    assert taken.headers["Location"] == reverse("portal:case", args=[planned.case.reference])
    assert booking.visit_of(planned.case).found == Found.CANCELLED


def test_the_page_at_the_door_changes_only_when_something_has(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=-0.2)
    address = reverse("portal:home_visit:status", args=[planned.case.reference])
    seen = maria.client.get(address).context["door"].version

    before = maria.client.get(address, {"seen": seen})
    visiting.asked_to_compare(visiting.at_the_door(planned))
    after = maria.client.get(address, {"seen": seen})

    assert (before.status_code, after.status_code) == (204, 200)


def test_the_page_of_the_case_leads_to_the_visit_under_it(maria: Person, case: Case) -> None:
    planned = visiting.agreed_under(case, hours=72)

    assert reverse("portal:home_visit:door", args=[planned.case.reference]) in page_of(maria, case, "case")
    assert maria.client.get(reverse("portal:home_visit:door", args=[case.reference])).status_code == 200
