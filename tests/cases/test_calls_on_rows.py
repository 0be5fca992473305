"""Calls of outside systems with real rows: made before they are recorded, recorded once, and never made when they must
not be."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backoffice.cases import calls, catalogue, freezing, transitions
from backoffice.cases.catalogue import Record
from backoffice.cases.models import CallRecord, Case, Event
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.cases.unit_of_work import changing
from backoffice.staff.models import Role
from tests.catalogue import installed
from tests.engine.trials import make_trial, open_trial
from tests.factories import actor, make_staff
from tests.workflows.trial import Number, Reference, Scene
from workflows.base.contracts import DoEffect, Done, MakeCall, OutsideCall, Said, Transition
from workflows.base.spec import Nothing

pytestmark = pytest.mark.django_db
LOCKED = Said(stage="locked")


class Outside:
    """An outside system: what it is asked, and what it does instead of answering."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.times: list[datetime] = []
        self.fails: dict[str, BaseException] = {}
        self.meanwhile: dict[str, object] = {}

    def makes(self, *, case: Case, args: Number, key: str, asked_at: datetime, now: datetime) -> Record[Nothing]:
        self.times.append(asked_at)
        self._ask(case, key)
        return lambda case, now: Nothing()

    def executes(self, *, case: Case, args: Nothing, key: str, asked_at: datetime, now: datetime) -> Record[Reference]:
        self._ask(case, key)
        return lambda case, now: Reference(reference=f"answer {len(self.asked)}")

    def _ask(self, case: Case, key: str) -> None:
        name = key.split(":")[1]
        self.asked.append(name)
        if name in self.fails:
            raise self.fails[name]
        meanwhile = self.meanwhile.get(name)
        if callable(meanwhile):
            meanwhile(case)


@pytest.fixture
def outside() -> Iterator[Outside]:
    system = Outside()
    makes = {"lock": system.makes, "unlock": system.makes, "tell_biller": system.makes, "execute": system.executes}
    trial = make_trial(Scene.CALLS, **makes)
    bound = [dataclasses.replace(one, begins_first=one.spec.name == "unlock") for one in trial.calls]
    with installed(dataclasses.replace(trial, calls=bound)):
        yield system


def call(case: Case, name: str, *, before: Said = Said(), at: datetime | None = None) -> MakeCall:  # noqa: B008 - it is frozen
    return MakeCall(name, f"{case.id}:{name}:1", at or datetime.now(UTC), {}, before)


def step(case: Case, *called: MakeCall, said: Said = Said(stage="executed")) -> Done:  # noqa: B008 - it is frozen
    done = transitions.apply(Transition(str(case.id), case.applied + 1, datetime.now(UTC), said, called))
    case.refresh_from_db()
    return done


def by_itself(case: Case, called: MakeCall, *, brief: bool = False) -> Done:
    done = calls.call_outside(OutsideCall(str(case.id), datetime.now(UTC), called, brief))
    case.refresh_from_db()
    return done


def stages(case: Case) -> list[str]:
    return [event.data["stage"] for event in Event.objects.filter(case=case, kind="case.stage").order_by("number")]


def freeze(case: Case) -> None:
    freezing.freeze(case_id=case.id, by=actor(make_staff(role=Role.SUPERVISOR)), reason="suspicious")


# --- with a step ------------------------------------------------------------------------------------------------------


def test_calls_are_recorded_with_their_step_in_the_order_in_which_they_were_said(outside: Outside) -> None:
    case = open_trial()
    done = step(case, call(case, "lock", before=LOCKED), call(case, "tell_biller"))

    assert (done, outside.asked) == (Done(), ["lock", "tell_biller"])
    assert stages(case) == ["locked", "executed"]
    assert CallRecord.objects.filter(case=case, answer__isnull=False).count() == 2


def test_a_step_that_is_held_back_makes_no_call(outside: Outside) -> None:
    case = open_trial()
    freeze(case)

    assert step(case, call(case, "lock")) == Done(held="frozen")
    assert outside.asked == []


def test_a_call_that_was_made_as_the_case_was_frozen_is_recorded_and_the_rest_held(outside: Outside) -> None:
    case = open_trial()
    lock = call(case, "lock", before=LOCKED)
    outside.meanwhile["lock"] = lambda case: freeze(case)

    assert step(case, lock) == Done(held="frozen", made=(lock.key,))
    assert (stages(case), case.applied) == (["locked"], 0)
    assert CallRecord.objects.get(case=case).answer == {}


def test_where_the_second_call_fails_the_first_is_recorded_and_not_made_again(outside: Outside) -> None:
    case = open_trial()
    called = (call(case, "lock", before=LOCKED), call(case, "tell_biller"))
    outside.fails["tell_biller"] = OutsideUnavailable("http_503")
    with pytest.raises(OutsideUnavailable):
        step(case, *called)
    outside.fails.clear()
    case.refresh_from_db()

    assert step(case, *called) == Done()
    assert outside.asked == ["lock", "tell_biller", "tell_biller"]
    assert stages(case) == ["locked", "executed"]


