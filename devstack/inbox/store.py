"""The messages that arrived, in one SQLite file: each is stored once, however often it was sent."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, received TEXT NOT NULL,
    sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    html TEXT NOT NULL, raw BLOB NOT NULL, UNIQUE (kind, key, recipient)
)
"""


@dataclass(frozen=True)
class Message:
    """One message as it arrived. `kind` is mail, sms or letter; `key` its Message-ID or reference; `received` in
    UTC: when it left, as its `Date` says, or else when it arrived."""

    id: int
    kind: str
    key: str
    received: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str


_SEARCHED = "recipient || ' ' || sender || ' ' || subject || ' ' || text || ' ' || key"
_COLUMNS = ", ".join(field.name for field in fields(Message))


class Store:
    """Used from one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = sqlite3.connect(folder / "inbox.sqlite3", isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.execute(_TABLE)

    def add_mail(self, raw: bytes, recipients: list[str]) -> None:
        """Keeps a mail once for each recipient of its envelope."""
        mail = BytesParser(policy=policy.default).parsebytes(raw)
        key = str(mail["Message-ID"] or hashlib.sha256(raw).hexdigest()).strip()
        parts = (str(mail["From"] or ""), str(mail["Subject"] or ""), _body(mail, "plain"), _body(mail, "html"))
        for recipient in recipients:
            self._add("mail", key, recipient, *parts, raw, date=str(mail["Date"] or ""))

    def add_sms(self, *, to: str, text: str, reference: str, date: str = "") -> int:
        """Stores a text message and returns its number; the number of the first one if the reference was there
        before."""
        return self._add_text("sms", to=to, subject="", text=text, reference=reference, date=date)

    def add_letter(self, *, to: str, subject: str, text: str, reference: str, date: str = "") -> int:
        """Stores a letter as `add_sms` does; `to` is the lines of the envelope, with the addressee."""
        return self._add_text("letter", to=to, subject=subject, text=text, reference=reference, date=date)

    def find(
        self, *, words: str = "", kind: str = "", recipient: str = "", after: int = 0, limit: int = 100
    ) -> list[Message]:
        """The messages that contain each of the words anywhere, the newest first."""
        conditions, values = ["id > ?"], [str(after)]
        for column, wanted in (("kind", kind), ("recipient", recipient)):
            if wanted:
                conditions.append(f"{column} = ?")
                values.append(wanted)
        for word in words.split():
            conditions.append(f"instr(lower({_SEARCHED}), ?)")
            values.append(word.lower())
        where = " AND ".join(conditions)
        rows = self._file.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE {where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - no value in it
            (*values, limit),
        )
        return [Message(*row) for row in rows]

    def one(self, number: int) -> Message | None:
        row = self._file.execute(f"SELECT {_COLUMNS} FROM messages WHERE id = ?", (number,)).fetchone()  # noqa: S608
        return Message(*row) if row else None

    def raw(self, number: int) -> bytes | None:
        row = self._file.execute("SELECT raw FROM messages WHERE id = ?", (number,)).fetchone()
        return bytes(row[0]) if row else None

    def close(self) -> None:
        self._file.close()

    def _add_text(self, kind: str, *, to: str, subject: str, text: str, reference: str, date: str) -> int:
        self._add(kind, reference, to, "", subject, text, "", text.encode(), date=date)
        row = self._file.execute(
            "SELECT id FROM messages WHERE kind = ? AND key = ? AND recipient = ?", (kind, reference, to)
        ).fetchone()
        return int(row[0])

    def _add(
        self,
        kind: str,
        key: str,
        recipient: str,
        sender: str,
        subject: str,
        text: str,
        html: str,
        raw: bytes,
        *,
        date: str,
    ) -> None:
        self._file.execute(
            "INSERT OR IGNORE INTO messages (kind, key, received, recipient, sender, subject, text, html, raw)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, key, _left(date).isoformat(), recipient, sender, subject, text, html, raw),
        )


def _left(date: str) -> datetime:
    """A date of RFC 5322, in UTC; the present for one that cannot be read, has no zone, or is still to come."""
    now = datetime.now(UTC)
    try:
        left = parsedate_to_datetime(date)
    except ValueError:
        return now
    return min(now, left.astimezone(UTC)) if left.tzinfo else now


def _body(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body(preferencelist=(subtype,))
    if part is None:
        return ""
    return str(part.get_content()).replace("\r\n", "\n")
