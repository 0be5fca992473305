"""SQL that is made once and run often: the ORM spends more on compiling a statement than PostgreSQL on answering it.

For the statements of every step of a case only; what a page asks once is an ordinary queryset. The text is the ORM's
own, so models and converters stay the one definition. No signals are sent, and no default manager is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model, QuerySet
from django.db.models.query import get_related_populators

from backoffice.write_behind import inserted, stored, writing

M = TypeVar("M", bound=Model)


class Select(Generic[M]):
    """A queryset that is compiled when it is first run. `build` gets stand-ins for the values that change.

    `stand_ins` are values of the right type that occur nowhere else in the queryset: `Select(of_id, uuid4())`. Each
    value must be what the database driver takes (UUID, int, str, aware datetime), and no value may be None.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *stand_ins: object) -> None:
        self._build, self._stand_ins = build, stand_ins
        self._lock = threading.Lock()
        self._made: _Made[M] | None = None

    def __call__(self, *values: object) -> list[M]:
        made = self._made or self._make()
        with connection.cursor() as cursor:
            bound: list[Any] = [param if place is None else values[place] for param, place in made.params]
            cursor.execute(made.sql, bound)
            rows = cursor.fetchall()
        return made.models(rows)

    def first(self, *values: object) -> M | None:
        """The first row, or None; the queryset itself says in which order, and that it needs no more than one."""
        return next(iter(self(*values)), None)

    def _make(self) -> _Made[M]:
        with self._lock:
            if self._made is None:
                self._made = _Made(self._build(*self._stand_ins), self._stand_ins)
            return self._made


class _Made(Generic[M]):
    """What the ORM's compiler made of a queryset, kept apart from the connection that it was made on."""

    def __init__(self, queryset: QuerySet[M], stand_ins: Sequence[object]) -> None:
        compiler = queryset.query.get_compiler(using=connection.alias)
        self.sql, params = compiler.as_sql(with_col_aliases=False)
        self.params = [(param, _place(param, stand_ins)) for param in params]
        if {place for _param, place in self.params} - {None} != set(range(len(stand_ins))):
            raise ValueError("a stand-in is not among the statement's values")
        info = compiler.klass_info
        self._model = cast("type[M]", info["model"])
        self._first, self._last = info["select_fields"][0], info["select_fields"][-1] + 1
        self._names = [column[0].target.attname for column in compiler.select[self._first : self._last]]
        populators: Callable[..., list[Any]] = get_related_populators
        self._related = populators(info, compiler.select, connection.alias)
        self._converters = compiler.get_converters([column[0] for column in compiler.select]).items()

    def models(self, rows: Sequence[Sequence[Any]]) -> list[M]:
        return [self._one(list(row)) for row in rows]

    def _one(self, row: list[Any]) -> M:
        for place, (converters, column) in self._converters:
            for converter in converters:
                row[place] = converter(row[place], column, connection)
        found = self._model.from_db(connection.alias, self._names, row[self._first : self._last])
        for populator in self._related:
            populator.populate(row, found)
        return found


def _place(param: object, stand_ins: Sequence[object]) -> int | None:
    return next((place for place, value in enumerate(stand_ins) if type(value) is type(param) and value == param), None)


def insert(rows: Sequence[Model]) -> None:
    """Inserts rows of one model; a key that the database makes is not read back. Within a unit of work they are
    written at its end (`write_behind.py`)."""
    with writing() as waiting:
        waiting.insert(rows)


def insert_linked(rows: Sequence[Model], *, link: str, by: str) -> None:
    """The same for rows and those that their field `link` points to, whose unique column is `by`."""
    with writing() as waiting:
        waiting.insert(rows, link=link, by=by)


def insert_new(row: Model, *, unique: str) -> bool:
    """Inserts the row at once, unless there is one with the same `unique` column; whether it was inserted. One that
    another transaction is just inserting is waited for."""
    model = type(row)
    with connection.cursor() as cursor:
        cursor.execute(_insert_new(model, unique), [stored(row, field, new=True) for field in inserted(model)])
        return int(cursor.rowcount) == 1


def update(row: Model, fields: Collection[str]) -> None:
    """Writes the named fields of the row, by its primary key; within a unit of work at its end."""
    changed = [_field(type(row), name) for name in fields]
    with writing() as waiting:
        waiting.update(row, {str(field.column): stored(row, field) for field in changed})


@lru_cache(maxsize=512)
def _insert_new(model: type[Model], unique: str) -> str:
    name = connection.ops.quote_name
    columns = ", ".join(name(str(field.column)) for field in inserted(model))
    values, known = ", ".join(["%s"] * len(inserted(model))), name(str(_field(model, unique).column))
    into = ["INSERT INTO", name(model._meta.db_table), f"({columns}) VALUES ({values})"]
    return " ".join([*into, f"ON CONFLICT ({known}) DO NOTHING"])


@lru_cache(maxsize=512)
def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", model._meta.get_field(name))
