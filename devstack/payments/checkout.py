"""Payments on a page of the provider: https://docs.stripe.com/api/checkout/sessions. Each function is called in a
transaction."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from devstack.payments.cards import Cards
from devstack.payments.currencies import check, currency_of
from devstack.payments.intents import Emit, Intents
from devstack.payments.store import Kind, Store
from devstack.stripe_api.endpoint import Outcome
from devstack.stripe_api.errors import ApiError, missing
from devstack.stripe_api.params import integer, metadata_of, one_of, only
from devstack.stripe_api.store import Json

CREATE = {
    "cancel_url", "client_reference_id", "expires_at", "line_items", "metadata", "mode", "payment_intent_data",
    "payment_method_types", "success_url",
}  # fmt: skip
SHORTEST, LONGEST = 30 * 60, 24 * 3600
"""Seconds that a session lives."""


class Sessions:
    def __init__(self, store: Store, cards: Cards, intents: Intents, emit: Emit) -> None:
        self._store, self._cards, self._intents, self._emit = store, cards, intents, emit

    def create(self, told: Json, *, origin: str) -> Json:
        """`origin` is where the simulator's pages are."""
        only(told, CREATE)
        one_of(told, "mode", ("payment",))
        item = _only_item(told)
        for name in ("success_url", "cancel_url"):
            if urlsplit(str(told.get(name) or "")).scheme not in ("http", "https"):
                raise ApiError(f"Invalid URL: {name}", code="url_invalid", param=name)
        data: Any = told.get("payment_intent_data") or {}
        only(data, {"metadata", "description"}, inside="payment_intent_data")
        session = self._store.new(
            Kind.SESSION,
            amount_total=item["amount"],
            cancel_url=told["cancel_url"],
            client_reference_id=told.get("client_reference_id"),
            currency=item["currency"],
            expires_at=self._until(told),
            metadata=metadata_of(told),
            mode="payment",
            payment_intent=None,
            payment_status="unpaid",
            status="open",
            success_url=told["success_url"],
        )
        session["url"] = f"{origin.rstrip('/')}/pay/{session['id']}"
        hidden = {"name": item["name"], "metadata": metadata_of(data)}
        return self._store.save(Kind.SESSION, session, hidden=hidden)

    def _until(self, told: Json) -> int:
        now = int(self._store.now())
        until = int(told["expires_at"]) if str(told.get("expires_at", "")).isdecimal() else now + LONGEST
        if not now + SHORTEST - 60 <= until <= now + LONGEST:
            raise ApiError("expires_at is between 30 minutes and 24 hours from now.", param="expires_at")
        return until

    def find(self, name: str) -> Json:
        """The session as it is now: one whose time is over is expired."""
        session = self._store.find(Kind.SESSION, name)
        if session["status"] == "open" and session["expires_at"] <= self._store.now():
            session["status"] = "expired"
        return session

    def line(self, session: Json) -> str:
        """What is paid for, as it is shown to who pays."""
        return str(self._store.hidden(session["id"])["name"])

    def expire(self, name: str) -> Json:
        """Nobody can pay with it any more."""
        session = self.find(name)
        if session["status"] != "open":
            raise ApiError(f"This Session has a status of {session['status']}: only an open one can be expired.")
        session = self._store.save(Kind.SESSION, {**session, "status": "expired", "url": None})
        self._emit("checkout.session.expired", session, None)
        return session

    def pay(self, name: str, card: Json) -> tuple[Json, str]:
        """The session afterwards, and in words why the card was not taken. Whoever pays may try again."""
        session = self.find(name)
        if session["status"] != "open":
            return session, ""
        method = self._cards.create({"type": "card", "card": card})
        done = self._charge(session, method["id"])
        if isinstance(done, Outcome):
            error = done.body["error"]
            session = self._store.save(Kind.SESSION, {**session, "payment_intent": error["payment_intent"]["id"]})
            return session, str(error["message"])
        paid = {"status": "complete", "payment_status": "paid", "payment_intent": done["id"], "url": None}
        session = self._store.save(Kind.SESSION, {**session, **paid})
        self._emit("checkout.session.completed", session, None)
        return session, ""

    def _charge(self, session: Json, method: str) -> Json | Outcome:
        """All tries of a session are one payment. On its own page the provider asks the cardholder's bank itself, so no
        card is declined for want of that."""
        told: Json = {"payment_method": method, "payment_method_options": {"card": {"moto": "true"}}}
        if session["payment_intent"]:
            return self._intents.confirm(session["payment_intent"], told)
        amount = {"amount": str(session["amount_total"]), "currency": session["currency"], "confirm": "true"}
        return self._intents.create({**told, **amount, "metadata": self._store.hidden(session["id"])["metadata"]})


def _only_item(told: Json) -> Json:
    items = told.get("line_items")
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise missing("line_items[0]")
    price = items[0].get("price_data")
    if not isinstance(price, dict):
        raise missing("line_items[0][price_data]")
    product = price.get("product_data")
    if not isinstance(product, dict) or not product.get("name"):
        raise missing("line_items[0][price_data][product_data][name]")
    if items[0].get("quantity") != "1":
        raise ApiError("This simulator sells one of a thing.", param="line_items[0][quantity]")
    amount = integer(price.get("unit_amount"), param="line_items[0][price_data][unit_amount]")
    currency = currency_of(price)
    check(amount, currency, param="line_items[0][price_data][unit_amount]")
    return {"amount": amount, "currency": currency, "name": str(product["name"])}
