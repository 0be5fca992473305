from __future__ import annotations

import sysconfig
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from backoffice.cases.models import Case, CaseState, Command, CommandState, Event, IncidentKind
from backoffice.engine import client as engine
from backoffice.engine import reconciler, relay
from tests.engine.bell import Bell, BrokenBell
from tests.engine.conftest import Working
from tests.engine.ringing import applied, closed, open_bell, ring, signals
from tests.playing import incidents_of, open_incident
from tests.waiting import until
from workflows.base.contracts import Opened

pytestmark = pytest.mark.django_db(transaction=True)


def about(case: Case, lines: list[str]) -> list[str]:
    """What was said of this case; the server holds workflows of other tests too."""
    return [line.removeprefix(f"{case.reference}: ") for line in lines if line.startswith(case.reference)]


def compare(case: Case) -> tuple[list[str], list[str]]:
    report = reconciler.reconcile()
    case.refresh_from_db()
    return about(case, report.repaired), about(case, report.reported)


def lose(case: Case) -> None:
    """The commands count as delivered; the engine knows nothing of them."""
    Command.objects.filter(case=case).update(state=CommandState.SENT)


def started() -> Case:
    case = open_bell()
    relay.relay_all()
    return case


def test_both_agree_and_nothing_is_said(temporal: Client) -> None:
    case = started()

    assert compare(case) == ([], [])
    assert incidents_of(case) == []


def test_a_case_whose_start_still_waits_is_not_compared(temporal: Client) -> None:
    case = open_bell()

    assert compare(case) == ([], [])


def test_a_case_that_never_began_is_started_again_with_all_that_it_was_told(temporal: Client) -> None:
    case = open_bell()
    told = [str(ring(case).id), str(ring(case).id)]
    lose(case)

    repaired, reported = compare(case)

    assert (repaired, reported) == (["started again, with everything that it was told"], [])
    relay.relay_all()
    assert signals(temporal, case) == told
    assert compare(case) == ([], [])


def test_a_process_that_was_lost_in_mid_case_is_reported_and_not_replayed(temporal: Client) -> None:
    case = open_bell()
    lose(case)
    Case.objects.filter(id=case.id).update(applied=1)

    assert compare(case) == ([], ["the engine has lost the process"])
    assert incidents_of(case) == [("engine_lost", "")]
    assert relay.relay_all() == 0


def test_a_process_that_ended_before_its_case_is_reported(temporal: Client) -> None:
    case = started()
    engine.run(temporal.get_workflow_handle(str(case.id)).terminate())

    assert compare(case) == ([], ["the process has ended, the case has not"])
    assert incidents_of(case) == [("ended_early", "")]


def test_a_process_that_outlives_its_case_is_reported_after_a_grace(temporal: Client) -> None:
    case = started()
    now = timezone.now()
    Case.objects.filter(id=case.id).update(state=CaseState.CLOSED, closed_at=now - reconciler.GRACE / 2)
    assert compare(case) == ([], [])

    Case.objects.filter(id=case.id).update(closed_at=now - reconciler.GRACE - timedelta(seconds=5))

    assert compare(case) == ([], ["the case is closed, its process runs on"])


def test_a_workflow_without_a_case_is_reported(temporal: Client, settings: Settings) -> None:
    stray = str(uuid.uuid4())
    start = temporal.start_workflow(Bell.run, Opened(stray), id=stray, task_queue=settings.TEMPORAL_TASK_QUEUE)
    engine.run(start)

    assert until(lambda: f"workflow {stray} has no case" in reconciler.reconcile().reported)


def test_a_mark_is_made_once_however_often_the_same_is_found(temporal: Client) -> None:
    case = started()
    engine.run(temporal.get_workflow_handle(str(case.id)).terminate())

    compare(case), compare(case)

    assert Event.objects.filter(case=case, kind="case.attention").count() == 1


