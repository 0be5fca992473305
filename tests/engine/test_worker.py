from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from backoffice.cases.catalogue import Record
from backoffice.cases.models import Case, Event, IncidentKind
from backoffice.cases.outside import OutsideRefused, OutsideUnavailable
from backoffice.engine import activities, relay, search_attributes
from backoffice.engine import client as engine
from tests.catalogue import installed
from tests.engine.bell import Rung
from tests.engine.conftest import Working, make_bell
from tests.engine.ringing import applied, closed, history, open_bell, ring, until
from tests.factories import make_customer
from tests.playing import incidents_of, open_incident
from workflows.base.contracts import DoEffect, Done, MakeCall, OutsideCall, Said, Transition
from workflows.base.spec import Nothing

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


def end(*cases: Case) -> None:
    for case in cases:
        ring(case, "enough")
    relay.relay_all()


def test_the_worker_gives_its_connections_back(temporal: Client, working: Working) -> None:
    pool = connections["default"].pool  # type: ignore[attr-defined]
    cases = [open_bell() for _ in range(20)]
    relay.relay_all()

    with working():
        end(*cases)
        assert until(lambda: all(closed(case) for case in cases))

    connection.close()
    assert until(lambda: pool.get_stats()["pool_available"] == pool.get_stats()["pool_size"])


def test_connections_that_died_with_the_database_are_replaced(temporal: Client, working: Working) -> None:
    case = open_bell()
    relay.relay_all()
    with working():
        assert until(lambda: applied(case) > 0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        end(case)
        assert until(lambda: closed(case))
    assert case.outcome_reason == "rung 0"


def test_a_worker_that_is_stopped_finishes_what_it_has_in_hand(temporal: Client, working: Working) -> None:
    case = open_bell()
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Case.objects.select_for_update().get(id=case.id)
            locked.set()
            release.wait(timeout=60)
        connection.close()

    def is_waited_for() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return bool(cursor.fetchone()[0])

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(hold)
        assert locked.wait(timeout=30)
        with working():
            relay.relay_all()
            assert until(is_waited_for)
            threading.Timer(0.5, release.set).start()
        holding.result(timeout=30)

    assert applied(case) == 1
    with working():
        end(case)
        assert until(lambda: closed(case))
    assert Event.objects.filter(case=case, kind="case.stage").count() == 1


def test_the_worker_command_ends_well_on_sigterm(temporal: Client) -> None:
    environment = os.environ | {
        "TEMPORAL_ADDRESS": configured.TEMPORAL_ADDRESS,
        "TEMPORAL_TASK_QUEUE": configured.TEMPORAL_TASK_QUEUE,
    }
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "temporal_worker"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "worker ready\n"
        worker.send_signal(signal.SIGTERM)
        _out, errors = worker.communicate(timeout=60)
    finally:
        worker.kill()

    assert worker.returncode == 0
    assert "Traceback" not in errors


def test_search_attributes_are_registered_once_and_find_cases(
    temporal: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    remove = RemoveSearchAttributesRequest(namespace="default", search_attributes=["NeedsAttention"])
    engine.run(temporal.operator_service.remove_search_attributes(remove))

    call_command("search_attributes")
    call_command("search_attributes")

    assert capsys.readouterr().out == "added: NeedsAttention\nall there\n"
    assert engine.run(search_attributes.register(temporal)) == []


def test_an_operator_finds_a_case_by_its_kind(temporal: Client) -> None:
    case = open_bell()
    relay.relay_all()

    async def found() -> list[str]:
        return [run.id async for run in temporal.list_workflows("CaseKind = 'bell'")]

    assert until(lambda: str(case.id) in engine.run(found()))


def test_nothing_in_a_history_tells_what_a_case_is_about(temporal: Client, working: Working) -> None:
    case = open_bell()
    relay.relay_all()
    with working():
        end(case)
        assert until(lambda: closed(case))

    stored = history(temporal, str(case.id))

    for clear in (case.reference, case.customer.family_name, "case_rejected", "listening", '"kind"'):
        assert clear.encode() not in stored


# --- the two activities, with the attempt's number as Temporal would give it ------------------------------------------

NAME = "Wilhelmina Quist"


def attempt(number: int) -> ActivityEnvironment:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=number, workflow_type="bell")
    return environment


def step(case: Case, *called: str) -> Transition:
    return Transition(str(case.id), 1, datetime.now(UTC), Said(effects=tuple(map(DoEffect, called))))


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


def test_an_outside_system_that_is_away_is_tried_again_and_shown(answers: list[Exception | None]) -> None:
    case = open_bell()
    answers += [OutsideUnavailable("no_answer_in_time"), None]

    error = refused(lambda: attempt(5).run(activities.outside, call(case)))

    assert (error.type, error.non_retryable) == ("OutsideUnavailable", False)
    case.refresh_from_db()
    assert incidents_of(case) == [("outside_away", case.waits_for)]

    done = attempt(6).run(activities.outside, call(case))

    case.refresh_from_db()
    assert (done.held, incidents_of(case), case.waits_for) == ("", [], "")


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
