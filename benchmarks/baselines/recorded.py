"""The rows that one whole case of the product has left, to be written anew by a baseline in as many transactions as it
has steps. The tables are copies in a schema of their own, with the same columns, defaults and indexes, but without
foreign keys, uniqueness and triggers; the rows are written by plain SQL, as cheaply as that can be done. Left out are
the outbox, whose work the baseline does itself, and the row of the new card."""

from __future__ import annotations

import re
import uuid
from typing import Any

from psycopg import Connection, sql
from psycopg.types.string import TextLoader

from benchmarks import rows

SCHEMA = "bench"
_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX \S+ ON public\.")
_LOCK = f"SELECT commands FROM {SCHEMA}.cases_case WHERE id = %s FOR UPDATE"
_CHANGE = f"UPDATE {SCHEMA}.cases_case SET applied = %s, events = %s, head = %s WHERE id = %s"


class Recorded:
    def __init__(self, db: Connection[Any], case: str, *, outbox: str, transactions: int) -> None:
        """Reads what `case` left. `transactions` is the number of parts into which it is divided."""
        db.adapters.register_loader("jsonb", TextLoader)
        self.case = uuid.UUID(case)
        found = rows.below(db, "cases_case", self.case, without=frozenset({outbox}))
        self.tables = list(found)
        self._generated = {table: _generated(db, table) for table in found}
        self.count = sum(len(those) for those in found.values())
        self._parts: list[list[tuple[str, rows.Row]]] = [[] for _ in range(transactions)]
        for table, those in found.items():
            for place, row in enumerate(those):
                self._parts[place * transactions // len(those)].append((table, row))

    def make_tables(self, db: Connection[Any]) -> None:
        db.execute(f"CREATE SCHEMA {SCHEMA}")
        for table in self.tables:
            names = {"new": sql.Identifier(SCHEMA, table), "old": sql.Identifier("public", table)}
            db.execute(sql.SQL("CREATE TABLE {new} (LIKE {old} INCLUDING DEFAULTS INCLUDING IDENTITY)").format(**names))
            indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s"
            for (definition,) in db.execute(indexes, [table]).fetchall():
                db.execute(_INDEX.sub(f"CREATE INDEX ON {SCHEMA}.", definition).encode())

    def write(self, db: Connection[Any], case: uuid.UUID, part: int) -> None:
        """Writes one part for a new case, in one transaction."""
        with db.transaction():
            if part:
                db.execute(_LOCK, [case])
            for table, row in self._parts[part]:
                self._insert(db, table, row, case)
            db.execute(_CHANGE, [part, part, f"{part:064x}", case])

    def _insert(self, db: Connection[Any], table: str, row: rows.Row, case: uuid.UUID) -> None:
        values = {
            name: case if value == self.case else uuid.uuid4() if name == "id" else value
            for name, value in row.items()
            if name not in self._generated[table]
        }
        columns, places = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
        db.execute(f"INSERT INTO {SCHEMA}.{table} ({columns}) VALUES ({places})".encode(), list(values.values()))


def _generated(db: Connection[Any], table: str) -> frozenset[str]:
    """The columns that the database numbers itself."""
    query = """SELECT column_name FROM information_schema.columns
               WHERE table_schema = 'public' AND table_name = %s AND is_identity = 'YES'"""
    return frozenset(name for (name,) in db.execute(query, [table]).fetchall())
