"""What the provider keeps: its objects as the API shows them, and beside each what the API does not show."""

from __future__ import annotations

import json
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Any

from devstack.stripe_api import store
from devstack.stripe_api.endpoint import page_of, page_size
from devstack.stripe_api.errors import ApiError, no_such
from devstack.stripe_api.store import Json

SCHEMA = """
create table if not exists things (
    id text primary key, kind text not null, owner text not null, number integer not null, made integer not null,
    content text not null, hidden text not null
) without rowid;
create index if not exists things_of on things (kind, number desc);
create index if not exists things_of_owner on things (kind, owner, number desc);
"""


class Kind(StrEnum):
    """The kinds of objects, each with the prefix of its ids."""

    CUSTOMER = "cus"
    CARD = "pm"
    TOKEN = "cvctok"  # noqa: S105
    INTENT = "pi"
    CHARGE = "ch"
    REFUND = "re"
    DISPUTE = "dp"
    SETUP = "seti"
    SESSION = "cs"
    BALANCE = "txn"
    ACCOUNT = "acct"
    TRANSFER = "tr"
    REVERSAL = "trr"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Kind.CUSTOMER: "customer",
    Kind.CARD: "PaymentMethod",
    Kind.TOKEN: "token",
    Kind.INTENT: "payment_intent",
    Kind.CHARGE: "charge",
    Kind.REFUND: "refund",
    Kind.DISPUTE: "dispute",
    Kind.SETUP: "setup_intent",
    Kind.SESSION: "checkout.session",
    Kind.BALANCE: "balance_transaction",
    Kind.ACCOUNT: "account",
    Kind.TRANSFER: "transfer",
    Kind.REVERSAL: "transfer_reversal",
}


class Store(store.Store):
    """`owner` of an object is whom lists can be narrowed to: the customer of a card, the intent of a refund."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)

    def new(self, kind: Kind, **content: Any) -> Json:
        """An object with what all have; it is not saved yet."""
        name = {"object": kind.words.lower() if kind is not Kind.CARD else "payment_method"}
        return {
            "id": f"{kind}_{secrets.token_hex(12)}",
            **name,
            "created": int(self.now()),
            "livemode": False,
            "metadata": {},
            **content,
        }

    def save(self, kind: Kind, thing: Json, *, owner: str = "", hidden: Json | None = None) -> Json:
        """`hidden` is what the API does not show; without it, it stays as it was."""
        self.db.execute(
            "insert into things (id, kind, owner, number, made, content, hidden) "
            "values (?, ?, ?, (select coalesce(max(number), 0) + 1 from things), ?, ?, ?) "
            "on conflict (id) do update set owner = excluded.owner, content = excluded.content, "
            "hidden = case when ? then excluded.hidden else things.hidden end",
            (
                thing["id"],
                kind,
                owner,
                thing["created"],
                json.dumps(thing),
                json.dumps(hidden or {}),
                hidden is not None,
            ),
        )
        return thing

    def find(self, kind: Kind, name: str, *, param: str = "id", status: int = 404) -> Json:
        """The object, or `resource_missing`."""
        row = self.db.execute("select content from things where id = ? and kind = ?", (name, kind)).fetchone()
        if row is None:
            raise no_such(kind.words, name, param=param, status=status)
        found: Json = json.loads(row["content"])
        return found

    def hidden(self, name: str) -> Json:
        found: Json = json.loads(
            self.db.execute("select hidden from things where id = ?", (name,)).fetchone()["hidden"]
        )
        return found

    def page(self, kind: Kind, url: str, told: Json, *, owner: str = "") -> Json:
        """The newest first; `limit`, `starting_after` and `created[gte]` as the API has them."""
        size, where, values = page_size(told), ["kind = ?"], [kind, *([owner] if owner else [])]
        if owner:
            where.append("owner = ?")
        if after := told.get("starting_after"):
            self.find(kind, after, param="starting_after", status=400)
            where.append("number < (select number from things where id = ?)")
            values.append(after)
        created = told.get("created")
        since = str(created.get("gte", "0")) if isinstance(created, dict) else "0"
        if not since.isdecimal():
            raise ApiError("created[gte] is a time in seconds.", param="created[gte]")
        rows = self.db.execute(
            f"select content from things where {' and '.join(where)} and made >= ? "  # noqa: S608
            "order by number desc limit ?",
            (*values, int(since), size + 1),
        )
        return page_of(url, [json.loads(row["content"]) for row in rows], size)

    def all(self, kind: Kind) -> list[Json]:
        """The newest first."""
        rows = self.db.execute("select content from things where kind = ? order by number desc", (kind,))
        return [json.loads(row["content"]) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many objects there are of each kind."""
        rows = self.db.execute("select kind, count(*) as n from things group by kind")
        return {Kind(row["kind"]).words: row["n"] for row in rows}
