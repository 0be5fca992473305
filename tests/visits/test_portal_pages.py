"""The customer's side of a visit: nothing before the window, proof at the door, and a way out at any time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from backoffice.cases import answering
from backoffice.cases.models import Case, Command, ItemState
from backoffice.cases.windows import Window
from backoffice.refusals import TryRefused
from backoffice.visits import booking, handshake, offering
from backoffice.visits.models import Found, Visit
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


def test_who_chose_another_way_is_asked_for_no_time(maria: Person, case: Case) -> None:
    visiting.free_slot(hours=30)
    item = ask(visiting.visit_under(case), "choose_visit")
    first = reverse("portal:page", args=[item.id, 1])

    shown = maria.client.get(first).content.decode()
    response = maria.client.post(first, {"how": "branch"})

    assert "we must be sure that it is you" in shown
    assert response["Location"] == reverse("portal:check", args=[item.id])
    check = maria.client.get(response["Location"]).content.decode()
    assert "which day" not in check
    maria.client.post(response["Location"])
    item.refresh_from_db()
    assert item.outcome == "declined"


def test_a_visit_is_chosen_by_its_day_and_then_a_time_of_that_day(maria: Person, case: Case) -> None:
    sooner, later = visiting.free_slot(hours=30), visiting.free_slot(hours=78)
    item = ask(visiting.visit_under(case), "choose_visit")
    zone = maria.customer.time_zone
    first, second = Window(sooner.starts, sooner.ends), Window(later.starts, later.ends)
    page = [reverse("portal:page", args=[item.id, number]) for number in (1, 2, 3)]

    assert maria.client.post(page[0], {"how": "visit"})["Location"] == page[1]
    days = maria.client.get(page[1]).content.decode()
    assert maria.client.post(page[1], {"day": second.day(zone)})["Location"] == page[2]
    times = maria.client.get(page[2]).content.decode()

    assert all(one.day_in_words(zone) in days for one in (first, second))
    assert second.key in times
    assert first.key not in times
    place = str(booking.places(maria.customer)[0].pk)
    checked = maria.client.post(page[2], {"window": second.key, "place": place})
    maria.client.post(checked["Location"])
    item.refresh_from_db()
    assert item.outcome == "booked"


def test_a_copy_of_the_answer_names_time_and_place_in_words(maria: Person, case: Case) -> None:
    slot = visiting.free_slot(hours=30)
    visit = visiting.visit_under(case)
    item = ask(visit, "choose_visit")
    answering.answer(item_id=item.id, by=visiting.by_customer(visit.visit), data=visiting.choice(visit, slot))

    page = page_of(maria, case, "case")
    receipt = maria.client.get(reverse("portal:done", args=[item.id])).content.decode()

    assert reverse("portal:done", args=[item.id]) in page
    assert booking.visit_of(visit).window_in_words in receipt
    assert booking.places(maria.customer)[0].masked in receipt
    assert visiting.key_of(slot) not in receipt


def test_a_time_chosen_before_another_way_is_forgotten(maria: Person, case: Case) -> None:
    slot = visiting.free_slot(hours=30)
    item = ask(visiting.visit_under(case), "choose_visit")
    place = str(booking.places(maria.customer)[0].pk)
    kept = {"how": "visit", "window": visiting.key_of(slot), "place": place}
    for number, name in ((1, "how"), (3, "window")):
        maria.client.post(reverse("portal:page", args=[item.id, number]), {name: kept[name], "place": place})
    slot.delete()

    changed = maria.client.post(reverse("portal:page", args=[item.id, 1]) + "?change", {"how": "post"})
    maria.client.post(changed["Location"])

    item.refresh_from_db()
    assert item.outcome == "declined"


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


def test_after_a_third_wrong_half_the_page_says_that_our_visitor_leaves(maria: Person, case: Case) -> None:
    visit = visiting.at_the_door(visiting.in_the_window(case=visiting.visit_under(case)))
    handshake.compare(visit.case, typed=visiting.half_b(visit), by=visiting.by_customer(visit), now=datetime.now(UTC))
    item = visiting.step(visit, "enter_half")
    wrong = visiting.wrong(visiting.half_a(visit))
    for _try in range(2):
        with pytest.raises(TryRefused):
            answering.answer(item_id=item.id, by=visiting.by_visitor(visit), data={"half": wrong})
    answering.answer(item_id=item.id, by=visiting.by_visitor(visit), data={"half": wrong})

    page = page_of(maria, visit.case)

    assert "The visit is over, and our visitor leaves now" in page
    assert "did not fit three times" in page
    assert "If somebody rings, they are not from us" not in page
    assert "Do not let anybody in" not in page
    Visit.objects.update(found_at=datetime.now(UTC) - timedelta(hours=2))
    assert "If somebody rings, they are not from us" in page_of(maria, visit.case)


def test_digits_are_said_one_by_one_to_who_cannot_see_them(maria: Person, case: Case) -> None:
    visit = visiting.at_the_door(visiting.in_the_window(case=visiting.visit_under(case)))
    handshake.compare(visit.case, typed=visiting.half_b(visit), by=visiting.by_customer(visit), now=datetime.now(UTC))

    page = page_of(maria, visit.case)

    first, second = visiting.half_a(visit).split()
    assert f"{', '.join(first)}; {', '.join(second)}" in page


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
