"""What the issuer knows: cards, their letters and their holders."""

from __future__ import annotations

import json
from pathlib import Path

from devstack.stripe_api import store
from devstack.stripe_api.store import Json

SCHEMA = """
create table if not exists cards (
    id text primary key, made integer not null, content text not null, due real, fate text
) without rowid;
create index if not exists cards_due on cards (due) where due is not null;
create index if not exists cards_made on cards (made desc, id desc);
create table if not exists cardholders (id text primary key, content text not null) without rowid;
"""


class Store(store.Store):
    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)

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

    def card_counts(self) -> dict[str, int]:
        """How many cards there are by their status."""
        rows = self.db.execute("select content ->> '$.status' as status, count(*) as n from cards group by 1")
        return {row["status"]: row["n"] for row in rows}
