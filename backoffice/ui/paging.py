"""Pages of a list, without counting it: each page begins after the last row of the page before, by indexed columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.refusals import Invalid

ROWS = 25
MOST_COUNTED = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """`after` is the cursor of the next page, empty on the last one; `first` says that this is the first."""

    rows: Sequence[M]
    after: str
    first: bool


def page_of(rows: QuerySet[M], *, order: Sequence[str], after: str = "", size: int = ROWS) -> Page[M]:
    """A page of rows in the order of these columns, of which the last is unique ("-at", "pk"). In an ascending column,
    rows without a value come last; a descending column must have no such rows. Raises `Invalid` on `after` for an
    invalid cursor.
    """
    columns = [_Column(rows.model, name) for name in order]
    found = rows.order_by(*order)
    if after:
        found = found.filter(_behind(columns, _read(columns, after)))
    page = list(found[: size + 1])
    cursor = _write(columns, page[size - 1]) if len(page) > size else ""
    return Page(page[:size], cursor, not after)


def bounded_count(*lists: QuerySet[Any, Any], more: int = 0) -> str:
    """ "7", or "50+" when there are more, in all of these together and `more` beside; reads at most 51 rows of each
    one's index."""
    found = more + sum(len(rows.values_list("pk")[: MOST_COUNTED + 1]) for rows in lists)
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)


class _Column:
    def __init__(self, model: type[Model], name: str) -> None:
        self.goes_down = name.startswith("-")
        self.name = name.removeprefix("-")
        self.field: Any = model._meta.pk if self.name == "pk" else model._meta.get_field(self.name)

    def beyond(self, value: object, *, or_equal: bool = False) -> Q:
        """The rows that come after this value in the column's order."""
        if value is None:
            return Q(**{f"{self.name}__isnull": True}) if or_equal else Q(pk__in=())
        compared = ("lt" if self.goes_down else "gt") + ("e" if or_equal else "")
        behind = Q(**{f"{self.name}__{compared}": value})
        return behind | Q(**{f"{self.name}__isnull": True}) if self.field.null and not self.goes_down else behind

    def same(self, value: object) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def read(self, text: str) -> object:
        """Raises `ValueError` or Django's `ValidationError` when the text is no value of the column."""
        if not text and self.field.null:
            return None
        if isinstance(self.field, DateTimeField):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError(text)
            return moment.astimezone(UTC)
        value = self.field.to_python(text)
        self.field.run_validators(value)
        return value


def _behind(columns: Sequence[_Column], values: Sequence[object]) -> Q:
    """The extra condition on the first column changes nothing in the result. It lets the database start at the right
    place of an index."""
    behind = Q()
    for place, column in enumerate(columns):
        same = Q(*(one.same(value) for one, value in zip(columns[:place], values, strict=False)))
        behind |= same & column.beyond(values[place])
    return columns[0].beyond(values[0], or_equal=True) & behind


def _write(columns: Sequence[_Column], row: Model) -> str:
    values = [getattr(row, column.name) for column in columns]
    return "_".join(
        "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def _read(columns: Sequence[_Column], cursor: str) -> list[object]:
    texts = cursor.split("_")
    try:
        if len(texts) != len(columns):
            raise ValueError(cursor)
        return [column.read(text) for column, text in zip(columns, texts, strict=True)]
    except (ValueError, OverflowError, ValidationError):
        raise Invalid({"after": [_("This page of the list cannot be read. Start at its first page.")]}) from None
