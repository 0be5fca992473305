"""The timeline: what happened in a case, append-only and hash-chained.

The hash of an event is SHA-256 over canonical JSON (sorted keys, no blanks, UTF-8) of all its columns and of the hash
before it. A change, a deletion in the middle or a swap breaks the chain; a cut tail contradicts the case's count and
head; a chain that was rewritten as a whole contradicts a signed checkpoint (`checkpoints.py`).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from backoffice import no_card_numbers
from backoffice.actors import Actor
from backoffice.cases import sentences
from backoffice.cases.models import Case, Event
from backoffice.text import kept_lines

GENESIS = ""


def fingerprint(event: Event) -> str:
    """The hash that `event` must have: 64 hex digits."""
    return hash_of(content_of(event))


def content_of(event: Event) -> dict[str, Any]:
    """All columns of the event that its hash covers, as plain data."""
    return {
        "case": str(event.case_id),
        "number": event.number,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "data": event.data,
        "actor": [event.actor_kind, event.actor_id],
        "channel": event.channel,
        "proof": event.proof,
        "reason": event.reason,
        "request": event.request_id,
        "previous": event.previous,
    }


def hash_of(content: Mapping[str, Any]) -> str:
    """The hash of an event with this content: 64 hex digits."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


LONGEST_REASON = 300
"""In characters. The forms of the faces allow no more; of a longer one only the beginning is read and written."""


def note(
    case: Case,
    kind: str,
    *,
    by: Actor,
    data: Mapping[str, str] | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Adds an event to a case that is being changed (`unit_of_work.py`), which writes it with everything else.

    Raises `Invalid` on `reason` when it holds a card number, because a timeline can never be corrected.
    """
    reason = kept_lines(reason[:LONGEST_REASON])
    no_card_numbers.refuse(reason, field="reason")
    if not sentences.known(kind):
        raise ValueError(f"no sentence is registered for the event {kind!r}")
    case.events += 1
    event = Event(
        case_id=case.id,
        number=case.events,
        at=at or timezone.now(),
        kind=kind,
        data=dict(data or {}),
        actor_kind=by.kind,
        actor_id=by.id,
        channel=by.channel,
        proof=by.proof,
        reason=reason,
        request_id=by.request_id,
        previous=case.head,
    )
    event.hash = case.head = fingerprint(event)
    case.noted.append(event)


@dataclass(frozen=True)
class Break:
    """The first broken row of a timeline, and what is wrong with it."""

    reference: str
    number: int
    what: str


def verify(case: Case) -> Break | None:
    """Checks a whole timeline; None when it is intact."""
    previous, number = GENESIS, 0
    for event in Event.objects.filter(case=case).order_by("number").iterator():
        number += 1
        if event.number != number:
            return Break(case.reference, number, "is missing")
        if event.previous != previous:
            return Break(case.reference, number, "does not follow the one before it")
        if event.hash != fingerprint(event):
            return Break(case.reference, number, "was changed")
        previous = event.hash
    if number != case.events or previous != case.head:
        return Break(case.reference, number + 1, "is missing at the end")
    return None


def cases_to_verify(case_id: uuid.UUID | None = None) -> Iterator[Case]:
    cases = Case.objects.order_by("opened_at", "id")
    return (cases.filter(id=case_id) if case_id else cases).iterator()
