"""The one way to change a case: a unit of work locks it, collects what is said of it, and writes all of it at once.

`with changing(case_id) as case:` locks the topmost case of the family and the case in one statement, always in this
order, so that parent and child never wait for each other. Events noted and commands ordered meanwhile are written with
the case's own fields, and with what else was inserted and updated (`write_behind.py`), by one statement, when the
outermost block ends. Within it the same case is the same object.

A block within another belongs to the same unit: it has no savepoint. An exception that leaves any block undoes the
whole unit, also where somebody outside the block catches it.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Subquery

from backoffice.cases.models import Case, WorkItem
from backoffice.cases.outbox import WRITTEN
from backoffice.refusals import NotFound
from backoffice.statements import Select, insert_new
from backoffice.write_behind import Waiting, update_of, write_behind

_ID = uuid.UUID(int=1)
_FIXED = {
    "id",
    "reference",
    "process",
    "customer_id",
    "parent_id",
    "root_id",
    "opened_at",
    "opening_key",
    "opening_digest",
    "signed",
}
_FIELDS = tuple(field for field in Case._meta.concrete_fields if field.attname not in _FIXED)


def _family(case_id: object, root_id: object) -> QuerySet[Case]:
    """The case, and the topmost of its family before it; each is locked in this order."""
    found = Case.objects.filter(Q(id=case_id) | Q(id=root_id)).select_related("customer")
    return found.order_by(F("root_id").asc(nulls_first=True)).select_for_update(of=("self",))


def _family_of_case(case_id: uuid.UUID) -> QuerySet[Case]:
    return _family(case_id, Subquery(Case.objects.filter(id=case_id).values("root_id")))


def _family_of_item(item_id: uuid.UUID) -> QuerySet[Case]:
    item = WorkItem.objects.filter(id=item_id)
    return _family(Subquery(item.values("case_id")), Subquery(item.values("case__root_id")))


_LOCKED_BY_CASE = Select(_family_of_case, _ID)
_LOCKED_BY_ITEM = Select(_family_of_item, _ID)
_ITEM = Select(lambda item_id: WorkItem.objects.filter(id=item_id), _ID)


class _Unit(threading.local):
    """The unit of work of this thread."""

    def __init__(self) -> None:
        self.cases: dict[uuid.UUID, tuple[Case, list[Any]]] = {}
        self.depth = 0
        self.broken = False


_unit = _Unit()


@contextlib.contextmanager
def unit_of_work() -> Iterator[None]:
    """A transaction in which cases may be changed; part of the one around it, where there is one.

    Raises `RuntimeError` when a block within it failed and somebody caught the exception and went on: what that block
    had said can no longer be told from the rest.
    """
    if _unit.depth:
        try:
            yield
        except BaseException:
            _unit.broken = True
            raise
        return
    with transaction.atomic(), write_behind() as waiting:
        _unit.depth = 1
        try:
            yield
            if _unit.broken:
                raise RuntimeError("a part of this unit of work failed; nothing of it is written")
            _write(waiting)
        finally:
            _unit.cases, _unit.depth, _unit.broken = {}, 0, False


@contextlib.contextmanager
def changing(case_id: uuid.UUID) -> Iterator[Case]:
    """Raises `NotFound` when there is no such case."""
    with unit_of_work():
        known = _unit.cases.get(case_id)
        yield known[0] if known else _take(_LOCKED_BY_CASE(case_id), NotFound("unknown_case", "There is no such case."))


@contextlib.contextmanager
def changing_item(item_id: uuid.UUID, unknown: NotFound) -> Iterator[tuple[Case, WorkItem]]:
    """The item's case and the item, which changes only under the lock of its case. Raises `unknown` when there is no
    such item."""
    with unit_of_work():
        case = _take(_LOCKED_BY_ITEM(item_id), unknown)
        [item] = _ITEM(item_id)
        item.case = case
        yield case, item


@contextlib.contextmanager
def creating(case: Case) -> Iterator[bool]:
    """The same for a case that is only now inserted, under a parent that is locked. Whether it was: where there is a
    case with the same opening key, nothing of this one is written."""
    with unit_of_work():
        if case.root_id and case.root_id not in _unit.cases:
            _take(_LOCKED_BY_CASE(case.root_id), NotFound("unknown_case", "There is no such case."))
        new = insert_new(case, unique="opening_key")
        if new:
            case._state.adding = False
            _unit.cases[case.id] = (case, _values(case))
        yield new


def outside_any() -> None:
    """Raises `RuntimeError` within a unit of work: for what locks several families, one after the other."""
    if _unit.depth:
        raise RuntimeError("this locks other families of cases, and must not hold one meanwhile")


def later_of(now: datetime, at: datetime) -> datetime:
    """Our clock, unless the process's own runs ahead of it (as it does on a server that skips time)."""
    return max(now, at)


def _take(locked: Sequence[Case], unknown: NotFound) -> Case:
    """Takes locked cases into the unit; gives the last, which is the one that was asked for."""
    if not locked:
        raise unknown
    for case in locked:
        _unit.cases.setdefault(case.id, (case, _values(case)))
    return _unit.cases[locked[-1].id][0]


def _values(case: Case) -> list[Any]:
    return [getattr(case, field.attname) for field in _FIELDS]


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(waiting: Waiting) -> None:
    """One statement for each case that was changed; what else waits goes with the first."""
    for case, before in _unit.cases.values():
        after = _values(case)
        if after == before and not case.noted and not case.ordered:
            continue
        waiting.insert(case.noted)
        waiting.insert(case.ordered)
        parts, values = waiting.take()
        fields = [field.get_db_prep_save(value, connection) for field, value in zip(_FIELDS, after, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_statement(parts, wakes=bool(case.ordered)), [*values, *fields, case.id])
        case.noted, case.ordered = [], []
    waiting.write()


@lru_cache(maxsize=512)
def _statement(parts: tuple[str, ...], *, wakes: bool) -> str:
    """Writes the case and these parts; one with commands wakes the relays when it is committed."""
    changed = update_of(Case, tuple(str(field.column) for field in _FIELDS))
    if not wakes:
        return f"WITH {', '.join(parts)} {changed}" if parts else changed
    return f"WITH {', '.join(parts)}, changed AS ({changed}) SELECT pg_notify('{WRITTEN}', '')"
