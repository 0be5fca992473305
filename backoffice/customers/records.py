"""The kinds of records that rooms keep of customers: their cards, their domains.

Faces show and find them without knowing the rooms: the customer's page at the desk, the search box, and "my …" in the
portal. A room registers its kind when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

from backoffice.customers.models import Customer

Text = str | Promise


@dataclass(frozen=True)
class Start:
    """A case that can be opened about a record: the process, its line in a menu, and what its form begins with.
    `why_not` says why it cannot be opened now; empty where it can."""

    process: str
    label: str
    initial: Mapping[str, str] = field(default_factory=dict)
    why_not: str = ""


@dataclass(frozen=True)
class Record:
    """One record as a face shows it: "VISA ····4242", "blocked, until 09/2028"."""

    customer: Customer
    title: str
    state: str = ""
    starts: Sequence[Start] = ()


@dataclass(frozen=True, kw_only=True)
class RecordKind:
    """`of_customer` gives a customer's records, the newest first; `find` those that a typed text means (a number's last
    digits, a name), at most `most` of them, by index. `sought` says which text that is: "the whole name of a domain".
    `mine` is their title for the customer."""

    name: str
    title: Text
    mine: Text
    of_customer: Callable[[Customer], Sequence[Record]]
    find: Callable[[str, int], Sequence[Record]] = lambda typed, most: ()
    sought: Text = ""


_kinds: dict[str, RecordKind] = {}


def register(kind: RecordKind) -> None:
    """Raises `ValueError` for a second kind of the same name."""
    if kind.name in _kinds:
        raise ValueError(f"two kinds of records are called “{kind.name}”")
    _kinds[kind.name] = kind


def all_kinds() -> Sequence[RecordKind]:
    return tuple(_kinds.values())
