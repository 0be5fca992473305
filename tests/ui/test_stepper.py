"""Where a case stands among its stages."""

from __future__ import annotations

import pytest

from backoffice.cases import catalogue
from backoffice.cases.models import Case, Event
from backoffice.ui import stepper, times
from tests.factories import make_card
from tests.playing import advance, close, open_card_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    case = open_card_case(make_card())
    for stage in ("blocked", "told", "survey"):
        advance(case, stage=stage)
    return case


def states(case: Case) -> dict[str, str]:
    return {step.label: step.state for step in stepper.for_staff(case)}


def test_staff_see_what_was_skipped_and_what_may_be_needed(case: Case) -> None:
    advance(case, stage="ordered")

    found = states(case)

    assert found["Card blocked"] == "done"
    assert found["Identity visit"] == "skipped"
    assert found["Ordered"] == "current"
    assert found["Shipped"] == "future"


def test_an_optional_step_ahead_says_that_it_may_not_come(case: Case) -> None:
    assert "Identity visit (if needed)" in states(case)


@pytest.mark.parametrize("outcome", ["withdrawn", "expired"])
def test_a_case_that_ends_early_reaches_no_further_step(case: Case, outcome: str) -> None:
    close(case, outcome)

    found = states(case)

    assert found["Card blocked"] == "done"
    assert set(list(found.values())[2:]) == {"skipped"}


def test_a_finished_case_has_done_its_last_step(case: Case) -> None:
    advance(case, stage="old_closed")
    close(case)

    assert states(case)["Old card closed"] == "done"


def test_the_customer_sees_what_was_reached_and_what_comes_for_certain(case: Case) -> None:
    labels = [(step.label, step.state) for step in stepper.for_customer(case)]

    assert labels[:4] == [
        ("Card blocked", "done"),
        ("You were told", "done"),
        ("Your answers", "current"),
        ("We check them", "future"),
    ]
    assert "We visit you" not in dict(labels)
    assert stepper.for_customer(case)[0].when.startswith("today ")


def test_a_case_that_is_over_promises_its_customer_nothing(case: Case) -> None:
    close(case, "withdrawn")

    assert [step.label for step in stepper.for_customer(case)] == ["Card blocked", "You were told", "Your answers"]


def test_stages_are_read_from_events_that_are_there_already(case: Case) -> None:
    events = list(Event.objects.filter(case=case).order_by("-number"))

    assert stepper.for_customer(case, events) == stepper.for_customer(case)


def test_an_event_of_a_stage_is_understood_by_its_code_and_by_its_name(case: Case) -> None:
    stage = catalogue.spec(case.process).stage("blocked")
    assert stage is not None
    noted = Event.objects.filter(case=case, kind="case.stage").earliest("number")

    found = [stepper.reached(case, [_saying(noted, name)]) for name in (stage.value, stage.staff, "unheard of")]

    assert found == [{"blocked": noted.at}, {"blocked": noted.at}, {}]


def _saying(event: Event, stage: str) -> Event:
    return Event(case_id=event.case_id, number=event.number, at=event.at, kind=event.kind, data={"stage": stage})


def at(case: Case, stage: str) -> str:
    return times.moment(Event.objects.filter(case=case, kind="case.stage", data__stage=stage).earliest("at").at)


def test_a_done_step_says_when_it_ended_and_the_current_one_since_when(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "moment", lambda moment, now=None: moment.isoformat())
    steps = {step.label: step.when for step in stepper.for_customer(case)}

    assert steps["Card blocked"] == at(case, "told")
    assert steps["You were told"] == at(case, "survey")
    assert steps["Your answers"] == f"since {at(case, 'survey')}"
    assert steps["We check them"] == ""


def test_in_a_closed_story_the_last_step_ended_when_the_case_did(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "moment", lambda moment, now=None: moment.isoformat())
    advance(case, stage="old_closed")
    close(case)

    steps = {step.label: step.when for step in stepper.for_staff(case)}

    assert case.closed_at is not None
    assert steps["Old card closed"] == case.closed_at.isoformat()
    assert steps["Survey"] == at(case, "old_closed")


def test_a_step_that_was_begun_and_never_done_says_so(case: Case) -> None:
    close(case, "withdrawn")

    last = stepper.for_customer(case)[-1]

    assert (last.label, last.state) == ("Your answers", "skipped")
    assert last.when.startswith("begun today ")
