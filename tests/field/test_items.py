"""Any work item of mine as one screen: its form, what is wrong with it, what became of it, and what comes next."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from backoffice.cases import freezing
from backoffice.cases.models import Command, CommandState, Event, ItemState, WorkItem
from backoffice.staff.models import Role
from backoffice.trust.models import MutualCode
from backoffice.visits.models import Visit
from tests.factories import actor, make_staff
from tests.visits import field_door as door
from tests.visits import visiting

pytestmark = pytest.mark.django_db


def address(item: WorkItem, name: str = "item") -> str:
    return reverse(f"field:{name}", args=[item.id])


def send(client: Client, item: WorkItem, *, key: uuid.UUID | None = None, **data: Any) -> HttpResponse:
    sent = {"item": str(item.id), "key": str(key or uuid.uuid4()), **data}
    return client.post(address(item), sent)  # type: ignore[return-value]


def meeting() -> tuple[Visit, WorkItem, Client]:
    """The agent stands at the door, and has to say who opened."""
    visit = visiting.in_the_window()
    visiting.does(visit, "check_in")
    return visit, visiting.step(visit, "meet_customer"), door.browser_of(visit)


def test_the_page_is_the_form_of_the_item() -> None:
    visit, item, client = meeting()

    page = client.get(address(item)).content.decode()

    assert "Ring, and say who you are" in page
    assert visit.case.reference in page
    assert 'name="outcome"' in page
    assert "I do not feel safe" in page


def test_an_answer_is_taken_and_the_page_says_so() -> None:
    _visit, item, client = meeting()

    response = send(client, item, outcome="not_home")
    page = client.get(response["location"]).content.decode()

    item.refresh_from_db()
    assert (item.state, item.outcome) == (ItemState.ANSWERED, "not_home")
    assert "Received, being processed" in page


def test_once_its_process_has_heard_of_it_the_page_says_sent() -> None:
    _visit, item, client = meeting()
    send(client, item, outcome="not_home")
    Command.objects.update(state=CommandState.SENT)

    page = client.get(address(item)).content.decode()

    assert "<h1>Sent</h1>" in page
    assert "being processed" not in page


def test_what_is_missing_is_said_beside_its_field() -> None:
    _visit, item, client = meeting()

    response = send(client, item)

    assert response.status_code == 400
    assert "Choose one." in response.content.decode()
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_the_next_item_of_the_case_follows_by_itself() -> None:
    visit, item, client = meeting()
    send(client, item, outcome="opened")
    seen = client.get(address(item)).context["look_at"]
    assert client.get(seen).status_code == 204

    following = visiting.step(visit, "enter_half")

    assert client.get(seen)["HX-Refresh"] == "true"
    assert client.get(address(item))["location"] == address(following)


def test_the_same_sending_twice_is_one_answer() -> None:
    _visit, item, client = meeting()
    key = uuid.uuid4()

    first = send(client, item, key=key, outcome="not_home")
    events = Event.objects.count()
    second = send(client, item, key=key, outcome="not_home")

    assert (first.status_code, first["location"]) == (second.status_code, second["location"])
    assert Event.objects.count() == events


def test_a_wrong_try_that_is_sent_twice_counts_once() -> None:
    visit, item = door.compared()
    client, key = door.browser_of(visit), uuid.uuid4()
    half = visiting.wrong(visiting.half_a(visit))

    pages = [send(client, item, key=key, half=half) for _press in range(2)]

    assert [page.status_code for page in pages] == [400, 400]
    assert all("type them once more" in page.content.decode() for page in pages)
    assert MutualCode.objects.get(case_id=visit.case_id, void_at=None).a_failures == 1


def test_what_was_sent_before_is_not_replaced_by_something_else() -> None:
    visit, item = door.compared()
    client, key = door.browser_of(visit), uuid.uuid4()
    send(client, item, key=key, half=visiting.wrong(visiting.half_a(visit)))

    response = send(client, item, key=key, half=visiting.half_a(visit))

    assert response.status_code == 409
    assert "This page was sent before" in response.content.decode()


def test_an_incomplete_page_sends_nothing_and_says_so() -> None:
    _visit, item, client = meeting()

    for sent in ({}, {"item": "x", "key": "y"}, {"item": str(item.id)}):
        response = client.post(address(item), sent)

        assert response.status_code == 400
        assert "Nothing was sent" in response.content.decode()


def test_an_item_of_another_case_cannot_be_sent_from_this_page() -> None:
    _visit, item, client = meeting()
    _other, theirs, _their_client = meeting()

    response = client.post(address(item), {"item": str(theirs.id), "key": str(uuid.uuid4()), "outcome": "not_home"})

    theirs.refresh_from_db()
    assert response.status_code == 404
    assert theirs.state == ItemState.OPEN


def test_while_the_case_is_frozen_the_page_says_so_and_takes_nothing() -> None:
    visit, item, client = meeting()
    freezing.freeze(case_id=visit.case_id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="suspicion")

    page = client.get(address(item)).content.decode()
    response = send(client, item, outcome="not_home")

    assert "This case is paused" in page
    assert 'name="outcome"' not in page
    assert response.status_code == 409
