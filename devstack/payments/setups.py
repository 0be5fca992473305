"""A card that is checked without a payment: https://docs.stripe.com/api/setup_intents. Each function is called in a
transaction."""

from __future__ import annotations

from typing import Any

from devstack.payments import declines, numbers
from devstack.payments.cards import ATTACHED, Cards
from devstack.payments.store import Kind, Store
from devstack.stripe_api.endpoint import Outcome
from devstack.stripe_api.errors import ApiError, missing
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.params import metadata_of, one_of, only, truth
from devstack.stripe_api.store import Json

CREATE = {
    "confirm", "customer", "metadata", "payment_method", "payment_method_options", "payment_method_types", "usage",
}  # fmt: skip


class Setups:
    def __init__(self, store: Store, faults: Faults, cards: Cards) -> None:
        self._store, self._faults, self._cards = store, faults, cards

    def find(self, name: str) -> Json:
        return self._store.find(Kind.SETUP, name)

    def create(self, told: Json) -> Json | Outcome:
        """Only what is confirmed at once is spoken here. With a customer, the card is saved."""
        only(told, CREATE)
        if not truth(told, "confirm"):
            raise ApiError("This simulator only confirms at once.", param="confirm")
        if not told.get("payment_method"):
            raise missing("payment_method")
        customer = told.get("customer")
        if customer:
            self._cards.customer(customer, param="customer", status=400)
        method, behaviour = self._cards.usable(told["payment_method"], customer)
        setup = self._store.new(
            Kind.SETUP,
            customer=customer,
            last_setup_error=None,
            metadata=metadata_of(told),
            payment_method=method["id"],
            status="succeeded",
            usage=one_of(told, "usage", ("off_session", "on_session"), default="off_session"),
        )
        declined = self._declined(method, behaviour, by_telephone=_by_telephone(told))
        if declined == numbers.NEEDS_PERSON:
            return self._store.save(Kind.SETUP, {**setup, "status": "requires_action"})
        if declined:
            body = declines.error(declined)
            setup |= {"status": "requires_payment_method", "last_setup_error": body["error"], "payment_method": None}
            self._store.save(Kind.SETUP, setup)
            return Outcome(402, {"error": {**body["error"], "setup_intent": setup}})
        if customer and not method["customer"]:
            self._cards.keep(method, customer)
        return self._store.save(Kind.SETUP, setup)

    def _declined(self, method: Json, behaviour: str, *, by_telephone: bool) -> str:
        if fault := self._faults.take("decline", doing="verify"):
            return str(fault["code"])
        if numbers.is_over(method["card"], self._store.now()):
            return "expired_card"
        if behaviour == numbers.NEEDS_PERSON:
            return "" if by_telephone else behaviour
        return "" if behaviour in ATTACHED else behaviour


def _by_telephone(told: Json) -> bool:
    options: Any = told.get("payment_method_options") or {}
    only(options, {"card"}, inside="payment_method_options")
    card: Json = options.get("card") or {}
    only(card, {"moto"}, inside="payment_method_options[card]")
    return truth(card, "moto")
