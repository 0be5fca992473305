"""The two activities, with the attempt's number as Temporal would give it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case, Command, IncidentKind
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.engine import activities
from tests.catalogue import installed
from tests.engine.bell import Rung
from tests.engine.conftest import make_bell
from tests.engine.ringing import open_bell
from tests.factories import make_customer
from tests.playing import incidents_of, open_incident
from workflows.base.contracts import DoEffect, Done, MakeCall, OutsideCall, Said, Transition
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db(transaction=True)


NAME = "Wilhelmina Quist"


def attempt(number: int, *, since: timedelta = timedelta(0)) -> ActivityEnvironment:
    """`since` is how long ago the first attempt was to be made."""
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(
        environment.info, attempt=number, workflow_type="bell", scheduled_time=datetime.now(UTC) - since
    )
    return environment


def step(case: Case, *called: str, number: int = 1) -> Transition:
    return Transition(str(case.id), number, datetime.now(UTC), Said(effects=tuple(map(DoEffect, called))))


def call(case: Case, *, brief: bool = False) -> OutsideCall:
    asked = MakeCall("call", f"{case.id}:call:1", datetime.now(UTC))
    return OutsideCall(str(case.id), datetime.now(UTC), asked, brief)


@pytest.fixture
def answers() -> Iterator[list[Exception | None]]:
    """What the outside system does at each call: raise this, or answer."""
    said: list[Exception | None] = []

    def outside(*, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Rung]:
        wrong = said.pop(0)
        if wrong is not None:
            raise wrong
        return lambda case, now: Rung(times=3)

    with installed(make_bell(call=outside)):
        yield said


@pytest.fixture
def failing() -> Iterator[None]:
    """An effect that quotes a row in its error, as a database does."""

    def fail(*, case: Case, args: Nothing, now: datetime) -> Nothing:
        raise LookupError(f"Failing row contains ({NAME})")

    with installed(make_bell(fail=fail)):
        yield


def refused(play: Callable[[], Done]) -> ApplicationError:
    with pytest.raises(ApplicationError) as error:
        play()
    return error.value


def test_a_failing_step_says_its_type_only_and_shows_on_the_desk_from_the_fifth_try(failing: None) -> None:
    case = open_bell()

    for number in (1, 4):
        environment = attempt(number)
        error = refused(lambda: environment.run(activities.transition, step(case, "fail")))  # noqa: B023
        assert (error.type, NAME in str(error), error.__cause__) == ("LookupError", False, None)
    assert incidents_of(case) == []

    refused(lambda: attempt(5).run(activities.transition, step(case, "fail")))

    assert incidents_of(case) == [("step_fails", "1")]


def test_a_step_that_works_again_takes_its_mark_away(failing: None) -> None:
    case = open_bell()
    refused(lambda: attempt(6).run(activities.transition, step(case, "fail")))

    attempt(7).run(activities.transition, step(case))

    case.refresh_from_db()
    assert (case.applied, incidents_of(case)) == (1, [])


def test_a_step_out_of_its_turn_shows_on_the_desk(answers: list[Exception | None]) -> None:
    case = open_bell()

    error = refused(lambda: attempt(5).run(activities.transition, step(case, number=3)))

    assert (error.type, incidents_of(case)) == ("OutOfTurn", [("step_fails", "3")])


def test_a_brief_try_in_vain_shows_nowhere(answers: list[Exception | None]) -> None:
    case = open_bell()
    answers.append(OutsideUnavailable("no_answer_in_time"))

    refused(lambda: attempt(1).run(activities.outside, call(case, brief=True)))

    assert incidents_of(case) == []


def test_an_outside_system_that_is_away_shows_from_the_first_longer_try_until_it_answers(
    answers: list[Exception | None],
) -> None:
    case = open_bell()
    answers += [OutsideUnavailable("no_answer_in_time"), None]

    error = refused(lambda: attempt(1).run(activities.outside, call(case)))

    assert (error.type, error.non_retryable) == ("OutsideUnavailable", False)
    case.refresh_from_db()
    assert (incidents_of(case), case.waits_for) == ([("outside_away", "belfry")], "belfry")

    done = attempt(2).run(activities.outside, call(case))

    case.refresh_from_db()
    assert (done, incidents_of(case), case.waits_for) == (Done(facts={"times": 3}), [], "")


@pytest.mark.parametrize(
    ("since", "pause"), [(timedelta(minutes=9), None), (timedelta(minutes=11), timedelta(minutes=1))]
)
def test_the_pauses_count_in_seconds_for_ten_minutes_and_then_in_minutes(
    answers: list[Exception | None], since: timedelta, pause: timedelta | None
) -> None:
    """None leaves it to the retry policy of the process."""
    case = open_bell()
    answers.append(OutsideUnavailable("http_503"))

    error = refused(lambda: attempt(60, since=since).run(activities.outside, call(case)))

    assert error.next_retry_delay == pause


def test_a_call_that_is_answered_wakes_who_waits_for_the_same_system_once(answers: list[Exception | None]) -> None:
    waiting, other = open_bell(), open_bell()
    answers += [OutsideUnavailable("http_503"), None, None]
    refused(lambda: attempt(1).run(activities.outside, call(waiting)))
    activities._looked.clear()

    attempt(1).run(activities.outside, call(other))
    attempt(1).run(activities.outside, call(open_bell()))

    [told] = Command.objects.filter(signal="system_back")
    assert (told.case_id, told.payload) == (waiting.id, {"system": "belfry"})


def test_a_refusal_for_good_is_not_tried_again(answers: list[Exception | None]) -> None:
    case = open_bell()
    answers.append(OutsideRefused("card_closed"))

    error = refused(lambda: attempt(1).run(activities.outside, call(case)))

    assert (error.type, error.non_retryable, error.message) == ("OutsideRefused", True, "card_closed")


def test_an_outside_success_leaves_the_mark_of_a_dead_letter(answers: list[Exception | None]) -> None:
    case = open_bell()
    open_incident(case, IncidentKind.DEAD_LETTER, key="2", error="KeyError")
    answers.append(None)

    attempt(1).run(activities.outside, call(case))

    assert incidents_of(case) == [("dead_letter", "2")]


def test_an_outside_call_that_is_done_is_not_made_again(answers: list[Exception | None]) -> None:
    case = open_bell()
    answers.append(None)

    first = attempt(1).run(activities.outside, call(case))
    again = attempt(2).run(activities.outside, call(case))

    assert first == again
    assert answers == []


def test_a_mark_that_cannot_be_set_hides_no_failure(failing: None) -> None:
    unknown = Case(id=make_customer().public_id, opened_at=timezone.now())

    error = refused(lambda: attempt(5).run(activities.transition, step(unknown, "fail")))

    assert error.message == "see the log of the worker"
