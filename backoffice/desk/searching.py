"""The search in the header: finds a case, a customer or a customer's record by whatever one knows of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from backoffice.actors import Actor
from backoffice.cases import keeping_from
from backoffice.cases.models import Case
from backoffice.customers import records, searching
from backoffice.customers.records import Record, RecordKind
from backoffice.desk.found_customers import FoundCustomer, described
from backoffice.references import tidy_reference
from backoffice.text import kept, plain_dashes
from backoffice.trust.models import Contact, Direction

MOST = 20
CASE_CHARACTERS = 7
CODE_CHARACTERS = 14
"""Of a message's check code."""
REFERENCE = re.compile(r"^[A-Z0-9]{3}-[A-Z0-9]{3}(-[A-Z0-9]{3}-[A-Z0-9]{3}-?[A-Z0-9])?-?[A-Z0-9]$", re.IGNORECASE)
"""A text with hyphens like these is meant as a reference or check code, whether or not its check character is right."""


@dataclass(frozen=True)
class FoundRecords:
    """The records of one kind that were found, at most twenty; `more` says that there are more."""

    kind: RecordKind
    records: Sequence[Record]
    more: bool


@dataclass(frozen=True)
class Found:
    """At most twenty customers; `more` says that there are more, or may be. `reference` is a typed reference without a
    case, or with `is_code` the check code of no message of ours; `misread` says that one of its characters is wrong."""

    case: Case | None = None
    reference: str = ""
    is_code: bool = False
    misread: bool = False
    customers: Sequence[FoundCustomer] = ()
    more: bool = False
    records: Sequence[FoundRecords] = field(default_factory=tuple)

    @property
    def nothing(self) -> bool:
        return not (self.case or self.customers or self.records)


def find(text: str, *, reader: Actor) -> Found:
    """A text that can be a reference or a check code is first looked up as one. The code of a message leads to the case
    that it is about, else to its customer. A case from which this person is kept is not found."""
    typed = kept(text)
    return _by_reference(typed, reader) or _by_what_is_known(typed, reader)


def _by_reference(typed: str, reader: Actor) -> Found | None:
    plain = plain_dashes(typed)
    reference = tidy_reference(plain)
    if reference is None:
        return Found(reference=plain.upper(), misread=True) if REFERENCE.match(plain) else None
    characters = len(reference.replace("-", ""))
    if characters == CASE_CHARACTERS:
        case = Case.objects.filter(keeping_from.visible(reader), reference=reference).first()
        found = Found(case=case, reference=reference) if case else None
    elif characters == CODE_CHARACTERS:
        found = _by_check_code(reference, reader)
    else:
        return None
    unknown = Found(reference=reference, is_code=characters == CODE_CHARACTERS)
    return found or (unknown if "-" in plain else None)


def _by_check_code(code: str, reader: Actor) -> Found | None:
    contact = Contact.objects.filter(reference=code, direction=Direction.OUT).select_related("customer").first()
    if contact is None:
        return None
    seen = Case.objects.filter(keeping_from.visible(reader))
    case = seen.filter(pk=contact.case_id).first() if contact.case_id else None
    if case is not None:
        return Found(case=case, reference=code)
    return Found(customers=described([contact.customer], reader=reader)) if contact.customer else None


def _by_what_is_known(typed: str, reader: Actor) -> Found:
    match = searching.match(text=typed)
    customers = list(match.customers[: MOST + 1])
    found = [(kind, list(kind.find(typed, MOST + 1))) for kind in records.all_kinds()]
    return Found(
        customers=described(customers[:MOST], reader=reader),
        more=match.more or len(customers) > MOST,
        records=[FoundRecords(kind, rows[:MOST], len(rows) > MOST) for kind, rows in found if rows],
    )