def test_a_refusal_names_its_call_and_leaves_the_step_undone(outside: Outside) -> None:
    case = open_trial()
    biller = call(case, "tell_biller", before=Said(stage="agreed"))
    outside.fails["tell_biller"] = OutsideRefused("unknown_biller")

    with pytest.raises(OutsideRefused) as refused:
        step(case, call(case, "lock", before=LOCKED), biller)

    case.refresh_from_db()
    assert (refused.value.key, case.applied) == (biller.key, 0)
    assert stages(case) == ["locked", "agreed"]


def test_an_effect_said_before_a_call_is_done_before_it_is_made(outside: Outside) -> None:
    case = open_trial()
    seen: list[list[str]] = []
    outside.meanwhile["lock"] = lambda case: seen.append(stages(case))
    step(case, call(case, "lock", before=Said(stage="locked", effects=(DoEffect("note"),))))

    assert seen == [["locked"]]


# --- by itself --------------------------------------------------------------------------------------------------------


def test_a_call_is_recorded_once_and_gives_its_first_answer_again(outside: Outside) -> None:
    case = open_trial()
    execute = call(case, "execute", before=LOCKED)

    first, again = by_itself(case, execute, brief=True), by_itself(case, execute)

    assert first == again == Done(facts={"reference": "answer 1"})
    assert (outside.asked, stages(case)) == (["execute"], ["locked"])


def test_the_point_of_no_return_is_passed_before_the_call_is_made(outside: Outside) -> None:
    case = open_trial()
    seen: list[bool] = []
    outside.meanwhile["execute"] = lambda case: seen.append(Case.objects.get(id=case.id).past_no_return)

    by_itself(case, call(case, "execute", before=Said(no_return=True)), brief=True)

    assert (seen, case.past_no_return) == ([True], True)


@pytest.mark.parametrize(("brief", "shown"), [(True, []), (False, ["locked"])])
def test_what_was_said_before_shows_from_the_first_try_that_is_not_brief(
    outside: Outside, brief: bool, shown: list[str]
) -> None:
    case = open_trial()
    outside.fails["execute"] = OutsideUnavailable("http_503")

    with pytest.raises(OutsideUnavailable):
        by_itself(case, call(case, "execute", before=LOCKED), brief=brief)

    assert stages(case) == shown


def test_what_was_said_before_a_refused_call_is_done_all_the_same(outside: Outside) -> None:
    case = open_trial()
    outside.fails["execute"] = OutsideRefused("no_such_domain")

    for _ in range(2):
        with pytest.raises(OutsideRefused):
            by_itself(case, call(case, "execute", before=LOCKED), brief=True)

    assert stages(case) == ["locked"]


@pytest.mark.parametrize("brief", [True, False])
def test_a_call_in_a_case_that_is_frozen_is_not_made(outside: Outside, brief: bool) -> None:
    case = open_trial()
    freeze(case)

    assert by_itself(case, call(case, "execute", before=LOCKED), brief=brief) == Done(held="frozen")
    assert (outside.asked, stages(case)) == ([], [])


def test_two_attempts_at_once_are_one_record(outside: Outside) -> None:
    """A brief try that took too long returns after another attempt has been recorded."""
    case = open_trial()
    execute = call(case, "execute", before=LOCKED)
    outside.meanwhile["execute"] = lambda case: _records_meanwhile(case, execute)

    assert by_itself(case, execute, brief=True) == Done(facts={"reference": "meanwhile"})
    assert stages(case) == ["locked"]


def _records_meanwhile(case: Case, called: MakeCall) -> None:
    with changing(case.id) as locked:
        calls.keep(locked, called, lambda case, now: Reference(reference="meanwhile"), now=datetime.now(UTC))


# --- when it was asked for --------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The worker dies in the middle of a call."""


@pytest.mark.parametrize("with_step", [True, False])
@pytest.mark.parametrize(("name", "is_kept"), [("unlock", True), ("lock", False)])
def test_after_a_killed_worker_only_a_call_that_begins_first_knows_when_it_was_asked_for(
    outside: Outside, name: str, is_kept: bool, with_step: bool
) -> None:
    """A worker that takes over believes that the process comes to the call only now."""
    case, first = open_trial(), datetime.now(UTC) - timedelta(days=2)
    outside.fails[name] = Killed()
    with pytest.raises(Killed):
        step(case, call(case, name, at=first)) if with_step else by_itself(case, call(case, name, at=first), brief=True)
    outside.fails.clear()

    later = first + timedelta(hours=30)
    by_itself(case, call(case, name, at=later))

    assert outside.times == [first, first if is_kept else later]


def test_every_call_that_looks_at_that_time_begins_first() -> None:
    bound = [one for process in catalogue.all_processes() for one in process.calls]

    assert {one.spec.name for one in bound if _looks_at_time(one)} == {"order_card", "reship_card", "send_to_branch"}
    assert all(one.begins_first for one in bound if _looks_at_time(one))


def _looks_at_time(bound: catalogue.BoundCall[Any, Any]) -> bool:
    names = ast.walk(ast.parse(textwrap.dedent(inspect.getsource(bound.makes))))
    return any(isinstance(one, ast.Name) and one.id == "asked_at" for one in names)
