"""Cards that were told, and the customers who have saved them. Each function is called in a transaction.

Rules: https://docs.stripe.com/api/payment_methods, https://docs.stripe.com/api/customers,
https://docs.stripe.com/api/tokens/create_cvc_update.
"""

from __future__ import annotations

from devstack.payments import declines, numbers
from devstack.payments.store import Kind, Store
from devstack.stripe_api.endpoint import Outcome
from devstack.stripe_api.errors import ApiError, missing, not_one_of
from devstack.stripe_api.params import metadata_of, only
from devstack.stripe_api.store import Json

ATTACHED = {"", numbers.ATTACHES, numbers.NEEDS_PERSON, numbers.DISPUTED}
"""Which behaviours let a card be saved."""


class Cards:
    """`secret` makes the fingerprints, so that they say nothing of the numbers."""

    def __init__(self, store: Store, *, secret: bytes) -> None:
        self._store, self._secret = store, secret

    def create(self, told: Json) -> Json:
        """A payment method of the type card."""
        only(told, {"type", "card", "metadata", "billing_details"})
        if told.get("type") != "card":
            raise not_one_of("type", ("card",))
        card, behaviour = numbers.read(told.get("card"), secret=self._secret, now=self._store.now())
        method = self._store.new(Kind.CARD, type="card", card=card, customer=None, metadata=metadata_of(told))
        return self._store.save(Kind.CARD, method, hidden={"behaviour": behaviour})

    def token(self, told: Json) -> Json:
        """A token of a security code that was told again. Of the code nothing is kept."""
        only(told, {"cvc_update"})
        code = told.get("cvc_update")
        if not isinstance(code, dict) or "cvc" not in code:
            raise missing("cvc_update[cvc]")
        numbers.check_cvc(code["cvc"])
        token = self._store.new(Kind.TOKEN, type="cvc_update", used=False)
        return self._store.save(Kind.TOKEN, token)

    def use_token(self, name: str) -> None:
        """A token is good once."""
        token = self._store.find(Kind.TOKEN, name, param="payment_method_options[card][cvc_token]", status=400)
        if token["used"]:
            raise ApiError(
                "You cannot use this token more than once.",
                code="token_already_used", param="payment_method_options[card][cvc_token]",
            )  # fmt: skip
        self._store.save(Kind.TOKEN, {**token, "used": True})

    def usable(self, name: str, customer: str | None) -> tuple[Json, str]:
        """The method and its behaviour, if this customer, or anybody where None, may pay with it."""
        method = self._store.find(Kind.CARD, name, param="payment_method", status=400)
        hidden = self._store.hidden(name)
        if method["customer"] and method["customer"] != customer:
            raise ApiError("The payment method belongs to another customer.", param="payment_method")
        if hidden.get("used") and not method["customer"]:
            raise ApiError(
                "The payment method was used before without being attached to a customer, and cannot be used again.",
                param="payment_method",
            )
        return method, hidden["behaviour"]

    def used(self, method: Json) -> None:
        self._store.save(
            Kind.CARD, method, owner=method["customer"] or "", hidden={**self._store.hidden(method["id"]), "used": True}
        )

    def attach(self, name: str, told: Json) -> Json | Outcome:
        """Saves the card with its customer, after asking the card's issuer."""
        only(told, {"customer"})
        customer = self.customer(str(told.get("customer") or ""), param="customer", status=400)
        method, behaviour = self.usable(name, customer["id"])
        if behaviour not in ATTACHED:
            return Outcome(402, declines.error(behaviour))
        return self.keep(method, customer["id"])

    def keep(self, method: Json, customer: str) -> Json:
        return self._store.save(Kind.CARD, {**method, "customer": customer}, owner=customer)

    def detach(self, name: str, told: Json) -> Json:
        """The card is no longer its customer's; it can never be used again."""
        only(told, set())
        method = self._store.find(Kind.CARD, name)
        if not method["customer"]:
            raise ApiError("The payment method you provided is not attached to a customer.", param="payment_method")
        hidden = {**self._store.hidden(name), "used": True}
        return self._store.save(Kind.CARD, {**method, "customer": None}, hidden=hidden)

    def new_customer(self, told: Json) -> Json:
        only(told, {"metadata", "description"})
        customer = self._store.new(Kind.CUSTOMER, description=told.get("description"), metadata=metadata_of(told))
        return self._store.save(Kind.CUSTOMER, customer)

    def customer(self, name: str, *, param: str = "id", status: int = 404) -> Json:
        if not name:
            raise missing(param)
        return self._store.find(Kind.CUSTOMER, name, param=param, status=status)

    def of_customer(self, name: str, told: Json) -> Json:
        """The cards that the customer has saved."""
        self.customer(name)
        return self._store.page(Kind.CARD, f"/v1/customers/{name}/payment_methods", told, owner=name)
