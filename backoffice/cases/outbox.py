"""The outbox: commands to the processes, written in the transaction of their cause and delivered by the relay."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from backoffice.cases.models import Case, Command, CommandKind

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
