"""What the registry knows, in one SQLite file. Every command is one transaction, so kill -9 loses nothing that was
answered."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
create table if not exists domains (name text primary key, content text not null) without rowid;
create table if not exists contacts (id text primary key, content text not null) without rowid;
create table if not exists messages (
    number integer primary key autoincrement, registrar text not null, at real not null, text text not null,
    content text
);
create index if not exists messages_of on messages (registrar, number);
create table if not exists memory (name text primary key, content text not null) without rowid;
"""


class Store:
    """One connection for all threads; whoever reads or writes does it `together`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + SCHEMA)
        self._lock = threading.RLock()
        self._depth = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction: everything or nothing. Within another one, it is a part of that."""
        with self._lock:
            outer = self._depth == 0
            if outer:
                self._db.execute("begin immediate")
            self._depth += 1
            try:
                yield
            except BaseException:
                if outer:
                    self._db.execute("rollback")
                raise
            else:
                if outer:
                    self._db.execute("commit")
            finally:
                self._depth -= 1

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # The clock: the machine's, plus what it was moved on by command.

    def now(self) -> float:
        """Seconds since the epoch, on the registry's clock."""
        return time.time() + float(self.remember("clock_offset", 0.0))

    def advance(self, seconds: float) -> None:
        self.memorise("clock_offset", float(self.remember("clock_offset", 0.0)) + seconds)

    # Small things by name.

    def remember(self, name: str, default: Any) -> Any:
        with self._lock:
            row = self._db.execute("select content from memory where name = ?", (name,)).fetchone()
        return json.loads(row["content"]) if row else default

    def memorise(self, name: str, content: Any) -> None:
        with self._lock:
            self._db.execute("insert or replace into memory values (?, ?)", (name, json.dumps(content)))

    # Objects.

    def domain(self, name: str) -> Json | None:
        return self._one("select content from domains where name = ?", name)

    def save_domain(self, content: Json) -> None:
        self._db.execute("insert or replace into domains values (?, ?)", (content["name"], json.dumps(content)))

    def domains(self) -> list[Json]:
        with self._lock:
            rows = self._db.execute("select content from domains order by name").fetchall()
        return [json.loads(row["content"]) for row in rows]

    def pending(self) -> list[Json]:
        """Domains with a pending transfer."""
        rows = self._db.execute("select content from domains where content ->> '$.transfer.state' = 'pending'")
        return [json.loads(row["content"]) for row in rows]

    def contact(self, handle: str) -> Json | None:
        return self._one("select content from contacts where id = ?", handle)

    def save_contact(self, content: Json) -> None:
        self._db.execute("insert or replace into contacts values (?, ?)", (content["id"], json.dumps(content)))

    def handles(self) -> list[str]:
        return [row["id"] for row in self._db.execute("select id from contacts order by id")]

    def _one(self, statement: str, key: str) -> Json | None:
        with self._lock:
            row = self._db.execute(statement, (key,)).fetchone()
        return json.loads(row["content"]) if row else None

    # Messages for registrars.

    def tell(self, registrar: str, text: str, content: Json | None = None) -> None:
        self._db.execute(
            "insert into messages (registrar, at, text, content) values (?, ?, ?, ?)",
            (registrar, self.now(), text, json.dumps(content) if content else None),
        )

    def first_message(self, registrar: str) -> tuple[int, sqlite3.Row | None]:
        """(how many there are, the first one)."""
        with self._lock:
            count = self._db.execute("select count(*) from messages where registrar = ?", (registrar,)).fetchone()[0]
            row = self._db.execute(
                "select * from messages where registrar = ? order by number limit 1", (registrar,)
            ).fetchone()
        return count, row

    @staticmethod
    def content_of(message: sqlite3.Row) -> Json | None:
        """What a message is about."""
        return json.loads(message["content"]) if message["content"] else None

    def take_away(self, registrar: str, number: int) -> bool:
        """Whether the message was there."""
        done = self._db.execute("delete from messages where registrar = ? and number = ?", (registrar, number))
        return done.rowcount > 0

    def clear(self) -> None:
        """Forgets all objects, messages and faults; the clock stays."""
        self._db.execute("delete from domains")
        self._db.execute("delete from contacts")
        self._db.execute("delete from messages")
        self._db.execute("delete from memory where name <> 'clock_offset'")


def hashed(code: str) -> Json | None:
    """What is kept of a transfer code; None of an empty one, with which nobody can ask for a transfer."""
    if not code:
        return None
    salt = os.urandom(16)
    return {"salt": salt.hex(), "hash": _digest(salt, code)}


def fits(kept: Json | None, code: str) -> bool:
    """Whether this is the transfer code."""
    return kept is not None and hmac.compare_digest(kept["hash"], _digest(bytes.fromhex(kept["salt"]), code))


def _digest(salt: bytes, code: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt, 2000).hex()
