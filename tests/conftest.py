"""What all tests share."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import browser
from tests.domains.registry import registry_server as registry_server
from tests.domains.registry import running_registry as running_registry


def pytest_configure() -> None:
    browser.install()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Tests with real transactions clean up by TRUNCATE, which the append-only timeline refuses everywhere else."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("ALTER TABLE cases_event DISABLE TRIGGER event_no_truncate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-histories", action="store_true", help="record the processes' golden histories again")
    parser.addoption("--record-sentences", action="store_true", help="write the tables of what people read again")
