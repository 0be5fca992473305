from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection, connections, transaction
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from backoffice.cases.models import Case, Event
from backoffice.engine import client as engine
from backoffice.engine import relay, search_attributes
from tests.engine.conftest import Working
from tests.engine.ringing import applied, closed, history, open_bell, ring
from tests.waiting import until

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
