"""After a test with real transactions only the tables that it wrote to are emptied.

Django empties all of them by TRUNCATE, which makes new files for two hundred tables, and then writes permissions,
content types and roles again: together two thirds of a second of CPU for each such test, and for each journey.
"""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

KEPT = ("auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations")
"""What migrating leaves, and Django writes again after it has emptied all tables."""
_EMPTY = f"""
DO $$
DECLARE names text[]; name text; written bool;
BEGIN
    SET LOCAL session_replication_role = replica;
    SELECT array_agg(format('%I', tablename) ORDER BY tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN {KEPT} INTO names;
    EXECUTE 'LOCK TABLE ' || array_to_string(names, ', ');
    FOREACH name IN ARRAY names LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO written;
        IF written THEN EXECUTE 'DELETE FROM ' || name; END IF;
    END LOOP;
END $$
"""
"""Waits, as TRUNCATE does, for whoever is still writing; asks neither foreign keys nor the triggers that keep the
timeline from being deleted."""
_migrated: list[object] = []


def install() -> None:
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def remember() -> None:
    """What a test may leave: called when the database has been made."""
    _migrated[:] = _kept()


def _empty(_case: TransactionTestCase) -> None:
    if _kept() != _migrated:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
        remember()
        return
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)


def _kept() -> list[object]:
    """A sum of all rows of each table that is kept."""
    with connection.cursor() as cursor:
        sums = ", ".join(f"(SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {name} t)" for name in KEPT)
        cursor.execute(f"SELECT {sums}")
        return list(cursor.fetchone())
