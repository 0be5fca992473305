"""Time limits of PostgreSQL by what an OS process is, and the page that comes when one is reached."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from psycopg import errors

from backoffice import busy, time_limits
from backoffice.cases.models import Case, Command, Event, WorkItem
from backoffice.time_limits import Runs
from tests.factories import make_card, make_customer
from tests.playing import ask, open_card_case

ROOT = Path(__file__).resolve().parents[1]
SHOWN = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'].get('options', ''))"


def limits_of(*command: str, **variables: str) -> str:
    """The options with which the settings open connections, in an OS process that begins with this."""
    environment = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "COUNTERSIGN_ENV", "COUNTERSIGN_DATA")}
    asked = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**environment, **variables, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return asked.stdout.strip()


def test_each_kind_of_os_process_has_its_limits() -> None:
    django = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'backoffice.settings'; "
    celery = "import sys; sys.argv = ['/usr/lib/celery/__main__.py', '-A', 'backoffice.celery', 'worker']; "

    assert limits_of("-c", f"import backoffice.wsgi; {SHOWN}").split() == [
        "-c", "statement_timeout=10000", "-c", "lock_timeout=5000", "-c", "idle_in_transaction_session_timeout=20000",
    ]  # fmt: skip
    assert "statement_timeout=60000" in limits_of("-c", f"{celery}{django}import backoffice.celery; {SHOWN}")
    assert limits_of("-c", f"{django}import backoffice; {SHOWN}") == ""
    assert limits_of("-c", f"import backoffice.wsgi; {SHOWN}", DATABASE_TIME_OUTS="0") == ""


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        (["manage.py", "temporal_worker"], Runs.WORKER),
        (["manage.py", "relay"], Runs.WORKER),
        (["manage.py", "migrate"], Runs.COMMAND),
        (["manage.py", "verify_timeline", "relay"], Runs.COMMAND),
        (["manage.py"], Runs.COMMAND),
    ],
)
def test_a_command_has_limits_only_where_it_serves(arguments: list[str], runs: Runs) -> None:
    assert time_limits.of_command(arguments) is runs


def test_only_the_celery_program_is_a_celery_process() -> None:
    assert time_limits.is_celery(["/srv/.venv/bin/celery", "worker"])
    assert not time_limits.is_celery(["/srv/.venv/bin/gunicorn", "backoffice.wsgi"])
    assert not time_limits.is_celery([])


@contextmanager
def limited(name: str, milliseconds: int) -> Iterator[None]:
    """This connection as one of a web process, with a shorter limit."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {name} = {milliseconds}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SET {name} = 0")


@pytest.fixture
def case(transactional_db: None) -> Case:
    return open_card_case(make_card(customer=make_customer()))


def sign_in(client: Client, case: Case) -> Client:
    assert case.customer.user is not None
    client.force_login(case.customer.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@contextmanager
def locked(case: Case) -> Iterator[None]:
    """Somebody else holds the case and does not let go."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM cases_case WHERE id = %s FOR UPDATE", [case.id])
            held.set()
            release.wait(20)
            cursor.execute("ROLLBACK")
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(20)
    try:
        yield
    finally:
        release.set()
        holder.join()


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_an_answer_that_waits_too_long_gets_a_page_and_writes_nothing(client: Client, case: Case, limit: str) -> None:
    item = ask(case, "email_survey")
    sign_in(client, case)
    before = (Event.objects.count(), Command.objects.count())
    stop = reverse("portal:stop", args=[case.reference])

    with limited(limit, 200), locked(case):
        refused = client.post(stop, {"reason": "I found it", "sure": "yes"})

    page = refused.content.decode()
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    assert "We cannot do this right now" in page
    assert "Nothing was changed" in page
    assert (Event.objects.count(), Command.objects.count()) == before
    assert WorkItem.objects.get(id=item.id).state == "open"
    case.refresh_from_db()
    assert (case.state, case.events) == ("open", before[0])
    assert client.get(reverse("portal:case", args=[case.reference])).status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("canceling statement due to statement timeout"),
        OperationalError("deadlock detected"),
        OperationalError("couldn't get a connection after 10.00 sec"),
        OperationalError("connection refused"),
    ],
)
def test_the_api_and_machines_are_told_in_json_to_send_it_again(error: Exception) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    answer = busy.for_machines(view)(RequestFactory().post("/api/v1/webhooks/issuer"))

    assert isinstance(answer, HttpResponse)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b'"code": "busy"' in answer.content


@pytest.mark.django_db
def test_a_transaction_that_idles_too_long_is_ended_and_told_like_the_others() -> None:
    from django.db import InternalError

    idle = InternalError("terminating connection")
    idle.__cause__ = errors.IdleInTransactionSessionTimeout()
    other = InternalError("current transaction is aborted")
    other.__cause__ = errors.InFailedSqlTransaction()
    request = RequestFactory().get("/check/")

    assert busy.answer(request, idle) is not None
    assert busy.answer(request, other) is None
    assert busy.answer(request, ValueError()) is None


@pytest.mark.django_db
def test_postgresql_takes_the_limits_as_they_are_written() -> None:
    import psycopg

    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in ("dbname", "user", "password", "host", "port")
    }
    time_limits.this_is(Runs.WEB)
    try:
        with psycopg.connect(**parameters, options=time_limits.options()) as web:
            names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
            shown = [web.execute(f"SHOW {name}").fetchone() for name in names]
    finally:
        time_limits.this_is(Runs.COMMAND)

    assert shown == [("10s",), ("5s",), ("20s",)]
    assert "backoffice.busy.BusyDatabase" in settings.MIDDLEWARE
