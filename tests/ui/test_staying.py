"""A sign-in ends when nobody does anything, and after twelve hours; looking for news is nothing that a person does."""

from __future__ import annotations

import re
import time

import pytest
from django.conf import settings
from django.test import Client

from backoffice.staff.models import Role
from backoffice.ui import staying
from tests.factories import make_card, make_staff, sign_in
from tests.playing import ask, open_card_case
from tests.ui.sessions import idle_for

pytestmark = pytest.mark.django_db
ADDRESS = "/account/session/"
IDLE = settings.IDLE.total_seconds()


def at_desk() -> Client:
    return sign_in(Client(), make_staff())


def seen(client: Client) -> float:
    return float(client.session["signed_in"][1])


def is_signed_in(client: Client) -> bool:
    return client.get("/desk/").status_code == 200


def test_a_clerk_who_does_nothing_is_signed_out() -> None:
    client = at_desk()
    idle_for(client, IDLE + 1)

    assert not is_signed_in(client)


def test_a_clerk_who_did_something_is_not() -> None:
    client = at_desk()
    idle_for(client, IDLE - 60)

    assert is_signed_in(client)
    assert time.time() - seen(client) < 60


def test_after_twelve_hours_everybody_is_signed_out_whatever_they_did() -> None:
    client = at_desk()
    session = client.session
    session["signed_in"] = [time.time() - settings.SESSION_COOKIE_AGE - 1, time.time(), IDLE]
    session.save()

    assert not is_signed_in(client)


def test_a_visitor_may_drive_for_longer_than_a_clerk_may_rest() -> None:
    client = sign_in(Client(), make_staff(role=Role.FIELD))
    idle_for(client, IDLE + 60)

    assert client.get("/field/").status_code == 200


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/desk/live/worklist/", {"HX-Request": "true"}),
        ("/desk/", {"HX-Request": "true"}),
        ("/desk/", {"Sec-Fetch-Dest": "empty"}),
        ("/desk/", {"Sec-Fetch-Dest": "image"}),
        (ADDRESS, {"Sec-Fetch-Dest": "empty"}),
        (ADDRESS, {}),
    ],
)
def test_what_a_page_does_by_itself_keeps_nobody_signed_in(address: str, headers: dict[str, str]) -> None:
    client = at_desk()
    idle_for(client, IDLE - 60)
    before = seen(client)

    client.get(address, headers=headers)

    assert seen(client) == before


def test_the_news_of_an_open_page_keep_no_idle_clerk_signed_in() -> None:
    item = ask(open_card_case(make_card()), "call_customer")
    client = at_desk()
    page = client.get(f"/desk/item/{item.id}/")
    idle_for(client, IDLE - 60)
    before = seen(client)
    for _every_five_seconds in range(3):
        client.get(page.context["polled"], headers={"HX-Request": "true"})

    assert seen(client) == before
    idle_for(client, 61)
    assert not is_signed_in(client)


@pytest.mark.parametrize("headers", [{"HX-Request": "true", "HX-Boosted": "true"}, {"Sec-Fetch-Dest": "document"}])
def test_what_a_person_asks_for_counts(headers: dict[str, str]) -> None:
    client = at_desk()
    idle_for(client, IDLE - 60)

    client.get("/desk/", headers=headers)

    assert time.time() - seen(client) < 60


def test_the_session_is_written_once_a_minute_at_most() -> None:
    client = at_desk()
    idle_for(client, staying.NOTED_EVERY - 10)
    before = seen(client)

    client.get("/desk/")

    assert seen(client) == before


def test_the_script_learns_how_long_it_lasts_and_renews_it() -> None:
    client = at_desk()
    idle_for(client, IDLE - 60)

    left = client.get(ADDRESS, headers={"Accept": "application/json"}).json()["left"]
    renewed = client.post(ADDRESS, headers={"Accept": "application/json"}).json()["left"]

    assert 0 < left <= 60
    assert IDLE - 60 <= renewed <= IDLE


def test_nobody_is_renewed_after_the_end() -> None:
    client = at_desk()
    idle_for(client, IDLE + 1)

    assert client.post(ADDRESS, headers={"Accept": "application/json"}).json() == {"left": 0}
    assert Client().post(ADDRESS, headers={"Accept": "application/json"}).json() == {"left": 0}
    assert not is_signed_in(client)


def test_renewing_needs_the_token_of_a_page() -> None:
    client = sign_in(Client(enforce_csrf_checks=True), make_staff())

    assert client.post(ADDRESS, headers={"Accept": "application/json"}).status_code == 403


def test_each_page_says_until_when_without_script() -> None:
    client = at_desk()

    page = client.get("/desk/").content.decode()

    assert "You are signed in until" in page.partition("<noscript>")[2]
    [left] = re.findall(r'data-left="(\d+)"', page)
    assert IDLE - 60 <= int(left) <= IDLE
    assert "data-sign-in-ends" not in Client().get("/check/").content.decode()


def test_a_sign_in_from_before_times_were_counted_goes_on() -> None:
    client = at_desk()
    session = client.session
    del session["signed_in"]
    session.save()

    assert is_signed_in(client)
    assert "signed_in" in client.session
