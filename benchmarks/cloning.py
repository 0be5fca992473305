"""Fills the database with many open cases that wait: copies of customers with all that belongs to them.

A few cases are played by the product until they wait for their customer; then their customers' rows, found by the
foreign keys, are copied, with new keys, references and tokens, and with hash chains that hold. They go in by COPY,
through every constraint and trigger.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.types.string import TextLoader

from benchmarks import rows

Rows = dict[str, list[rows.Row]]
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
BATCH = 1000
"""Customers in one transaction."""
TEMPLATES = 4
"""Half of them wait for their first answer, half for the second."""
WAIT = 120.0
_UNIQUE = """
SELECT DISTINCT att.attname FROM pg_index ind
JOIN pg_attribute att ON att.attrelid = ind.indrelid AND att.attnum = ind.indkey[0]
WHERE ind.indrelid = %s::text::regclass AND ind.indisunique AND ind.indnkeyatts = 1
"""
_FOREIGN = """
SELECT att.attname, con.confrelid::regclass::text FROM pg_constraint con
JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
WHERE con.contype = 'f' AND con.conrelid = %s::text::regclass
"""


@dataclass(frozen=True)
class Table:
    """What must be known of a table to copy a row of it."""

    name: str
    key: str
    unique: frozenset[str]
    """Columns whose value nobody else may have."""
    foreign: Mapping[str, str]
    """The table that a column points at."""


class Copier:
    """Makes fresh copies of one customer's rows. `number` gives the next key of a table that has numbers for keys."""

    def __init__(self, tables: Sequence[Table], template: Rows, *, number: Callable[[str], int]) -> None:
        self._tables = sorted(tables, key=lambda table: table.key in table.foreign)
        self._template, self._number = template, number

    def copy(self, serial: int) -> Rows:
        """`serial` is another for each copy: unique texts are made of it."""
        keys: dict[tuple[str, Any], Any] = {}
        values: dict[Any, Any] = {}
        for table in self._tables:
            for place, row in enumerate(self._template[table.name]):
                old = row[table.key]
                pointing = table.foreign.get(table.key)
                new = uuid.uuid4() if isinstance(old, uuid.UUID) else self._number(table.name)
                keys[table.name, old] = keys[pointing, old] if pointing else new
                if isinstance(old, uuid.UUID) and not pointing:
                    values[old] = new
                for column in table.unique - {table.key} - set(table.foreign):
                    values[row[column]] = another(row[column], serial * 100 + place)
        return {table.name: [self._row(table, row, keys, values) for row in self._template[table.name]]
                for table in self._tables}  # fmt: skip

    @staticmethod
    def _row(table: Table, row: rows.Row, keys: Mapping[tuple[str, Any], Any], values: Mapping[Any, Any]) -> rows.Row:
        new = {}
        for column, value in row.items():
            if column == table.key:
                new[column] = keys[table.name, value]
            elif column in table.foreign:
                new[column] = keys.get((table.foreign[column], value), value)
            elif column.endswith("_index") and value:
                new[column] = f"{random.getrandbits(4 * len(value)):0{len(value)}x}"
            elif isinstance(value, (str, uuid.UUID)):
                new[column] = values.get(value, value)
            else:
                new[column] = value
        return new


def another(value: Any, serial: int) -> Any:
    """A value of the same shape that no other `serial` gives: a text keeps its length and its hyphens."""
    if isinstance(value, uuid.UUID):
        return uuid.uuid4()
    if not isinstance(value, str):
        raise TypeError(f"no other value is known for {type(value).__name__}")
    letters = []
    for character in reversed(value):
        if character == "-":
            letters.append(character)
        else:
            serial, rest = divmod(serial, len(ALPHABET))
            letters.append(ALPHABET[rest])
    if serial:
        raise OverflowError("the text is too short for so many")
    return "".join(reversed(letters))


