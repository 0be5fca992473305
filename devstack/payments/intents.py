"""Payments, by the rules of https://docs.stripe.com/api/payment_intents and
https://docs.stripe.com/payments/place-a-hold-on-a-payment-method. Each function is called in a transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from devstack.payments import declines, numbers
from devstack.payments.cards import Cards
from devstack.payments.currencies import check, currency_of
from devstack.payments.store import Kind, Store
from devstack.stripe_api.endpoint import Outcome
from devstack.stripe_api.errors import ApiError, missing
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.params import integer, metadata_of, one_of, only, truth
from devstack.stripe_api.store import Json

CREATE = {
    "amount", "capture_method", "confirm", "currency", "customer", "description", "error_on_requires_action",
    "metadata", "off_session", "payment_method", "payment_method_options", "payment_method_types",
}  # fmt: skip
CONFIRM = {"error_on_requires_action", "off_session", "payment_method", "payment_method_options"}
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
OPEN = ("requires_payment_method", "requires_confirmation", "requires_capture", "requires_action")
HELD_FOR = 7 * 86400
"""Seconds until an authorisation ends by itself."""
Emit = Callable[[str, Json, Json | None], None]


class Intents:
    """Payments and their charges. `on_paid` is called with each charge whose money moved."""

    def __init__(self, store: Store, faults: Faults, cards: Cards, emit: Emit) -> None:
        self._store, self._faults, self._cards, self._emit = store, faults, cards, emit
        self.on_paid: Callable[[Json, str], None] = lambda _charge, _behaviour: None

    def find(self, name: str) -> Json:
        return self._store.find(Kind.INTENT, name)

    def list(self, told: Json) -> Json:
        return self._store.page(Kind.INTENT, "/v1/payment_intents", told, owner=str(told.get("customer") or ""))

    def create(self, told: Json) -> Json | Outcome:
        only(told, CREATE)
        amount, currency = integer(told.get("amount"), param="amount"), currency_of(told)
        check(amount, currency, param="amount")
        customer = told.get("customer")
        if customer:
            self._cards.customer(customer, param="customer", status=400)
        intent = self._store.new(
            Kind.INTENT,
            amount=amount,
            amount_capturable=0,
            amount_received=0,
            canceled_at=None,
            cancellation_reason=None,
            capture_method=one_of(told, "capture_method", ("automatic", "manual"), default="automatic"),
            client_secret=None,
            currency=currency,
            customer=customer,
            description=told.get("description"),
            last_payment_error=None,
            latest_charge=None,
            metadata=metadata_of(told),
            payment_method=None,
            payment_method_types=["card"],
            status="requires_payment_method",
        )
        intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(8)}"
        if method := told.get("payment_method"):
            self._cards.usable(method, customer)
            intent |= {"payment_method": method, "status": "requires_confirmation"}
        self._save(intent)
        self._emit("payment_intent.created", intent, None)
        if not truth(told, "confirm"):
            return intent
        return self._confirm(intent, {name: value for name, value in told.items() if name in CONFIRM})

    def confirm(self, name: str, told: Json) -> Json | Outcome:
        only(told, CONFIRM)
        intent = self.find(name)
        if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
            raise unexpected("confirm", intent)
        return self._confirm(intent, told)

    def capture(self, name: str, told: Json) -> Json:
        """All of what is held, or less; the rest is released."""
        only(told, {"amount_to_capture"})
        intent = self.find(name)
        if intent["status"] != "requires_capture":
            raise unexpected("capture", intent)
        amount = intent["amount_capturable"]
        if "amount_to_capture" in told:
            amount = integer(told["amount_to_capture"], param="amount_to_capture")
        if amount > intent["amount_capturable"]:
            raise ApiError(
                "The amount to capture is greater than the remaining amount.",
                code="amount_too_large", param="amount_to_capture",
            )  # fmt: skip
        check(amount, intent["currency"], param="amount_to_capture")
        return self._take(intent, amount)

    def cancel(self, name: str, told: Json) -> Json:
        only(told, {"cancellation_reason"})
        reason = one_of(told, "cancellation_reason", REASONS) if "cancellation_reason" in told else None
        intent = self.find(name)
        if intent["status"] not in OPEN:
            raise unexpected("cancel", intent)
        return self._cancel(intent, reason)

    def let_time_pass(self) -> int:
        """What was held for seven days is released; returns how many."""
        old = [
            intent
            for intent in self._store.all(Kind.INTENT)
            if intent["status"] == "requires_capture" and intent["created"] + HELD_FOR <= self._store.now()
        ]
        for intent in old:
            self._cancel(intent, "automatic")
        return len(old)

    def charge_of(self, intent: Json) -> Json:
        return self._store.find(Kind.CHARGE, intent["latest_charge"])

    def save_charge(self, charge: Json) -> Json:
        return self._store.save(Kind.CHARGE, charge, owner=charge["payment_intent"])

    # --- inside -------------------------------------------------------------------------------------------------------

    def _confirm(self, intent: Json, told: Json) -> Json | Outcome:
        name = told.get("payment_method") or intent["payment_method"]
        if not name:
            raise missing("payment_method")
        method, behaviour = self._cards.usable(name, intent["customer"])
        card_options = _card_options(told)
        if token := card_options.get("cvc_token"):
            self._cards.use_token(token)
        intent["payment_method"] = method["id"]
        declined = self._declined(method, behaviour, by_telephone=truth(card_options, "moto"))
        if declined == numbers.NEEDS_PERSON and not truth(told, "error_on_requires_action"):
            intent["status"] = "requires_action"
            self._save(intent)
            self._emit("payment_intent.requires_action", intent, None)
            return intent
        charge = self._charge(intent, method, declined)
        intent["latest_charge"] = charge["id"]
        if declined:
            return self._say_declined(intent, charge, declined)
        self._cards.used(method)
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"], "last_payment_error": None}
        if intent["capture_method"] == "automatic":
            return self._take(intent, intent["amount"])
        self._save(intent)
        self._emit("payment_intent.amount_capturable_updated", intent, None)
        return intent

    def _declined(self, method: Json, behaviour: str, *, by_telephone: bool) -> str:
        """The code of the decline, or nothing."""
        if fault := self._faults.take("decline", doing="authorise"):
            return str(fault["code"])
        if numbers.is_over(method["card"], self._store.now()):
            return "expired_card"
        if behaviour in ("", numbers.DISPUTED) or (behaviour == numbers.NEEDS_PERSON and by_telephone):
            return ""
        return behaviour

    def _charge(self, intent: Json, method: Json, declined: str) -> Json:
        card = {name: method["card"][name] for name in ("brand", "exp_month", "exp_year", "fingerprint", "last4")}
        charge = self._store.new(
            Kind.CHARGE,
            amount=intent["amount"],
            amount_captured=0,
            amount_refunded=0,
            captured=False,
            currency=intent["currency"],
            customer=intent["customer"],
            disputed=False,
            failure_code=declines.error(declined)["error"]["code"] if declined else None,
            metadata=intent["metadata"],
            paid=not declined,
            payment_intent=intent["id"],
            payment_method=method["id"],
            payment_method_details={"type": "card", "card": card},
            refunded=False,
            status="failed" if declined else "succeeded",
        )
        return self.save_charge(charge)

    def _say_declined(self, intent: Json, charge: Json, declined: str) -> Outcome:
        body = declines.error(declined)
        body["error"]["charge"] = charge["id"]
        intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": body["error"]}
        self._save(intent)
        self._emit("payment_intent.payment_failed", intent, None)
        return Outcome(402, {"error": {**body["error"], "payment_intent": intent}})

    def _take(self, intent: Json, amount: int) -> Json:
        intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
        charge = {**self.charge_of(intent), "captured": True, "amount_captured": amount}
        self.save_charge(charge)
        self._save(intent)
        self._emit("payment_intent.succeeded", intent, None)
        self._emit("charge.captured", charge, None)
        self.on_paid(charge, self._store.hidden(charge["payment_method"])["behaviour"])
        return intent

    def _cancel(self, intent: Json, reason: str | None) -> Json:
        intent |= {"status": "canceled", "amount_capturable": 0, "cancellation_reason": reason}
        intent["canceled_at"] = int(self._store.now())
        self._save(intent)
        self._emit("payment_intent.canceled", intent, None)
        return intent

    def _save(self, intent: Json) -> None:
        self._store.save(Kind.INTENT, intent, owner=intent["customer"] or "")


def unexpected(doing: str, intent: Json) -> ApiError:
    error = ApiError(
        f"You cannot {doing} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )
    error.body["error"]["payment_intent"] = intent
    return error


def _card_options(told: Json) -> Json:
    options: Any = told.get("payment_method_options") or {}
    only(options, {"card"}, inside="payment_method_options")
    card: Json = options.get("card") or {}
    only(card, {"cvc_token", "moto"}, inside="payment_method_options[card]")
    return card
