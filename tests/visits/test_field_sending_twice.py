"""Pressing twice, losing the answer, and going back to an old page do no harm."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from backoffice.cases.models import Command, Event, ItemState, WorkItem
from backoffice.refusals import Conflict, NotFound, TryRefused
from backoffice.trust.models import MutualCode
from tests.visits import field_door as door
from tests.visits import visiting
from tests.visits.field_door import submit_as

pytestmark = pytest.mark.django_db


def test_the_same_sending_twice_is_one_answer_with_one_receipt() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    client, key = door.browser_of(visit), uuid.uuid4()

    first = door.send(client, visit, item, key=key)
    events, commands = Event.objects.count(), Command.objects.count()
    second = door.send(client, visit, item, key=key)

    assert (first.status_code, first["location"]) == (second.status_code, second["location"])
    assert (Event.objects.count(), Command.objects.count()) == (events, commands)


def test_two_pages_of_the_same_step_are_one_answer() -> None:
    visit = visiting.in_the_window()
    item = visiting.step(visit, "check_in")
    client = door.browser_of(visit)

    door.send(client, visit, item)
    events = Event.objects.count()
    again = door.send(client, visit, item)

    assert again.status_code == 302
    assert Event.objects.count() == events


def test_a_wrong_half_that_is_sent_twice_counts_once() -> None:
    visit, item = door.compared()
    client, key = door.browser_of(visit), uuid.uuid4()
    half = visiting.wrong(visiting.half_a(visit))

    first = door.send(client, visit, item, key=key, half=half)
    second = door.send(client, visit, item, key=key, half=half)

    assert first.status_code == second.status_code == 400
    assert "type them once more" in second.content.decode()
    assert MutualCode.objects.get(case_id=visit.case_id, void_at=None).a_failures == 1


def test_what_was_sent_before_is_not_replaced_by_something_else() -> None:
    visit, item = door.compared()
    client, key = door.browser_of(visit), uuid.uuid4()
    door.send(client, visit, item, key=key, half=visiting.wrong(visiting.half_a(visit)))

    response = door.send(client, visit, item, key=key, half=visiting.half_a(visit))

    assert response.status_code == 409
    assert "This page was sent before" in response.content.decode()
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_a_form_with_faults_may_be_mended_and_sent_with_the_same_id() -> None:
    visit, item = door.compared()
    client, key = door.browser_of(visit), uuid.uuid4()
    assert door.send(client, visit, item, key=key, half="").status_code == 400

    mended = door.send(client, visit, item, key=key, half=visiting.half_a(visit))

    assert mended.status_code == 302


def test_an_incomplete_page_sends_nothing_and_says_so() -> None:
    visit = visiting.in_the_window()
    visiting.step(visit, "check_in")
    client = door.browser_of(visit)

    for sent in ({}, {"item": "x", "key": "y"}, {"item": str(uuid.uuid4())}):
        response = client.post(door.address(visit), sent)

        assert response.status_code == 400
        assert "Nothing was sent" in response.content.decode()


def test_a_step_of_another_visit_is_not_there() -> None:
    visit, other = visiting.in_the_window(), visiting.in_the_window()
    step_of_other = visiting.step(other, "check_in")

    assert door.send(door.browser_of(visit), visit, step_of_other).status_code == 404
    with pytest.raises(NotFound):
        submit_as(visit, step_of_other, uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_of_many_presses_at_once_of_a_wrong_half_one_counts() -> None:
    visit, item = door.compared()
    half, key = visiting.wrong(visiting.half_a(visit)), uuid.uuid4()

    def press(_number: int) -> str:
        try:
            submit_as(visit, item, key, half=half)
        except (TryRefused, Conflict) as refused:
            return refused.code
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(press, range(8)))

    assert results == ["half_refused"] * 8
    assert MutualCode.objects.get(case_id=visit.case_id, void_at=None).a_failures == 1
    assert WorkItem.objects.get(id=item.id).state == ItemState.OPEN
