"""What cards are used for: the payments taken from them, and the wallets that have them, as the Stripe Issuing API
lists them. Each function is called in a transaction.

Rules: https://docs.stripe.com/api/issuing/tokens, https://docs.stripe.com/api/issuing/transactions. As the networks do,
a wallet that pays with a card is pointed to the card that replaces it when that one becomes active.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from devstack.issuer.store import Store
from devstack.stripe_api.endpoint import page_of, page_size
from devstack.stripe_api.errors import ApiError, missing, no_such, not_one_of, unknown_parameter
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.store import Json

SCHEMA = """
create table if not exists uses (
    id text primary key, kind text not null, card text not null, made integer not null, content text not null
) without rowid;
create index if not exists uses_of_card on uses (card, kind, made desc, id desc);
"""
TOKEN, PAYMENT = "token", "payment"
STATUSES = ("active", "deleted", "requested", "suspended")
MERCHANT = ("name", "network_id", "category", "category_code", "city", "country", "postal_code", "state")
DAY = 86400


class Uses:
    def __init__(self, store: Store, faults: Faults) -> None:
        self._store, self._faults = store, faults
        store.db.executescript(SCHEMA)

    # --- what the API asks --------------------------------------------------------------------------------------------

    def tokens(self, told: Json) -> Json:
        """`card` is required; so the real API has it."""
        status = told.get("status")
        if status not in (None, *STATUSES):
            raise not_one_of("status", STATUSES)
        where = "content ->> '$.status' = ?" if status else "true"
        return self._page("/v1/issuing/tokens", TOKEN, told, where, [status] if status else [])

    def token(self, name: str) -> Json:
        row = self._store.db.execute("select content from uses where id = ? and kind = ?", (name, TOKEN)).fetchone()
        if row is None:
            raise no_such("issuing token", name)
        found: Json = json.loads(row["content"])
        return found

    def update_token(self, name: str, told: Json) -> Json:
        token = self.token(name)
        for other in sorted(set(told) - {"status"}):
            raise unknown_parameter(other)
        if told.get("status") not in ("active", "deleted", "suspended"):
            raise not_one_of("status", ("active", "deleted", "suspended"))
        if token["status"] == "deleted":
            raise ApiError("You cannot change the status of a deleted token.", param="status")
        return self._save(TOKEN, {**token, "status": told["status"], "network_updated_at": int(self._store.now())})

    def payments(self, told: Json) -> Json:
        created = told.get("created")
        since = str(created.get("gte", 0)) if isinstance(created, dict) else "0"
        if not since.isdigit():
            raise ApiError("created[gte] is a time in seconds.", param="created[gte]")
        return self._page("/v1/issuing/transactions", PAYMENT, told, "made >= ?", [int(since)])

    # --- what happens by itself ---------------------------------------------------------------------------------------

    def card_changed(self, card: Json, before: Json | None) -> None:
        """When a card that replaces another becomes active, the wallets of that one pay with it from then on."""
        becomes_active = before is not None and before.get("status", "active") != "active"
        if card["status"] != "active" or not becomes_active or not card["replacement_for"]:
            return
        old: Json | None = self._store.card(card["replacement_for"])
        while old is not None:
            self._point(old["id"], card["id"])
            old = self._store.card(old["replacement_for"]) if old["replacement_for"] else None

    def _point(self, old: str, new: str) -> None:
        rows = self._store.db.execute("select content from uses where kind = ? and card = ?", (TOKEN, old)).fetchall()
        for row in rows:
            token: Json = json.loads(row["content"])
            if token["status"] == "active" and not self._faults.take("strand_wallet"):
                self._save(TOKEN, {**token, "card": new, "network_updated_at": int(self._store.now())})

    # --- what was there before ----------------------------------------------------------------------------------------

    def seed_token(self, wanted: Json) -> Json:
        """`card`, and perhaps `id`, `wallet`, `device`, `status`. One that is known stays as it is."""
        card = self._card(wanted)
        name = str(wanted.get("id") or "intok_" + secrets.token_hex(12))
        if (known := self._known(name)) is not None:
            return known
        device = {"type": wanted.get("device", "phone"), "name": None, "device_fingerprint": None}
        now = int(self._store.now())
        return self._save(
            TOKEN,
            {
                "id": name,
                "object": "issuing.token",
                "card": card,
                "created": now,
                "device_fingerprint": None,
                "last4": "0000",
                "livemode": False,
                "network": "visa",
                "network_data": {"type": "visa", "device": device},
                "network_updated_at": now,
                "status": wanted.get("status", "active"),
                "wallet_provider": wanted.get("wallet", "apple_pay"),
            },
        )

    def seed_payment(self, wanted: Json) -> Json:
        """`card`, `merchant`, `network_id`, `amount`, `days_ago`, and perhaps `id`, `category_code`, `currency`."""
        card = self._card(wanted)
        name = str(wanted.get("id") or "ipi_" + secrets.token_hex(12))
        if (known := self._known(name)) is not None:
            return known
        merchant = dict.fromkeys(MERCHANT) | {
            "name": str(wanted.get("merchant") or ""),
            "network_id": str(wanted.get("network_id") or ""),
            "category": "utilities",
            "category_code": str(wanted.get("category_code") or "4900"),
        }
        amount, currency = -int(wanted.get("amount", 1000)), str(wanted.get("currency") or "eur")
        return self._save(
            PAYMENT,
            {
                "id": name,
                "object": "issuing.transaction",
                "amount": amount,
                "card": card,
                "created": int(self._store.now() - float(wanted.get("days_ago", 0)) * DAY),
                "currency": currency,
                "livemode": False,
                "merchant_amount": amount,
                "merchant_currency": currency,
                "merchant_data": merchant,
                "metadata": {},
                "type": "capture",
            },
        )

    # --- inside -------------------------------------------------------------------------------------------------------

    def _card(self, wanted: Json) -> str:
        card = str(wanted.get("card") or "")
        if self._store.card(card) is None:
            raise no_such("issuing card", card, param="card", status=400)
        return card

    def _known(self, name: str) -> Json | None:
        row = self._store.db.execute("select content from uses where id = ?", (name,)).fetchone()
        return json.loads(row["content"]) if row else None

    def _save(self, kind: str, use: Json) -> Json:
        self._store.db.execute(
            "insert into uses values (?, ?, ?, ?, ?) "
            "on conflict (id) do update set card = excluded.card, content = excluded.content",
            (use["id"], kind, use["card"], use["created"], json.dumps(use)),
        )
        return use

    def _page(self, url: str, kind: str, told: Json, where: str, values: list[Any]) -> Json:
        if not told.get("card"):
            raise missing("card")
        size = page_size(told)
        if after := told.get("starting_after"):
            where += " and (made, id) < (select made, id from uses where id = ?)"
            values.append(after)
        rows = self._store.db.execute(
            f"select content from uses where kind = ? and card = ? and {where} "  # noqa: S608
            "order by made desc, id desc limit ?",
            (kind, told["card"], *values, size + 1),
        ).fetchall()
        return page_of(url, [json.loads(row["content"]) for row in rows], size)
