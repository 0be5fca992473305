"""Early, late, paused, between two steps, and over: each screen says what it is and what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils.html import escape

from backoffice.cases import freezing
from backoffice.cases.models import Case, Command, CommandState, WorkItem
from backoffice.cases.withdrawing import withdraw
from backoffice.staff.models import Role
from backoffice.visits import calling_off, handshake
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Found, Visit
from tests.factories import actor, make_staff, now
from tests.visits import field_door as door
from tests.visits import visiting

pytestmark = pytest.mark.django_db


def shift(visit: Visit, **by: float) -> Visit:
    """Moves the agreed window in time."""
    assert visit.starts is not None
    assert visit.ends is not None
    Visit.objects.filter(pk=visit.pk).update(starts=visit.starts + timedelta(**by), ends=visit.ends + timedelta(**by))
    return visit_of(visit.case)


def test_too_early_says_from_when() -> None:
    visit = visiting.agreed(slot=visiting.free_slot(hours=5))

    page = door.see(door.browser_of(visit), visit)

    assert "It is too early to check in" in page
    assert "in 4 hours" in page


def test_a_visit_says_how_to_get_there_and_whom_to_call(settings: LazySettings) -> None:
    settings.DESK_PHONE = "+31 20 555 0199"
    visit = visiting.in_the_window()
    client = door.browser_of(visit)

    for page in (door.see(client, visit), client.get("/field/").content.decode()):
        assert 'href="geo:0,0?q=' in page
        assert 'href="tel:+31205550199"' in page


def test_the_way_is_not_shown_once_the_visit_is_over_or_paused() -> None:
    visit = visiting.in_the_window()
    client = door.browser_of(visit)
    freezing.freeze(case_id=visit.case_id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="suspicion")

    for page in (door.see(client, visit), client.get("/field/").content.decode()):
        assert "geo:" not in page


def test_the_visits_of_a_day_stand_under_its_date() -> None:
    visit = visiting.in_the_window()

    page = door.browser_of(visit).get("/field/").content.decode()

    assert f"Visits of {visit.day_in_words}" in page
    assert visit.hours_in_words in page


def test_checking_in_too_late_changes_nothing_and_says_so() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    shift(visit, hours=-3)

    response = door.send(door.browser_of(visit), visit, item)

    assert response.status_code == 409
    assert "It is too late" in response.content.decode()
    assert visit_of(visit.case).checked_in_at is None


def test_between_two_steps_the_page_says_sent_and_offers_to_look_again() -> None:
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    Command.objects.update(state=CommandState.SENT)

    page = door.see(door.browser_of(visit), visit)

    assert "Sent. One moment" in page
    assert "Sent at" in page
    assert "Look again" in page


def test_while_the_engine_is_down_it_says_received_being_processed() -> None:
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    WorkItem.objects.filter(case=visit.case).update(answered_at=now() - timedelta(minutes=1))

    page = door.see(door.browser_of(visit), visit)

    assert "Received, being processed" in page
    assert "you need not send it again" in page


def test_the_page_keeps_still_until_the_next_step_is_there() -> None:
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    client = door.browser_of(visit)
    screen = client.get(door.address(visit)).context["screen"]
    seen = {"seen": screen.version, "sent": screen.sent.version}
    assert client.get(door.address(visit, "status"), seen).status_code == 204

    visiting.step(visit, "meet_customer")

    assert client.get(door.address(visit, "status"), seen)["HX-Refresh"] == "true"


def test_what_became_of_the_step_is_told_without_loading_the_page_anew() -> None:
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    client = door.browser_of(visit)
    screen = client.get(door.address(visit)).context["screen"]
    Command.objects.update(state=CommandState.SENT)

    told = client.get(door.address(visit, "status"), {"seen": screen.version, "sent": screen.sent.version})

    assert "HX-Refresh" not in told
    assert "Sent at" in told.content.decode()


def test_a_paused_visit_shows_no_address_and_takes_no_step() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    supervisor = make_staff(role=Role.SUPERVISOR)
    freezing.freeze(case_id=visit.case_id, by=actor(supervisor), reason="suspicion")
    client = door.browser_of(visit)

    page = door.see(client, visit)
    response = door.send(client, visit, item)

    assert "This visit is paused" in page
    assert "Keizersgracht" not in page
    assert response.status_code == 409


def test_a_visit_whose_case_is_being_stopped_is_called_off_and_shows_no_address() -> None:
    visit = visiting.in_the_window()
    withdraw(case_id=visit.case_id, by=visiting.by_customer(visit))
    client = door.browser_of(visit)

    page, today = door.see(client, visit), client.get("/field/").content.decode()

    assert "This visit is called off" in page
    assert "called off: do not go" in today
    assert "Keizersgracht" not in page + today
    assert "is paused" not in page + today


def test_when_there_are_no_more_new_digits_none_are_promised() -> None:
    visit, _item = door.showing_half()
    door.let_the_halves_run_out(visit)
    Visit.objects.filter(pk=visit.pk).update(handshakes=handshake.MOST_PAIRS)

    page = door.see(door.browser_of(visit), visit)

    assert "there are no new digits for this visit" in page
    assert "Show new digits" not in page
    assert "Nothing is wrong" not in page


def test_a_visit_that_the_customer_called_off_says_not_to_go_in() -> None:
    visit, item = door.showing_half()
    calling_off.nobody_expected(case_id=visit.case_id, by=visiting.by_customer(visit))
    client = door.browser_of(visit)

    page = door.see(client, visit)
    late = door.send(client, visit, item, half="123 456")

    assert "Do not ring or go in" in page
    assert "Keizersgracht" not in page
    assert late.status_code == 409


@pytest.mark.parametrize("found", [found for found in Found if found])
def test_every_end_has_its_sentence(found: Found) -> None:
    visit = visiting.in_the_window()
    Visit.objects.filter(pk=visit.pk).update(state="ended", found=found)

    page = door.see(door.browser_of(visit), visit)

    assert "The visit is over" in page
    assert escape(str(found.label)) in page


def test_the_way_out_is_on_every_screen() -> None:
    ways = [
        visiting.agreed(slot=visiting.free_slot(hours=5)),
        visiting.in_the_window(),
        visiting.at_the_door(),
        door.showing_half()[0],
        door.compared()[0],
        door.checking_identity()[0],
    ]

    for visit in ways:
        page = door.see(door.browser_of(visit), visit)

        assert "I do not feel safe" in page
        assert door.address(visit, "unsafe") in page


def test_not_feeling_safe_ends_the_visit_at_once_and_alarms() -> None:
    visit, _item = door.showing_half()
    client = door.browser_of(visit)

    first = client.post(door.address(visit, "unsafe"))
    second = client.post(door.address(visit, "unsafe"))

    assert first.status_code == second.status_code == 302
    assert visit_of(visit.case).found == Found.UNSAFE
    assert Case.objects.get(pk=visit.case_id).open_incidents
    assert "A supervisor was alarmed" in door.see(client, visit)


def test_after_the_visit_it_says_whom_to_call_instead() -> None:
    visit = visiting.in_the_window()
    Visit.objects.filter(pk=visit.pk).update(state="ended", found=Found.MATCH)

    response = door.browser_of(visit).post(door.address(visit, "unsafe"))

    assert response.status_code == 409
    assert "call the emergency number" in response.content.decode()
    assert "tel:112" in response.content.decode()
