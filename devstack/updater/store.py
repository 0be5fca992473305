"""What the updater knows, in one SQLite file, so that kill -9 loses nothing that was answered."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists batches (batch text primary key, body text not null, answered integer not null default 0,
    due real not null);
create table if not exists responses (number integer primary key, batch text not null, body text not null,
    due real not null, attempts integer not null default 0, state text not null default 'waiting');
create table if not exists hooks (number integer primary key, biller text not null, id text not null,
    body text not null, at real not null);
create table if not exists memory (name text primary key, content text not null) without rowid;
"""


class Store:
    """One writer, the event loop; so no call here waits for another."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + SCHEMA)

    def close(self) -> None:
        self.db.close()

    def now(self) -> float:
        """Seconds since the epoch, on the updater's clock: the machine's, plus what it was moved on by command."""
        return time.time() + float(self.remember("clock_offset", 0.0))

    def advance(self, seconds: float) -> None:
        self.memorise("clock_offset", float(self.remember("clock_offset", 0.0)) + seconds)

    def remember(self, name: str, default: Any) -> Any:
        row = self.db.execute("select content from memory where name = ?", (name,)).fetchone()
        return json.loads(row["content"]) if row else default

    def memorise(self, name: str, content: Any) -> None:
        self.db.execute("insert or replace into memory values (?, ?)", (name, json.dumps(content)))

    # --- batches ------------------------------------------------------------------------------------------------------

    def add_batch(self, batch: str, body: str, *, due: float) -> str:
        """Keeps a batch; gives the body that is kept under its id."""
        self.db.execute("insert or ignore into batches (batch, body, due) values (?, ?, ?)", (batch, body, due))
        return str(self.db.execute("select body from batches where batch = ?", (batch,)).fetchone()["body"])

    def batches(self) -> list[str]:
        """Those that were taken, in their order."""
        return [row["batch"] for row in self.db.execute("select batch from batches order by rowid")]

    def batches_due(self) -> list[tuple[str, str]]:
        rows = self.db.execute("select batch, body from batches where answered = 0 and due <= ?", (self.now(),))
        return [(row["batch"], row["body"]) for row in rows]

    def answered(self, batch: str) -> None:
        self.db.execute("update batches set answered = 1 where batch = ?", (batch,))

    # --- responses ----------------------------------------------------------------------------------------------------

    def queue(self, batch: str, body: str, *, due: float, state: str = "waiting") -> None:
        self.db.execute(
            "insert into responses (batch, body, due, state) values (?, ?, ?, ?)", (batch, body, due, state)
        )

    def responses_due(self) -> list[sqlite3.Row]:
        return self.db.execute(
            "select * from responses where state = 'waiting' and due <= ? order by due, number", (self.now(),)
        ).fetchall()

    def next_number(self, batch: str) -> int:
        """Of responses to one batch, from 1."""
        numbers = self.remember("numbers", {})
        numbers[batch] = numbers.get(batch, 0) + 1
        self.memorise("numbers", numbers)
        return int(numbers[batch])

    def sent(self, number: int, state: str) -> None:
        self.db.execute("update responses set state = ? where number = ?", (state, number))

    def put_off(self, number: int, due: float) -> None:
        self.db.execute("update responses set attempts = attempts + 1, due = ? where number = ?", (due, number))

    def release(self) -> None:
        """What is held back may go now."""
        self.db.execute("update responses set state = 'waiting', due = 0 where state = 'held'")

    def counts(self) -> dict[str, int]:
        rows = self.db.execute("select state, count(*) as n from responses group by state")
        return {row["state"]: row["n"] for row in rows}

    # --- what billers got ---------------------------------------------------------------------------------------------

    def got(self, biller: str, name: str, body: str) -> None:
        self.db.execute(
            "insert into hooks (biller, id, body, at) values (?, ?, ?, ?)", (biller, name, body, self.now())
        )

    def hooks(self) -> list[dict[str, Any]]:
        rows = self.db.execute("select * from hooks order by number").fetchall()
        return [{"biller": row["biller"], "id": row["id"], "body": json.loads(row["body"])} for row in rows]
