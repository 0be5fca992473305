"""The search in the header: finds a case, a customer or a customer's record by whatever one knows of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.cases.models import Case
from backoffice.customers import records, searching
from backoffice.customers.models import Customer
from backoffice.customers.records import Record, RecordKind
from backoffice.references import tidy_reference
from backoffice.refusals import NotFound
from backoffice.ui import lookup

MOST = 20
CASE_CHARACTERS = 7
REFERENCE = re.compile(r"^[A-Z0-9]{3}-[A-Z0-9]{3}-?[A-Z0-9]$", re.IGNORECASE)
"""A text with hyphens like these is meant as a reference, whether or not its check character is right."""


@dataclass(frozen=True)
class FoundRecords:
    """The records of one kind that were found, at most twenty; `more` says that there are more."""

    kind: RecordKind
    records: Sequence[Record]
    more: bool


@dataclass(frozen=True)
class Found:
    """At most twenty customers; `more` says that there are more. `reference` is a typed reference without a case;
    `misread` says that one of its characters is wrong."""

    case: Case | None = None
    reference: str = ""
    misread: bool = False
    customers: Sequence[Customer] = ()
    more: bool = False
    records: Sequence[FoundRecords] = field(default_factory=tuple)

    @property
    def nothing(self) -> bool:
        return not (self.case or self.customers or self.records)


def find(text: str) -> Found:
    """A text that can be a reference is first looked up as one."""
    typed = text.strip()
    return _by_reference(typed) or _by_what_is_known(typed)


def _by_reference(typed: str) -> Found | None:
    reference = tidy_reference(typed)
    if reference is None:
        return Found(reference=typed.upper(), misread=True) if REFERENCE.match(typed) else None
    if len(reference.replace("-", "")) != CASE_CHARACTERS:
        return None
    try:
        return Found(case=lookup.case_of(typed), reference=reference)
    except NotFound:
        return Found(reference=reference) if "-" in typed else None


def _by_what_is_known(typed: str) -> Found:
    customers = list(searching.find(text=typed)[: MOST + 1])
    found = [(kind, list(kind.find(typed, MOST + 1))) for kind in records.all_kinds()]
    return Found(
        customers=customers[:MOST],
        more=len(customers) > MOST,
        records=[FoundRecords(kind, rows[:MOST], len(rows) > MOST) for kind, rows in found if rows],
    )
