"""What the issuer knows, in one SQLite file. Every request is one transaction, so kill -9 loses nothing that was
answered."""

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
create table if not exists cards (
    id text primary key, made integer not null, content text not null, due real, fate text
) without rowid;
create index if not exists cards_due on cards (due) where due is not null;
create index if not exists cards_made on cards (made desc, id desc);
create table if not exists cardholders (id text primary key, content text not null) without rowid;
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
    """One writer, the event loop; so no call here waits for another."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + SCHEMA)
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
        """Seconds since the epoch, on the issuer's clock."""
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

    # Cards and their holders.

    def card(self, token: str) -> Json | None:
        row = self.db.execute("select content from cards where id = ?", (token,)).fetchone()
        return json.loads(row["content"]) if row else None

    def save_card(self, card: Json) -> None:
        self.db.execute(
            "insert into cards (id, made, content) values (?, ?, ?) "
            "on conflict (id) do update set content = excluded.content",
            (card["id"], card["created"], json.dumps(card)),
        )

    def cards(self, *, limit: int, after: str | None = None, status: str | None = None) -> list[Json]:
        """The newest first, from the one after `after` on."""
        where, values = ["true"], []
        if after:
            where.append("(made, id) < (select made, id from cards where id = ?)")
            values.append(after)
        if status:
            where.append("content ->> '$.status' = ?")
            values.append(status)
        rows = self.db.execute(
            f"select content from cards where {' and '.join(where)} order by made desc, id desc limit ?",  # noqa: S608
            (*values, limit),
        )
        return [json.loads(row["content"]) for row in rows]

    def schedule(self, token: str, *, due: float | None, fate: str | None) -> None:
        """When the letter takes its next step by itself, and what happens to it if it must not arrive."""
        self.db.execute("update cards set due = ?, fate = ? where id = ?", (due, fate, token))

    def letters_due(self) -> list[tuple[str, str | None]]:
        rows = self.db.execute("select id, fate from cards where due <= ? order by due", (self.now(),))
        return [(row["id"], row["fate"]) for row in rows]

    def fate(self, token: str) -> str | None:
        row = self.db.execute("select fate from cards where id = ?", (token,)).fetchone()
        return row["fate"] if row else None

    def next_letter(self) -> float | None:
        """Seconds until a letter takes its next step; None if none is waiting."""
        due = self.db.execute("select min(due) from cards where due is not null").fetchone()[0]
        return None if due is None else max(0.0, due - self.now())

    def cardholder(self, token: str) -> Json | None:
        row = self.db.execute("select content from cardholders where id = ?", (token,)).fetchone()
        return json.loads(row["content"]) if row else None

    def save_cardholder(self, holder: Json) -> None:
        self.db.execute("insert or replace into cardholders values (?, ?)", (holder["id"], json.dumps(holder)))

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

    def card_counts(self) -> dict[str, int]:
        """How many cards there are by their status."""
        rows = self.db.execute("select content ->> '$.status' as status, count(*) as n from cards group by 1")
        return {row["status"]: row["n"] for row in rows}
