"""Money that goes back: refunds, and disputes with the card's issuer. Each function is called in a transaction.

Rules: https://docs.stripe.com/api/refunds, https://docs.stripe.com/api/disputes.
"""

from __future__ import annotations

from devstack.payments import numbers
from devstack.payments.intents import Emit, Intents
from devstack.payments.store import Kind, Store
from devstack.stripe_api.errors import ApiError, missing, not_one_of
from devstack.stripe_api.params import integer, metadata_of, one_of, only
from devstack.stripe_api.store import Json

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
DISPUTED_FOR = (
    "duplicate", "fraudulent", "general", "product_not_received", "product_unacceptable", "subscription_canceled",
    "unrecognized",
)  # fmt: skip
ANSWER_WITHIN = 7 * 86400


class Refunds:
    def __init__(self, store: Store, intents: Intents, emit: Emit) -> None:
        self._store, self._intents, self._emit = store, intents, emit

    def create(self, told: Json) -> Json:
        """All that is left of a payment, or a part."""
        only(told, {"amount", "metadata", "payment_intent", "reason"})
        if not told.get("payment_intent"):
            raise missing("payment_intent")
        intent = self._store.find(Kind.INTENT, told["payment_intent"], param="payment_intent", status=400)
        if intent["status"] != "succeeded":
            raise ApiError("This PaymentIntent does not have a successful charge to refund.", param="payment_intent")
        charge = self._intents.charge_of(intent)
        left = charge["amount_captured"] - charge["amount_refunded"]
        if charge["disputed"]:
            raise ApiError("The charge has been charged back.", code="charge_disputed", param="payment_intent")
        if left == 0:
            raise ApiError("The charge has been refunded.", code="charge_already_refunded")
        amount = integer(told["amount"], param="amount") if "amount" in told else left
        if amount > left:
            raise ApiError("Refund amount is greater than unrefunded amount on charge.", param="amount")
        return self._refund(charge, amount, told)

    def _refund(self, charge: Json, amount: int, told: Json) -> Json:
        refund = self._store.new(
            Kind.REFUND,
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            metadata=metadata_of(told),
            payment_intent=charge["payment_intent"],
            reason=one_of(told, "reason", REASONS) if "reason" in told else None,
            status="succeeded",
        )
        self._store.save(Kind.REFUND, refund, owner=charge["payment_intent"])
        refunded = charge["amount_refunded"] + amount
        before = {"amount_refunded": charge["amount_refunded"]}
        charge |= {"amount_refunded": refunded, "refunded": refunded == charge["amount_captured"]}
        self._intents.save_charge(charge)
        self._emit("refund.created", refund, None)
        self._emit("charge.refunded", charge, before)
        return refund

    def fail(self, name: str) -> Json:
        """The bank of the card sends it back some time after it was accepted; what it gave back can be refunded
        again."""
        refund = self.find(name)
        if refund["status"] == "failed":
            raise ApiError("The refund has failed already.", param="refund")
        before = {"status": refund["status"]}
        refund = {**refund, "status": "failed", "failure_reason": "expired_or_canceled_card"}
        refund = self._store.save(Kind.REFUND, refund, owner=refund["payment_intent"])
        charge = self._intents.charge_of(self._intents.find(refund["payment_intent"]))
        left = charge["amount_refunded"] - refund["amount"]
        self._intents.save_charge({**charge, "amount_refunded": left, "refunded": False})
        self._emit("refund.failed", refund, before)
        self._emit("charge.refund.updated", refund, before)
        return refund

    def find(self, name: str) -> Json:
        return self._store.find(Kind.REFUND, name)

    def list(self, told: Json) -> Json:
        return self._store.page(Kind.REFUND, "/v1/refunds", told, owner=str(told.get("payment_intent") or ""))


class Disputes:
    """A cardholder disputes a payment at their bank: by command, or by the test number that always does."""

    def __init__(self, store: Store, intents: Intents, emit: Emit) -> None:
        self._store, self._intents, self._emit = store, intents, emit
        intents.on_paid = self._paid

    def open(self, intent: Json, reason: str) -> Json:
        """The money is withdrawn at once."""
        if reason not in DISPUTED_FOR:
            raise not_one_of("reason", DISPUTED_FOR)
        if intent["status"] != "succeeded":
            raise ApiError("Only a payment that was made can be disputed.", param="payment_intent")
        charge = self._intents.charge_of(intent)
        if charge["disputed"]:
            raise ApiError("The charge is disputed already.", param="payment_intent")
        dispute = self._store.new(
            Kind.DISPUTE,
            amount=charge["amount_captured"] - charge["amount_refunded"],
            charge=charge["id"],
            currency=charge["currency"],
            evidence_details={"due_by": int(self._store.now()) + ANSWER_WITHIN, "has_evidence": False},
            payment_intent=charge["payment_intent"],
            reason=reason,
            status="needs_response",
        )
        self._store.save(Kind.DISPUTE, dispute, owner=charge["payment_intent"])
        self._intents.save_charge({**charge, "disputed": True})
        self._emit("charge.dispute.created", dispute, None)
        self._emit("charge.dispute.funds_withdrawn", dispute, None)
        return dispute

    def close(self, name: str, status: str) -> Json:
        """`won` gives the money back."""
        dispute = self.find(name)
        if status not in ("won", "lost"):
            raise not_one_of("status", ("won", "lost"))
        if dispute["status"] in ("won", "lost"):
            raise ApiError("The dispute is closed already.", param="dispute")
        before = {"status": dispute["status"]}
        dispute = self._store.save(Kind.DISPUTE, {**dispute, "status": status}, owner=dispute["payment_intent"])
        self._emit("charge.dispute.closed", dispute, before)
        if status == "won":
            self._emit("charge.dispute.funds_reinstated", dispute, None)
        return dispute

    def find(self, name: str) -> Json:
        return self._store.find(Kind.DISPUTE, name)

    def list(self, told: Json) -> Json:
        return self._store.page(Kind.DISPUTE, "/v1/disputes", told, owner=str(told.get("payment_intent") or ""))

    def _paid(self, charge: Json, behaviour: str) -> None:
        if behaviour == numbers.DISPUTED:
            self.open(self._intents.find(charge["payment_intent"]), "fraudulent")
