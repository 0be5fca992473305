"""The kinds of records that other apps keep about customers: their cards, their domains. Faces show and find them
without knowing these apps: on the customer's page at the desk, in the search, and under "my …" in the portal. Each app
registers its kind when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

from backoffice.customers.models import Customer

Text = str | Promise


@dataclass(frozen=True)
class Start:
    """A case that can be opened about a record: the process, its line in a menu, and the initial values of its form.
    `why_not` says why it cannot be opened now; it is empty when it can. `takes` says what it would take: who confirms,
    how long it waits, what follows."""

    process: str
    label: str
    initial: Mapping[str, str] = field(default_factory=dict)
    why_not: str = ""
    takes: str = ""


@dataclass(frozen=True)
class Record:
    """One record as a face shows it: "VISA ····4242", "blocked, until 09/2028". `key` names the record's own page
    within its kind; it is empty where there is none."""

    customer: Customer
    title: str
    state: str = ""
    starts: Sequence[Start] = ()
    key: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a record's page. `reference` is that of a case to which it leads."""

    label: str
    value: str
    reference: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a record's page. `empty` is the sentence for one without rows."""

    title: str
    rows: Sequence[Row]
    empty: str = ""


@dataclass(frozen=True)
class Detail:
    """A record's own page."""

    record: Record
    sections: Sequence[Section]


@dataclass(frozen=True, kw_only=True)
class RecordKind:
    """`of_customer` returns a customer's records, the newest first. `find` returns those that a typed text names (by
    the last digits of a number, or a name), at most `most` of them, by an index. `sought` describes that text: "the
    beginning of a domain". `mine` is their title for the customer. `reindex` writes again what `find` reads, and gives
    how many records there are. `holder_of` gives the customer who has the record that is called exactly so, for kinds
    that people tell us by name on the telephone. `detail_for_customer` and `detail_for_staff` give the own page of the
    customer's record of a key, and None when they have no such record. `page` is the view of the portal where this
    customer adds to them and changes them, or empty, and `page_words` the link to it."""

    name: str
    title: Text
    mine: Text
    of_customer: Callable[[Customer], Sequence[Record]]
    find: Callable[[str, int], Sequence[Record]] = lambda typed, most: ()
    sought: Text = ""
    reindex: Callable[[], int] | None = None
    holder_of: Callable[[str], Customer | None] = lambda name: None
    detail_for_customer: Callable[[Customer, str], Detail | None] = lambda customer, key: None
    detail_for_staff: Callable[[Customer, str], Detail | None] = lambda customer, key: None
    page: Callable[[Customer], str] = lambda customer: ""
    page_words: Text = ""


_kinds: dict[str, RecordKind] = {}


def register(kind: RecordKind) -> None:
    """Raises `ValueError` for a second kind of the same name."""
    if kind.name in _kinds:
        raise ValueError(f"two kinds of records are called “{kind.name}”")
    _kinds[kind.name] = kind


def kind_of(name: str) -> RecordKind | None:
    return _kinds.get(name)


def all_kinds() -> Sequence[RecordKind]:
    return tuple(_kinds.values())
