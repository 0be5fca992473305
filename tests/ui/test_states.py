"""The six states, and where a case stands in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backoffice.cases.models import Case, WorkItem
from backoffice.cases.timeline_view import Reader
from backoffice.customers.models import Customer
from backoffice.ui import states
from backoffice.ui.states import State

CUSTOMER = Customer(time_zone="Europe/Amsterdam")


def a_case(**fields: object) -> Case:
    return Case(**({"customer": CUSTOMER, "waiting_on": "us"} | fields))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"waiting_on": "us"}, State.US),
        ({"waiting_on": "customer"}, State.CUSTOMER),
        ({"waiting_on": "others"}, State.OTHERS),
        ({"waiting_on": "nobody"}, State.OTHERS),
        ({"state": "frozen", "waiting_on": "customer"}, State.STOPPED),
        ({"state": "stopping"}, State.STOPPED),
        ({"state": "closed", "outcome": "done", "waiting_on": "nobody"}, State.DONE),
        ({"state": "closed", "outcome": "withdrawn"}, State.STOPPED),
        ({"state": "closed", "outcome": "expired"}, State.STOPPED),
        ({"state": "closed", "outcome": "failed"}, State.ATTENTION),
        ({"open_incidents": 1}, State.ATTENTION),
    ],
)
def test_a_case_has_one_of_six_states(fields: dict[str, Any], state: State) -> None:
    assert states.state_of(a_case(**fields)) is state


def test_the_customer_reads_whose_turn_it_is_and_staff_read_whom_they_wait_for() -> None:
    assert states.words(State.CUSTOMER) == "Waiting on the customer"
    assert states.words(State.CUSTOMER, Reader.CUSTOMER) == "Your turn"


def test_what_the_customer_can_do_comes_before_what_others_do_meanwhile() -> None:
    case = a_case(waiting_on="others")
    item = WorkItem(case=case, due_at=datetime(2026, 11, 26, 16, 0, tzinfo=UTC))

    standing = states.for_customer(case, acting=case, turns=[item])

    assert (standing.words, standing.until) == ("Your turn", "Thursday 26 November, 17:00 your time")


def test_a_case_whose_customer_has_nothing_to_do_yet_is_our_turn() -> None:
    case = a_case(waiting_on="customer")

    assert states.for_customer(case, acting=case, turns=[]).words == "Our turn"


def test_until_when_others_need_is_said_on_the_customer_s_clock() -> None:
    case, below = a_case(), a_case(waiting_on="others", waiting_until=datetime(2026, 11, 26, 16, 0, tzinfo=UTC))

    standing = states.for_customer(case, acting=below, turns=[])

    assert (standing.state, standing.until) == (State.OTHERS, "Thursday 26 November, 17:00 your time")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "frozen"}, "Paused"),
        ({"state": "stopping"}, "Being stopped"),
        ({"state": "closed", "outcome": "done"}, "Done"),
        ({"state": "closed", "outcome": "withdrawn"}, "Stopped"),
        ({"state": "closed", "outcome": "expired"}, "Ended"),
        ({"state": "closed", "outcome": "failed"}, "Ended"),
    ],
)
def test_what_is_halted_is_nobody_s_turn(fields: dict[str, str], words: str) -> None:
    case = a_case(**fields)

    assert states.for_customer(case, acting=case, turns=[WorkItem(case=case)]).words == words


def test_a_case_is_halted_while_the_one_under_it_is() -> None:
    assert states.for_customer(a_case(), acting=a_case(state="frozen"), turns=[]).words == "Paused"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "being processed"),
        ({"waiting_on": "others"}, "somebody outside"),
        ({"state": "frozen"}, "paused"),
        ({"state": "stopping"}, "being stopped"),
        ({"state": "closed", "outcome": "done"}, "closed"),
    ],
)
def test_staff_read_why_there_is_nothing_to_do(fields: dict[str, str], says: str) -> None:
    assert says in states.for_staff(a_case(**fields)).says


def test_a_case_that_waits_for_an_outside_system_says_so() -> None:
    case = a_case(process="card_reissue", waits_for="issuer")

    assert "does not answer just now" in states.for_customer(case, acting=case, turns=[]).says
