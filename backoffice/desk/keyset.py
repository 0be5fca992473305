"""Pages of a worklist without counting: each begins after the last row of the one before."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.cases.models import Case, WorkItem
from backoffice.refusals import Invalid

ROWS = 25
MOST_COUNTED = 50


def bounded_count(rows: QuerySet[WorkItem] | QuerySet[Case]) -> str:
    """ "7", or "50+" where there are more; reads at most 51 rows of an index."""
    found = len(rows.values_list("pk")[: MOST_COUNTED + 1])
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)


def items_after(rows: QuerySet[WorkItem], cursor: str) -> tuple[list[WorkItem], str]:
    """A page of work items in the order of (due, id), and the cursor of the next page, empty on the last one."""
    if cursor:
        at, item_id = _read(cursor)
        rows = rows.filter(
            Q(due_at__gt=at) | Q(due_at=at, id__gt=item_id) | Q(due_at=None), Q(due_at__gte=at) | Q(due_at=None)
        )
    found = list(rows[: ROWS + 1])
    if len(found) <= ROWS or found[ROWS - 1].due_at is None:
        return found[:ROWS], ""
    return found[:ROWS], _write(found[ROWS - 1].due_at, found[ROWS - 1].id)


def cases_after(rows: QuerySet[Case], cursor: str) -> tuple[list[Case], str]:
    """A page of cases, the newest first."""
    if cursor:
        at, case_id = _read(cursor)
        rows = rows.filter(Q(opened_at__lt=at) | Q(opened_at=at, id__gt=case_id), opened_at__lte=at)
    found = list(rows[: ROWS + 1])
    last = found[ROWS - 1] if len(found) > ROWS else None
    return found[:ROWS], _write(last.opened_at, last.id) if last else ""


def _write(at: datetime | None, row_id: uuid.UUID) -> str:
    return f"{at.isoformat() if at else ''}_{row_id}"


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        at, _sign, row_id = cursor.partition("_")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment, uuid.UUID(row_id)
    except ValueError:
        raise Invalid({"after": [_("This page of the list cannot be read. Start at its first page.")]}) from None
