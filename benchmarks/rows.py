"""The rows that belong to one row, found by the database's own foreign keys: those that point at it, those that point
at these, and so on; and those that name it in a column `case_id` without a foreign key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

Row = dict[str, Any]

_POINTING = """
SELECT rel.relname AS table, att.attname AS column
FROM pg_constraint con
JOIN pg_class rel ON rel.oid = con.conrelid
JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
WHERE con.contype = 'f' AND con.confrelid = %(table)s::text::regclass AND con.connamespace = 'public'::regnamespace
UNION
SELECT c.table_name, c.column_name FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.column_name = 'case_id' AND c.data_type = 'uuid'
  AND %(table)s::text = 'cases_case'
"""
_KEY = """
SELECT att.attname AS column FROM pg_constraint con
JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
WHERE con.contype = 'p' AND con.conrelid = %(table)s::text::regclass
"""


@dataclass
class Family:
    """The rows found, by table in the order in which tables were found, each table's by its primary key."""

    tables: dict[str, dict[Any, Row]] = field(default_factory=dict)

    def rows(self) -> dict[str, list[Row]]:
        return {table: list(found.values()) for table, found in self.tables.items()}


def below(db: Connection[Any], table: str, key: Any, *, without: frozenset[str] = frozenset()) -> dict[str, list[Row]]:
    """The row itself, and all that belong to it, by table; JSON columns as text. `without` names tables to leave."""
    family = Family()
    _add(db, family, table, key_of(db, table), [key], without)
    return family.rows()


def key_of(db: Connection[Any], table: str) -> str:
    """The table's primary key, which has one column."""
    row = db.execute(_KEY, {"table": table}).fetchone()
    if row is None:
        raise LookupError(f"{table} has no primary key")
    return str(row[0])


def _add(
    db: Connection[Any], family: Family, table: str, column: str, values: list[Any], without: frozenset[str]
) -> None:
    if table in without:
        return
    key = key_of(db, table)
    query = sql.SQL("SELECT * FROM {} WHERE {} = ANY(%s) ORDER BY {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Identifier(key)
    )
    with db.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, [values]).fetchall()
    known = family.tables.setdefault(table, {})
    new = {row[key]: row for row in found if row[key] not in known}
    known.update(new)
    if new:
        for pointing, of_it in db.execute(_POINTING, {"table": table}).fetchall():
            _add(db, family, pointing, of_it, list(new), without)
