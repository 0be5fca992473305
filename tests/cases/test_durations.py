"""How long a step usually takes is said from our own cases, once there are enough of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from backoffice.cases import durations
from backoffice.cases.models import Case
from backoffice.ui import stepper
from tests.factories import make_card, now
from tests.playing import advance, close, open_card_case

pytestmark = pytest.mark.django_db


def done_case(*, told: timedelta, survey: timedelta) -> Case:
    """A case that was told for so long, and then waited so long for the survey."""
    case = open_card_case(make_card())
    ends = now()
    at = {"told": ends - told - survey, "survey": ends - survey, "checked": ends}
    for stage, when in at.items():
        with time_machine.travel(when, tick=False):
            advance(case, stage=stage)
    close(case)
    return case


@pytest.fixture
def _few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durations, "FEWEST", 3)


def steps(case: Case) -> dict[str, str]:
    return {step.label: step.usually for step in stepper.for_customer(case)}


@pytest.mark.usefixtures("_few_are_enough")
def test_the_median_of_the_done_cases_is_said_of_what_is_still_to_come() -> None:
    for hours in (2, 3, 90):
        done_case(told=timedelta(minutes=5), survey=timedelta(hours=hours))
    running = open_card_case(make_card())
    advance(running, stage="told")
    assert set(steps(running).values()) == {""}

    durations.measure(now=now())

    assert steps(running)["Your answers"] == "usually about 3 hours"
    assert steps(running)["You were told"] == "usually about 5 minutes"
    assert steps(running)["New card by post"] == ""


@pytest.mark.usefixtures("_few_are_enough")
def test_nothing_is_said_of_few_cases_of_those_not_done_and_of_steps_that_are_over() -> None:
    for _time in range(2):
        done_case(told=timedelta(minutes=5), survey=timedelta(hours=1))
    stopped = open_card_case(make_card())
    advance(stopped, stage="told")
    close(stopped, "withdrawn")
    durations.measure(now=now())
    running = open_card_case(make_card())
    advance(running, stage="told")
    assert set(steps(running).values()) == {""}

    last = done_case(told=timedelta(minutes=5), survey=timedelta(hours=1))
    durations.measure(now=now())

    assert set(steps(last).values()) == {""}
    advance(running, stage="survey")
    assert steps(running)["You were told"] == ""
    assert steps(running)["Your answers"] == "usually about 1 hour"


@pytest.mark.usefixtures("_few_are_enough")
def test_what_is_no_longer_known_is_no_longer_said() -> None:
    for _time in range(3):
        done_case(told=timedelta(minutes=5), survey=timedelta(hours=1))
    durations.measure(now=now())
    assert durations.usual("card_reissue")

    Case.objects.update(outcome="withdrawn")
    durations.measure(now=now())

    assert durations.usual("card_reissue") == {}
