"""What changed for the open pages of the desk: one query of a process answers for all of them.

Each page asks every few seconds. The first that asks after `EVERY` runs the query, for everything that pages of this
process watched within the last minute; all others are answered from its result. The answer depends on the database
alone, so it does not matter which process a page asks.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from backoffice.cases import catalogue, permissions, worklist
from backoffice.cases.models import Case, ItemState, PerformerKind, WorkItem
from backoffice.desk import presence

EVERY = 2.0
"""Seconds for which one result is good."""
WATCHED_FOR = 60.0
"""Seconds after which a page that has not asked again is no longer looked after."""
MOST = 51
"""So many rows of a list are compared: those of its first page, and what its count can show."""
Roles = frozenset[str]
Row = tuple[str, uuid.UUID, uuid.UUID, datetime | None, int]
"""The kind of the row, its id, its case, a time, and a number."""


@dataclass(frozen=True)
class _Result:
    at: float
    read_at: datetime
    rows: dict[str, list[Row]] = field(default_factory=dict)
    openers: presence.Openers = field(default_factory=dict)
    watched: frozenset[Hashable] = frozenset()


class Pulse:
    """The pulse of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[Hashable, float] = {}
        self._result: _Result | None = None

    def worklist(self, *, user_id: int, roles: Roles) -> str:
        """A text that changes whenever the worklist of this person may have changed."""
        found = self._current(user_id, roles)
        mine = [row for row in found.rows.get("held", []) if row[4] == user_id]
        rows = sorted([*mine, *found.rows.get(_label(roles), []), *_common(found)], key=str)
        others = [sorted(found.openers.get(row[2], frozenset()) - {user_id}) for row in rows]
        late = [row[3] is not None and row[3] < found.read_at for row in rows]
        return sha256(repr((rows, others, late)).encode()).hexdigest()[:16]

    def family(self, root: uuid.UUID) -> int:
        """How many events the family of this topmost case has."""
        return sum(row[4] for row in self._current(root).rows.get("family", []) if row[1] == root)

    def openers(self, case_id: uuid.UUID, *, besides: int) -> frozenset[int]:
        """The others who have this case open."""
        return self._current().openers.get(case_id, frozenset()) - {besides}

    def _current(self, *watched: Hashable) -> _Result:
        now = time.monotonic()
        self._asked |= dict.fromkeys(watched, now)
        found = self._result
        if found and now - found.at < EVERY and found.watched.issuperset(watched):
            return found
        with self._lock:
            found = self._result
            if found is None or time.monotonic() - found.at >= EVERY or not found.watched.issuperset(watched):
                self._result = found = self._read()
            return found

    def _read(self) -> _Result:
        at = time.monotonic()
        self._asked = {one: asked for one, asked in self._asked.copy().items() if at - asked < WATCHED_FOR}
        watched = frozenset(self._asked)
        users = [one for one in watched if isinstance(one, int)]
        roots = [one for one in watched if isinstance(one, uuid.UUID)]
        lists = [one for one in watched if isinstance(one, frozenset)]
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in _union(users, lists, roots):
            rows[row[0]].append(row)
        cases = {row[2] for found in rows.values() for row in found}
        return _Result(at, timezone.now(), dict(rows), presence.openers(cases), watched)


def _common(found: _Result) -> list[Row]:
    """What may be in anybody's list."""
    return [*found.rows.get("attention", []), *found.rows.get("beside", [])]


def family_events(case: Case) -> int:
    """The same as `Pulse.family`, read now: what a page is made from."""
    root = case.root_id_or_own
    return sum(Case.objects.filter(Q(id=root) | Q(root_id=root)).values_list("events", flat=True))


def _union(users: Collection[int], lists: Collection[Roles], roots: Collection[uuid.UUID]) -> Iterator[Row]:
    held = WorkItem.objects.filter(state=ItemState.OPEN, holder_id__in=users)
    family = Case.objects.filter(Q(id__in=roots) | Q(root_id__in=roots)).annotate(top=Coalesce("root_id", "id"))
    parts = [
        _named(held, "held").values_list("label", "id", "case_id", "due_at", "holder_id"),
        _named(worklist.needing_attention(), "attention").values_list(
            "label", "id", F("id"), "opened_at", "open_incidents"
        )[:MOST],
        _named(family, "family").values_list("label", "top", "id", "opened_at", "events"),
    ]
    for news in (process.pages.desk_news() for process in catalogue.all_processes()):
        if news is not None:
            parts.append(_named(news, "beside").values_list("label", "row", F("row"), "changes_at", "taken_by"))
    for roles in lists:
        for items in _of_roles(roles):
            parts.append(
                _named(items, _label(roles)).values_list("label", "id", "case_id", "due_at", "reminders")[:MOST]
            )
    yield from parts[0].union(*parts[1:], all=True)


def _of_roles(roles: Roles) -> Iterator[QuerySet[WorkItem]]:
    """What waits for these roles, and what is late of it or in a colleague's hands."""
    items = WorkItem.objects.filter(state=ItemState.OPEN).order_by("due_at", "id")
    yield items.filter(permissions.items_of(roles))
    late = items.filter(due_at__lt=timezone.now(), role__in=roles, holder__isnull=False)
    yield late.exclude(performer=PerformerKind.CUSTOMER)


def _named(rows: QuerySet[Any], label: str) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.annotate(label=Value(label, output_field=CharField()))
    return named


def _label(roles: Roles) -> str:
    return f"roles:{','.join(sorted(roles))}"


PULSE = Pulse()
"""That of this process."""
