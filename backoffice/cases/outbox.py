"""The outbox: commands to the processes, written in the transaction of their cause and delivered by the relay."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from backoffice.cases.models import Case, Command, CommandKind, CommandState
from backoffice.leases import LeaseQueue

WRITTEN = "countersign_commands"
"""The channel of PostgreSQL on which a commit that wrote commands wakes the relays (LISTEN, NOTIFY)."""


def order(case: Case, kind: CommandKind, *, signal: str = "", payload: dict[str, Any] | None = None) -> Command:
    """A command to the case's process, sent after this transaction in the order of its number."""
    case.commands += 1
    now = timezone.now()
    command = Command(
        case_id=case.id,
        number=case.commands,
        kind=kind,
        signal=signal,
        payload=payload or {},
        created_at=now,
        next_try_at=now,
    )
    case.ordered.append(command)
    return command


def wake() -> None:
    """Wakes the relays when this transaction is committed; for what puts commands into the outbox by other ways than
    `order`, whose unit of work does it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WRITTEN])


@dataclass(frozen=True)
class Claimed:
    """A command that a relay holds the lease of, with what it needs to know of its case."""

    id: uuid.UUID
    case_id: uuid.UUID
    number: int
    kind: str
    signal: str
    payload: dict[str, Any]
    tries: int
    process: str
    case_state: str


QUEUE = LeaseQueue(
    table="cases_command",
    due="next_try_at",
    given_up=CommandState.DEAD.value,
    gives="queued.id, case_id, number, kind, signal, payload, tries, of_case.process, of_case.state",
    joined="cases_case AS of_case",
    join_on="of_case.id = queued.case_id",
    held_back=(
        "EXISTS (SELECT 1 FROM cases_command earlier"
        " WHERE earlier.case_id = queued.case_id AND earlier.number < queued.number AND earlier.state <> 'sent')"
    ),
)
"""Commands of one case go in the order of their numbers: each waits until the one before it is delivered."""