def grow(product: Any, count: int) -> list[str]:
    """Adds `count` customers with an open case each; gives the cases' ids."""
    from django.conf import settings
    from django.db import connection

    connection.ensure_connection()
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in _CONNECTING}
    customers = _templates(product)
    cases: list[str] = []
    with psycopg.connect(**parameters, autocommit=True) as db:
        db.adapters.register_loader("jsonb", TextLoader)
        db.execute("SELECT set_config('TimeZone', %s, false)", [settings.TIME_ZONE])
        numbers = _Numbers(db)
        copiers = [_copier(db, product.CUSTOMERS, customer, numbers) for customer in customers]
        for first in range(0, count, BATCH):
            copies = [copiers[serial % len(copiers)].copy(serial) for serial in range(first, min(first + BATCH, count))]
            for copy in copies:
                product.rechain(copy)
                cases += [str(row["id"]) for row in copy["cases_case"]]
            with db.transaction():
                _put(db, merged(copies))
        numbers.give_back()
        db.execute("ANALYZE")
    wrong = product.broken([uuid.UUID(case) for case in cases[:: max(1, count // 50)]])
    if wrong:
        raise RuntimeError(f"the timelines of {wrong} do not hold")
    return cases


_CONNECTING = ("dbname", "user", "password", "host", "port")


def _templates(product: Any) -> list[Any]:
    """The keys of customers whose case waits for its first or second answer, and for whom nothing is on its way."""
    cards = product.make_cards(TEMPLATES)
    cases = [product.open_case(card) for card in cards]
    _until(lambda: len(product.open_items(cases)) == TEMPLATES)
    for item in product.items_of_kind(cases[: TEMPLATES // 2], product.FIRST_ITEM):
        product.answer(item)
    _until(lambda: len(product.items_of_kind(cases, product.SECOND_ITEM)) == TEMPLATES // 2)
    _until(product.settled)
    return [card.customer_id for card in cards]


def _until(holds: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > WAIT:
            raise TimeoutError("the cases to copy did not come to wait")
        time.sleep(0.05)


def _copier(db: Connection[Any], customers: str, key: Any, number: Callable[[str], int]) -> Copier:
    template = rows.below(db, customers, key)
    tables = [
        Table(
            name=table,
            key=rows.key_of(db, table),
            unique=frozenset(name for (name,) in db.execute(_UNIQUE, [table]).fetchall()),
            foreign=dict(db.execute(_FOREIGN, [table]).fetchall()),
        )
        for table, found in template.items()
        if found
    ]
    return Copier(tables, template, number=number)


class _Numbers:
    """Keys from beyond those that are there; `give_back` moves the sequences behind them."""

    def __init__(self, db: Connection[Any]) -> None:
        self._db = db
        self._next: dict[str, int] = {}

    def __call__(self, table: str) -> int:
        if table not in self._next:
            self._next[table] = self._greatest(table) + 1_000_000
        self._next[table] += 1
        return self._next[table]

    def give_back(self) -> None:
        for table, number in self._next.items():
            self._db.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, number])

    def _greatest(self, table: str) -> int:
        row = self._db.execute(sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table))).fetchone()
        return int(row[0]) if row else 0


def merged(copies: Sequence[Rows]) -> Rows:
    """The rows of all copies, by table."""
    together: Rows = {}
    for copy in copies:
        for table, those in copy.items():
            together.setdefault(table, []).extend(those)
    return together


def _put(db: Connection[Any], those: Rows) -> None:
    db.execute("SET CONSTRAINTS ALL DEFERRED")
    for table, found in those.items():
        columns = list(found[0])
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with db.cursor() as cursor, cursor.copy(into) as copy:
            for row in _in_order(found, columns):
                copy.write_row(row)


def _in_order(found: Sequence[rows.Row], columns: Sequence[str]) -> Iterator[list[Any]]:
    for row in found:
        yield [row[column] for column in columns]
