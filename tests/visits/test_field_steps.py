"""A whole visit by the visitor's pages, one step a screen."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.cases.models import ItemState
from backoffice.visits.booking import visit_of
from backoffice.visits.models import Found, VisitState
from tests.factories import now
from tests.visits import field_door as door
from tests.visits import visiting

pytestmark = pytest.mark.django_db

MATCH: dict[str, Any] = {
    "outcome": "match",
    "portrait": "yes",
    "document": "passport",
    "valid_until": f"{now().year + 3}-05-01",
    "last_signs": "7X2Q",
}


def test_checking_in_tells_where_to_about_a_kilometre() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    client = door.browser_of(visit)

    response = door.send(client, visit, item, latitude="52.3712", longitude="4.8951")

    assert response.status_code == 302
    assert visit_of(visit.case).coarse_place == "52.37, 4.90"
    assert "Sent. One moment" in door.see(client, visit)


def test_not_sharing_the_place_is_a_choice_of_its_own() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    client = door.browser_of(visit)
    assert "I will not share my place" in door.see(client, visit)

    door.send(client, visit, item, latitude="52.3712", longitude="4.8951", place="none")

    found = visit_of(visit.case)
    assert (found.state, found.location_refused, found.coarse_place) == (VisitState.AT_DOOR, True, "")


def test_half_b_fills_the_screen_until_the_customer_has_compared_it() -> None:
    visit, _item = door.showing_half()
    first, second = visiting.half_b(visit).split()

    page = door.see(door.browser_of(visit), visit)

    assert f"<span>{first}</span> <span>{second}</span>" in page
    assert 'name="half"' not in page


def test_then_the_customers_half_is_entered_and_half_b_is_gone() -> None:
    visit, item = door.compared()
    client = door.browser_of(visit)
    page = door.see(client, visit)
    assert 'name="half"' in page
    assert "big-code" not in page

    door.send(client, visit, item, half=visiting.half_a(visit))

    item.refresh_from_db()
    assert item.outcome == "proven"


def test_a_wrong_half_says_what_to_do_and_leaves_two_tries() -> None:
    visit, item = door.compared()

    response = door.send(door.browser_of(visit), visit, item, half=visiting.wrong(visiting.half_a(visit)))

    page = response.content.decode()
    assert response.status_code == 400
    assert "type them once more" in page
    assert "Stay calm" in page


def test_the_third_wrong_half_ends_the_visit_and_says_to_leave() -> None:
    visit, item = door.compared()
    client = door.browser_of(visit)
    half = visiting.wrong(visiting.half_a(visit))

    for _try in range(3):
        door.send(client, visit, item, half=half)

    assert visit_of(visit.case).found == Found.NOT_PROVEN
    assert "Say goodbye and leave" in door.see(client, visit)


def test_a_match_needs_the_document_and_all_that_is_missing_is_said_at_once() -> None:
    visit, item = door.checking_identity()

    response = door.send(door.browser_of(visit), visit, item, outcome="match", remarks="A long corridor")

    page = response.content.decode()
    assert response.status_code == 400
    for sentence in ("the person on the picture", "which document", "until when", "last four characters"):
        assert sentence in page
    assert "A long corridor" in page


def test_a_match_ends_the_visit_for_the_visitor() -> None:
    visit, item = door.checking_identity()
    client = door.browser_of(visit)

    response = door.send(client, visit, item, **MATCH)

    assert response.status_code == 302
    assert visit_of(visit.case).found == Found.MATCH
    assert "you have nothing more to do" in door.see(client, visit)


def test_the_birth_date_is_shown_only_once_both_are_proven() -> None:
    visit, _item = door.compared()
    client = door.browser_of(visit)
    assert "1984" not in door.see(client, visit)

    visit, _item = door.checking_identity()

    assert "17 May 1984" in door.see(door.browser_of(visit), visit)


def test_the_result_is_chosen_before_anything_is_sent() -> None:
    visit, item = door.checking_identity()
    client = door.browser_of(visit)

    page = client.get(door.address(visit), {"found": "mismatch"}).content.decode()

    assert "Say nothing of your doubt" in page
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_when_the_ten_minutes_ran_out_new_digits_are_offered() -> None:
    visit, item = door.showing_half()
    door.let_the_halves_run_out(visit)
    client = door.browser_of(visit)
    assert "The digits are no longer good" in door.see(client, visit)

    door.send(client, visit, item, otherwise="again")

    item.refresh_from_db()
    assert item.outcome == "again"
