"""Write-behind: within a unit of work, inserts and updates wait for its end, and are then one statement.

What is read meanwhile is never older than what was written: before any other statement that names a table for which
something waits, it is written. So it is before a savepoint, whose rollback drops what came after it.
"""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models import Field, Model
from psycopg.types.json import Jsonb

ROLLBACK_TO, SAVEPOINT = "ROLLBACK TO", "SAVEPOINT"


class Waiting:
    """What waits to be written in this thread's unit of work."""

    def __init__(self) -> None:
        self._inserts: dict[tuple[type[Model], str, str], list[Model]] = {}
        self._values: dict[int, dict[str, Any]] = {}
        """What is inserted for each of those rows, by column, as it was when the row was given."""
        self._updates: dict[tuple[type[Model], Any], tuple[Model, dict[str, Any]]] = {}

    def __bool__(self) -> bool:
        return bool(self._inserts or self._updates)

    def insert(self, rows: Sequence[Model], *, link: str = "", by: str = "") -> None:
        """`link` names a field to rows that are inserted with these, and `by` their column that tells them apart."""
        for row in rows:
            self._values[id(row)] = told = _told(row, link)
            if link:
                target = getattr(row, link)
                self._values[id(target)] = _told(target)
                told["linked"] = getattr(target, by)
        if rows:
            self._inserts.setdefault((type(rows[0]), link, by), []).extend(rows)

    def update(self, row: Model, values: dict[str, Any]) -> None:
        """`values` by column. Of a row that waits to be inserted, its values change; of two objects that are the same
        row, the first is written before the second. Raises `ValueError` for a row whose key was not read back."""
        if id(row) in self._values:
            self._values[id(row)].update(values)
            return
        if row.pk is None:
            raise ValueError("the key of this row is not known: read it again before it is updated")
        key = (type(row), row.pk)
        if key in self._updates and self._updates[key][0] is not row:
            self.write()
        self._updates.setdefault(key, (row, {}))[1].update(values)

    def take(self) -> tuple[tuple[str, ...], list[Any]]:
        """The parts of a statement (each `name AS (…)`) that write all of it, and their values; then nothing waits."""
        parts: list[str] = []
        values: list[Any] = []
        for number, ((model, link, by), rows) in enumerate(self._inserts.items()):
            parts.append(_linked(number, model, link, by) if link else f"new_{number} AS ({insert_of(model)})")
            if link:
                values.append(_json([self._values[id(getattr(row, link))] for row in rows]))
            values.append(_json([self._values[id(row)] for row in rows]))
        for number, ((model, key), (_row, changes)) in enumerate(self._updates.items()):
            parts.append(f"changed_{number} AS ({update_of(model, tuple(changes))})")
            values += [*changes.values(), key]
        self.drop()
        return tuple(parts), values

    def write(self) -> None:
        if self:
            parts, values = self.take()
            with connection.cursor() as cursor:
                cursor.execute(f"WITH {', '.join(parts)} SELECT 1", values)

    def drop(self) -> None:
        self._inserts, self._values, self._updates = {}, {}, {}

    def before(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Wraps every statement of the connection."""
        text = sql if isinstance(sql, str) else ""
        if text.startswith(ROLLBACK_TO):
            self.drop()
        elif self and (not text or text.startswith(SAVEPOINT) or any(table in text for table in self._tables())):
            self.write()
        return execute(sql, params, many, context)

    def _tables(self) -> Iterator[str]:
        for model, link, _by in self._inserts:
            yield model._meta.db_table
            if link:
                yield _target(model, link)._meta.db_table
        for model, _key in self._updates:
            yield model._meta.db_table


class _Now(threading.local):
    def __init__(self) -> None:
        self.waiting: Waiting | None = None


_now = _Now()


@contextlib.contextmanager
def write_behind() -> Iterator[Waiting]:
    """Within a transaction: inserts and updates of this thread wait until they are taken or written."""
    _now.waiting = waiting = Waiting()
    try:
        with connection.execute_wrapper(waiting.before):
            yield waiting
    finally:
        _now.waiting = None


@contextlib.contextmanager
def writing() -> Iterator[Waiting]:
    """What is said to it waits where a unit of work is under way, and is written at the end of the block elsewhere."""
    if _now.waiting is not None:
        yield _now.waiting
        return
    waiting = Waiting()
    yield waiting
    waiting.write()


# --- text -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def insert_of(model: type[Model]) -> str:
    """All rows of one JSON value, so that the statement's text is the same whatever their number."""
    columns = ", ".join(_column(field) for field in inserted(model))
    return " ".join(["INSERT INTO", _table(model), f"({columns}) SELECT", columns, "FROM", _rows(model)])


@lru_cache(maxsize=512)
def update_of(model: type[Model], columns: tuple[str, ...]) -> str:
    """By the primary key, which is the last value."""
    changes = ", ".join(f"{connection.ops.quote_name(column)} = %s" for column in columns)
    return " ".join(["UPDATE", _table(model), "SET", changes, "WHERE", _column(model._meta.pk), "= %s"])


@lru_cache(maxsize=512)
def _linked(number: int, model: type[Model], link: str, by: str) -> str:
    """Two inserts: of the rows that `link` points to, and of these rows with the keys that the database made."""
    target, field = _target(model, link), model._meta.get_field(link)
    others = ", ".join(_column(each) for each in inserted(model) if each is not field)
    key, unique = _column(target._meta.pk), _column(target._meta.get_field(by))
    return " ".join(
        [
            f"linked_{number} AS ({insert_of(target)} RETURNING {key} AS made, {unique} AS known), new_{number}",
            *("AS (INSERT INTO", _table(model), f"({others},", _column(field), ") SELECT", f"{others}, made FROM"),
            *(_rows(model, link), f"JOIN linked_{number} ON known = linked)"),
        ]
    )


@lru_cache(maxsize=512)
def inserted(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    """The fields that an insert writes: not a key that the database makes."""
    return tuple(field for field in model._meta.concrete_fields if not (field.primary_key and field.db_returning))


def _rows(model: type[Model], link: str = "") -> str:
    types = [
        "linked text" if field.name == link else f"{_column(field)} {field.db_type(connection)}"
        for field in inserted(model)
    ]
    return f"jsonb_to_recordset(%s) AS given({', '.join(types)})"


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _column(field: Any) -> str:
    return connection.ops.quote_name(str(field.column))


def _target(model: type[Model], link: str) -> type[Model]:
    target: Any = model._meta.get_field(link).related_model
    found: type[Model] = target
    return found


# --- values -----------------------------------------------------------------------------------------------------------

_PLAIN = {
    models.BigIntegerField,
    models.BooleanField,
    models.CharField,
    models.DateTimeField,
    models.ForeignKey,
    models.IntegerField,
    models.JSONField,
    models.OneToOneField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
    models.UUIDField,
}
"""Of exactly these: what a model holds for them is what JSON says of them."""


def stored(row: Model, field: Field[Any, Any], *, new: bool = False) -> Any:
    """The field's value as the database driver takes it."""
    return field.get_db_prep_save(field.pre_save(row, new), connection)


def _told(row: Model, link: str = "") -> dict[str, Any]:
    plain, others = _plan(type(row), link)
    told = {column: getattr(row, name) for column, name in plain}
    for field in others:
        told[str(field.column)] = stored(row, field, new=True)
    return told


@lru_cache(maxsize=512)
def _plan(model: type[Model], link: str) -> tuple[list[tuple[str, str]], list[Field[Any, Any]]]:
    """The columns whose values go as they are, each with its attribute, and the fields that have to be asked."""
    fields = [field for field in inserted(model) if field.name != link]
    plain = [field for field in fields if type(field) in _PLAIN and not getattr(field, "auto_now_add", False)]
    return [(str(field.column), field.attname) for field in plain], [field for field in fields if field not in plain]


def _json(rows: Sequence[dict[str, Any]]) -> Jsonb:
    """The rows as one value; times keep their microseconds, which the hash of an event counts."""
    return Jsonb(rows, dumps=_dumps)


def _dumps(rows: Any) -> str:
    return json.dumps(rows, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> Any:
    match value:
        case Jsonb():
            return value.obj
        case date() | datetime():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case _:
            raise TypeError(f"a column of {type(value).__name__} cannot wait to be written")
