"""What every simulator of the Stripe API keeps, in one SQLite file: its clock, answers by their key, and webhooks.
Every request is one transaction, so kill -9 loses nothing that was answered."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

Json = dict[str, Any]

SCHEMA = """
create table if not exists answers (
    key text primary key, request text not null, status integer not null, body text not null, at real not null
) without rowid;
create index if not exists answers_at on answers (at);
create table if not exists deliveries (
    number integer primary key, event text not null, body text not null, due real not null, after integer,
    attempts integer not null default 0, state text not null default 'waiting'
);
create index if not exists deliveries_waiting on deliveries (due, number) where state = 'waiting';
create table if not exists memory (name text primary key, content text not null) without rowid;
"""
KEYS_LIVE = 24 * 3600
"""Seconds that an answer is kept for its idempotency key, as documented: https://docs.stripe.com/api/idempotent_requests"""


class Delivery(TypedDict):
    number: int
    event: str
    body: str
    attempts: int


class Store:
    """One writer, the event loop; so no call here waits for another. `schema` is what else the simulator keeps."""

    def __init__(self, path: Path, schema: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + SCHEMA + schema)
        self._offset = float(self.remember("clock_offset", 0.0))

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction: everything or nothing."""
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    def close(self) -> None:
        self.db.close()

    # The clock: the machine's, plus what it was moved on by command.

    def now(self) -> float:
        """Seconds since the epoch, on the simulator's clock."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        self._offset += seconds
        self.memorise("clock_offset", self._offset)

    # Small things by name.

    def remember(self, name: str, default: Any) -> Any:
        row = self.db.execute("select content from memory where name = ?", (name,)).fetchone()
        return json.loads(row["content"]) if row else default

    def memorise(self, name: str, content: Any) -> None:
        self.db.execute("insert or replace into memory values (?, ?)", (name, json.dumps(content)))

    # What was answered under which key.

    def answer_of(self, key: str) -> tuple[str, int, str] | None:
        """(digest of the request, HTTP status, body) of the first request under this key."""
        row = self.db.execute(
            "select request, status, body from answers where key = ? and at > ?", (key, self.now() - KEYS_LIVE)
        ).fetchone()
        return (row["request"], row["status"], row["body"]) if row else None

    def keep_answer(self, key: str, request: str, status: int, body: str) -> None:
        self.db.execute("delete from answers where at <= ?", (self.now() - KEYS_LIVE,))
        self.db.execute(
            "insert or replace into answers values (?, ?, ?, ?, ?)", (key, request, status, body, self.now())
        )

    # Webhooks on their way. Their due times are by the machine's clock.

    def queue(self, event: str, body: str, *, due: float, state: str = "waiting") -> int:
        done = self.db.execute(
            "insert into deliveries (event, body, due, state) values (?, ?, ?, ?)", (event, body, due, state)
        )
        return int(done.lastrowid or 0)

    def send_after(self, number: int, other: int, *, due: float) -> None:
        """The delivery `number` goes at `due`, but not before `other` was tried."""
        self.db.execute("update deliveries set after = ?, due = ? where number = ?", (other, due, number))

    def deliveries_due(self, *, limit: int, skip: set[int]) -> list[Delivery]:
        rows = self.db.execute(
            "select number, event, body, attempts from deliveries d where state = 'waiting' and due <= ? "
            "and not exists (select 1 from deliveries b where b.number = d.after and b.state = 'waiting' "
            "and b.attempts = 0) order by due, number limit ?",
            (time.time(), limit + len(skip)),
        )
        found = [Delivery(number=r["number"], event=r["event"], body=r["body"], attempts=r["attempts"]) for r in rows]
        return [delivery for delivery in found if delivery["number"] not in skip][:limit]

    def next_delivery(self, *, skip: set[int]) -> float | None:
        """Seconds until a webhook is due that is not one of `skip`; None if none is waiting."""
        rows = self.db.execute(
            "select number, due from deliveries where state = 'waiting' order by due, number limit ?", (len(skip) + 1,)
        )
        due = next((row["due"] for row in rows if row["number"] not in skip), None)
        return None if due is None else max(0.0, due - time.time())

    def delivered(self, number: int) -> None:
        self.db.execute("update deliveries set attempts = attempts + 1, state = 'done' where number = ?", (number,))
        self.db.execute("delete from deliveries where number < ? and state <> 'waiting'", (number - 1000,))

    def not_delivered(self, number: int, *, due: float | None) -> None:
        """Tries again at `due`; with None, never again."""
        state = "given_up" if due is None else "waiting"
        self.db.execute(
            "update deliveries set attempts = attempts + 1, state = ?, due = coalesce(?, due) where number = ?",
            (state, due, number),
        )

    def webhook_counts(self) -> dict[str, int]:
        """How many deliveries wait, are done, were dropped or given up."""
        rows = self.db.execute("select state, count(*) as n from deliveries group by state")
        return {row["state"]: row["n"] for row in rows}