def test_a_case_that_closes_while_it_is_compared_is_not_reported(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = started()
    look = reconciler._look

    def close_first(case_id: str) -> object:
        Case.objects.filter(id=case_id).update(state=CaseState.CLOSED, closed_at=timezone.now())
        engine.run(temporal.get_workflow_handle(case_id).terminate())
        return look(case_id)

    monkeypatch.setattr(reconciler, "_look", close_first)

    assert compare(case) == ([], [])
    assert incidents_of(case) == []


def test_a_process_that_fails_needs_attention_with_its_reason_until_it_is_mended(
    temporal: Client, working: Working
) -> None:
    case = started()
    ring(case, "enough")
    relay.relay_all()
    reason = f"{IncidentKind.PROCESS_FAILS.label} (LookupError)"

    with working(BrokenBell):
        assert until(lambda: compare(case)[1] == [reason], seconds=90)
    assert incidents_of(case) == [("process_fails", "")]
    assert "Wilhelmina" not in str(list(Event.objects.filter(case=case).values()))

    with working(Bell):
        assert until(lambda: closed(case), seconds=90)
    assert until(lambda: compare(case)[0] == ["runs again"] or incidents_of(case) == [])
    assert incidents_of(case) == []
    assert case.outcome_reason == "rung 0"


def test_of_many_cases_each_has_its_turn_once_and_few_at_once() -> None:
    cases = {uuid.uuid4() for _ in range(5_000)}
    begin = timezone.now()

    turns = [reconciler._slice(cases, now=begin + minute * reconciler.EVERY) for minute in range(10)]

    assert set().union(*turns) == cases
    assert sum(map(len, turns)) == len(cases)
    assert max(map(len, turns)) < 2 * reconciler.SLICE


def test_few_cases_all_have_their_turn_in_each_pass() -> None:
    cases = {uuid.uuid4() for _ in range(reconciler.SLICE)}

    assert reconciler._slice(cases, now=timezone.now()) == cases
    assert reconciler._slice(set(), now=timezone.now()) == set()


def test_a_case_that_differs_is_looked_at_although_it_is_not_its_turn(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciler, "SLICE", 1)
    case, *others = [started() for _ in range(4)]
    lost = open_bell()
    lose(lost)
    all_of_them = {lost.id, case.id, *(other.id for other in others)}
    minutes = (timezone.now() + minute * reconciler.EVERY for minute in range(5))
    not_its_turn = next(now for now in minutes if lost.id not in reconciler._slice(all_of_them, now=now))

    report = reconciler.reconcile(now=not_its_turn)

    assert about(lost, report.repaired) == ["started again, with everything that it was told"]


def test_a_dead_letter_without_an_incident_gets_one(temporal: Client) -> None:
    case = started()
    letter = ring(case)
    Command.objects.filter(id=letter.id).update(state=CommandState.DEAD, error="KeyError")
    open_incident(case, IncidentKind.OUTSIDE_AWAY, key="issuer", code="connection")

    assert compare(case) == ([], [f"{IncidentKind.DEAD_LETTER.label} (KeyError)"])
    assert compare(case) == ([], [])
    assert incidents_of(case) == [("outside_away", "issuer"), ("dead_letter", str(letter.number))]


def test_the_command_says_how_many_were_compared(temporal: Client, capsys: pytest.CaptureFixture[str]) -> None:
    case = open_bell()
    lose(case)

    call_command("reconcile")

    lines = capsys.readouterr().out.splitlines()
    assert f"repaired  {case.reference}: started again, with everything that it was told" in lines
    assert lines[-1].startswith("1 cases compared, 1 repaired, ")


def test_an_outage_in_mid_use_is_told_as_one_and_costs_nothing(bells: None, settings: Settings) -> None:
    program = Path(sysconfig.get_path("scripts")) / "temporal"
    server = engine.run(WorkflowEnvironment.start_local(dev_server_existing_path=str(program)), timeout=60)
    settings.TEMPORAL_ADDRESS = server.client.service_client.config.target_host
    settings.TEMPORAL_TASK_QUEUE = "outage"
    engine.run(engine.client())
    case = open_bell()
    Command.objects.filter(case=case).update(state=CommandState.SENT)
    signal = ring(case)
    engine.run(server.shutdown(), timeout=30)

    with pytest.raises(CommandError, match="Temporal cannot be reached"):
        call_command("reconcile")
    assert relay.relay_all() == 0

    signal.refresh_from_db()
    assert (signal.state, signal.leased_until) == (CommandState.WAITING, None)
    assert applied(case) == 0
    assert incidents_of(case) == []
