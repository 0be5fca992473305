from __future__ import annotations

import asyncio

import pytest
from django.db import connection, transaction
from psycopg import AsyncConnection, sql

from benchmarks.statements import Counting, counted, kind_of
from benchmarks.story import looking

ONE = "SELECT 1"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ('SELECT "a"."id" FROM "cases_case" a JOIN "other" ON true', "SELECT cases_case"),
        ('INSERT INTO "cases_event" ("id") VALUES (1)', "INSERT cases_event"),
        ("UPDATE cases_command SET x = 1 WHERE id IN (SELECT id FROM cases_case)", "UPDATE cases_command"),
        ('RELEASE SAVEPOINT "s1"', "RELEASE"),
        ("", ""),
    ],
)
def test_a_statement_is_counted_under_its_verb_and_first_table(statement: str, kind: str) -> None:
    assert kind_of(statement) == kind


@pytest.mark.django_db
def test_savepoints_count_and_what_was_executed_outside_the_block_does_not() -> None:
    counting = Counting("cases_command")
    with connection.cursor() as cursor:
        cursor.execute(ONE)
        with counted(counting), transaction.atomic():
            cursor.execute(ONE)
        cursor.execute(ONE)

    assert dict(counting.by_kind) == {"SAVEPOINT": 1, "SELECT": 1, "RELEASE": 1}


@pytest.mark.django_db
def test_neither_the_drivers_looks_nor_an_idle_relays_count() -> None:
    counting = Counting("cases_command")
    with counted(counting), connection.cursor() as cursor:
        with looking():
            cursor.execute(ONE)
        cursor.execute("UPDATE cases_command SET tries = 1 WHERE false")
        cursor.execute("UPDATE cases_case SET applied = 1 WHERE false")

    assert dict(counting.by_kind) == {"UPDATE cases_case": 1}


@pytest.mark.django_db
def test_what_goes_past_django_counts_as_well() -> None:
    counting = Counting("cases_command")
    parameters = connection.get_connection_params()
    parameters = {name: parameters[name] for name in ("dbname", "user", "host") if name in parameters}

    async def ask() -> None:
        async with await AsyncConnection.connect(**parameters) as db:
            await db.execute("LISTEN anything")
            await db.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("cases_case")))
            await db.execute(b"SELECT 1")

    with counted(counting):
        asyncio.run(ask())

    assert dict(counting.by_kind) == {"SELECT cases_case": 1, "SELECT": 1}
