"""How long PostgreSQL lets this OS process wait: for a statement, for a lock, and within a transaction in which nothing
happens. Each entry point says what it is before the settings are read; it uses no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    statement: timedelta
    lock: timedelta
    idle_in_transaction: timedelta


class Runs(Enum):
    """A person waits for the web, and it has few threads. A worker repeats what fails, and some of its work is long.
    A command, such as a migration, takes what it takes, and somebody watches it."""

    WEB = Limits(timedelta(seconds=10), timedelta(seconds=5), timedelta(seconds=20))
    WORKER = Limits(timedelta(seconds=60), timedelta(seconds=10), timedelta(seconds=60))
    COMMAND = None


_here = Runs.COMMAND
WORKERS = frozenset({"temporal_worker", "relay", "receive_mail"})
"""The commands of `manage.py` that run like a worker, until they are stopped."""


def this_is(runs: Runs) -> None:
    """Says what this OS process is."""
    global _here
    _here = runs


def of_command(arguments: list[str]) -> Runs:
    """What `manage.py` with these arguments is."""
    return Runs.WORKER if WORKERS & set(arguments[1:2]) else Runs.COMMAND


def is_celery(arguments: list[str]) -> bool:
    """Whether the program is `celery` or `python -m celery`: others import our Celery application only to send to
    it."""
    program = Path(arguments[0]) if arguments else Path()
    return program.name == "celery" or (program.name, program.parent.name) == ("__main__.py", "celery")


def options(*, asked: bool = True) -> str:
    """For the start of each connection, as libpq takes it; empty where there are no limits. `asked` is False for a
    pooler that refuses such options: then set the limits on the database's role."""
    limits = _here.value
    if limits is None or not asked:
        return ""
    times = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    return " ".join(f"-c {name}={int(time.total_seconds() * 1000)}" for name, time in times.items())
