"""The six states, and where a case stands in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backoffice.cases import freezing
from backoffice.cases.models import Case, WorkItem
from backoffice.cases.timeline_view import Reader
from backoffice.cli import shapes
from backoffice.customers.models import Customer
from backoffice.portal import selectors
from backoffice.ui import states
from backoffice.ui.states import State
from tests.factories import actor, make_card, make_staff
from tests.playing import advance, ask, open_card_case
from workflows.base.contracts import OpenChild

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


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "parent_waits", "child_waits", "turn"),
    [
        ("customer", "others", "others", "customer"),
        ("customer below", "others", "us", "customer"),
        ("staff", "customer", "", "us"),
        ("staff below", "others", "others", "us"),
        ("both", "us", "", "customer"),
        ("nobody", "customer", "", "us"),
        ("nobody", "us", "others", "others"),
        ("nobody", "others", "", "others"),
        ("nobody", "nobody", "nobody", "nobody"),
    ],
)
def test_every_face_says_the_same_of_a_case(asked: str, parent_waits: str, child_waits: str, turn: str) -> None:
    case = open_card_case(make_card())
    child = case
    if child_waits or "below" in asked:
        advance(case, children=(OpenChild("home_visit", "home_visit"),))
        child = Case.objects.get(parent=case)
    if asked in ("customer", "both"):
        ask(case, "email_survey")
    if asked in ("staff", "both"):
        ask(case, "call_customer")
    if "below" in asked:
        ask(child, "choose_visit" if "customer" in asked else "review_visit")
    Case.objects.filter(id=case.id).update(waiting_on=parent_waits)
    Case.objects.filter(parent=case).update(waiting_on=child_waits or "us")
    case = Case.objects.get(id=case.id)

    family = selectors.family(customer=case.customer, reference=case.reference)

    expected = {"us": State.US, "customer": State.CUSTOMER, "others": State.OTHERS, "nobody": State.OTHERS}[turn]
    assert states.state_of(case) is expected
    assert states.for_staff(case).state is expected
    assert selectors.standing(family).state is expected
    assert shapes.in_full(case)["waiting_on"] == turn


@pytest.mark.django_db
def test_a_paused_case_is_paused_on_every_face_whoever_has_something_to_do() -> None:
    case = open_card_case(make_card())
    ask(case, "email_survey")
    freezing.freeze(case_id=case.id, by=actor(make_staff()), reason="A second call")
    case.refresh_from_db()

    family = selectors.family(customer=case.customer, reference=case.reference)

    assert selectors.standing(family).state is states.state_of(Case.objects.get(id=case.id))


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
    case, below = (
        a_case(waiting_on="others"),
        a_case(waiting_on="others", waiting_until=datetime(2026, 11, 26, 16, 0, tzinfo=UTC)),
    )

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
        ({"state": "frozen"}, "is frozen"),
        ({"state": "stopping"}, "being stopped"),
        ({"state": "closed", "outcome": "done"}, "closed"),
    ],
)
def test_staff_read_why_there_is_nothing_to_do(fields: dict[str, str], says: str) -> None:
    assert says in states.for_staff(a_case(**fields)).says


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "frozen"}, "Frozen"),
        ({"state": "stopping"}, "Being stopped"),
        ({"state": "frozen", "open_incidents": 1}, "Needs attention"),
        ({"state": "closed", "outcome": "withdrawn"}, "Stopped"),
        ({"state": "closed", "outcome": "done"}, "Done"),
    ],
)
def test_staff_read_what_holds_a_case_up(fields: dict[str, Any], words: str) -> None:
    assert states.words_for_staff(a_case(**fields)) == words


def test_a_part_that_is_over_leaves_it_to_the_case_above_to_say_what_is_next() -> None:
    above, below = a_case(), a_case(state="closed", outcome="done")
    below.parent_id = above.id

    said = states.for_customer(below, acting=below, turns=[]).says

    assert "You need do nothing more" not in said
    assert "shows what happens next" in said


def test_a_case_that_waits_for_an_outside_system_says_so() -> None:
    case = a_case(process="card_reissue", waits_for="issuer")

    assert "does not answer just now" in states.for_customer(case, acting=case, turns=[]).says
