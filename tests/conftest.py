"""What all tests share."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest
from django.db import connection
from hypothesis import settings

from tests import browser, emptied, migrated
from tests.domains.registry import registry_server as registry_server
from tests.domains.registry import running_registry as running_registry


def pytest_configure() -> None:
    """An example may take long: the machine is shared with other tests, which may go first."""
    browser.install()
    emptied.install()
    settings.register_profile("beside others", deadline=None)
    settings.load_profile("beside others")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Hardly anything becomes garbage meanwhile, and looking for it takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look at it again. It looks for
    new cycles less often than it would by itself, for a test makes many objects that no cycle holds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> migrated.Making:
    """What happens before the test database is made; `django_db_setup` ends it once that is there."""
    making = migrated.Making()
    making.begin()
    return making


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: migrated.Making, django_db_setup: None, django_db_blocker: object
) -> None:
    """Tests with real transactions clean up by TRUNCATE, which the append-only timeline and ledger refuse everywhere
    else."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        django_db_modify_db_settings.end()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE cases_event DISABLE TRIGGER event_no_truncate")
            for name in ("account", "posting", "entry", "cardevent"):
                cursor.execute(f"ALTER TABLE payments_{name} DISABLE TRIGGER {name}_no_truncate")
        emptied.remember()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-histories", action="store_true", help="record the processes' golden histories again")
    parser.addoption("--record-sentences", action="store_true", help="write the tables of what people read again")
