"""The issuer behind the port, through the Stripe Issuing API and its official library. What the API demands of
replacements: https://docs.stripe.com/issuing/cards/replacements (lost and stolen: the old card is canceled before the
new one is made, and the number is new; damaged and expired: the number stays, and activating the new card cancels the
old one).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal, TypeVar

import stripe
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stripe.issuing import Card as StripeCard
from stripe.params.issuing import CardCreateParamsShipping, CardUpdateParams

from backoffice.cards.adapters.stripe_lists import payment, wallet_token
from backoffice.cards.models import Shipping
from backoffice.cards.ports import (
    CardPayment,
    EventKind,
    IssuedCard,
    IssuerEvent,
    IssuerRefusal,
    IssuerStatus,
    IssuerUnavailable,
    OrderRequest,
    Replacement,
    ShippingAddress,
    WalletStatus,
    WalletToken,
)
from backoffice.stripe_api.pooled_http import PooledClient
from backoffice.stripe_api.signed_events import LONGEST_ID, plain_id, read_signed
from backoffice.text import kept

log = logging.getLogger(__name__)

LONGEST_BRAND = 20
"""Characters that are kept."""
A_PAGE, MOST_PAYMENTS, MOST_WALLETS = 100, 3000, 200
CASE = "case"
"""The only name in the card's metadata."""

_SHIPPING: dict[str | None, Shipping] = {
    None: Shipping.NONE,
    "canceled": Shipping.NONE,
    "pending": Shipping.PENDING,
    "submitted": Shipping.PENDING,
    "shipped": Shipping.SHIPPED,
    "delivered": Shipping.DELIVERED,
    "returned": Shipping.RETURNED,
    "failure": Shipping.LOST,
}
_PROGRESS: dict[Shipping, int] = {
    Shipping.NONE: 0,
    Shipping.PENDING: 1,
    Shipping.SHIPPED: 2,
    Shipping.DELIVERED: 3,
    Shipping.RETURNED: 3,
    Shipping.LOST: 3,
}
_SENTENCES = {
    "unknown_card": gettext_lazy("The issuer does not know this card."),
    "card_closed": gettext_lazy("The issuer has closed this card for good."),
    "address_refused": gettext_lazy("The issuer cannot send a letter to this address."),
    "old_card_open": gettext_lazy("The issuer replaces this card only after the old one is closed."),
    "idempotency_error": gettext_lazy("The issuer has had another request under the same key."),
}
_ANY_OTHER = gettext_lazy("The issuer refuses this.")
_Answer = TypeVar("_Answer")


class StripeIssuer:
    """`cards.ports.Issuer` on the Stripe Issuing API; safe to share between threads.

    `connect` and `read` are seconds, `retries` are the library's own, half a second apart, with the same key.
    """

    def __init__(
        self, *, key: str, url: str, currency: str = "eur", connect: float = 2, read: float = 8, retries: int = 1
    ) -> None:
        self._currency = currency
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": url.rstrip("/")},
            http_client=PooledClient(url=url, connect=connect, read=read),
            max_network_retries=retries,
        )
        self._cards = self._client.v1.issuing.cards
        self._tokens = self._client.v1.issuing.tokens
        self._transactions = self._client.v1.issuing.transactions

    def __repr__(self) -> str:
        return "<StripeIssuer>"

    def block(self, token: str, key: str) -> IssuedCard:
        """See `Issuer.block`."""
        return self._set_status(token, {"status": "inactive"}, key, canceled_will_do=True)

    def unblock(self, token: str, key: str) -> IssuedCard:
        """See `Issuer.unblock`."""
        return self._set_status(token, {"status": "active"}, key)

    def activate(self, token: str, key: str) -> IssuedCard:
        """See `Issuer.activate`."""
        return self._set_status(token, {"status": "active"}, key)

    def close(self, token: str, reason: Replacement | None, key: str) -> IssuedCard:
        """See `Issuer.close`. The API knows only the reasons lost and stolen."""
        change: CardUpdateParams = {"status": "canceled"}
        if reason in (Replacement.LOST, Replacement.STOLEN):
            change["cancellation_reason"] = _lost_or_stolen(reason)
        return self._set_status(token, change, key, canceled_will_do=True)

    def cancel_order(self, token: str, key: str) -> IssuedCard:
        """See `Issuer.cancel_order`."""
        return self.close(token, None, key)

    def order(self, request: OrderRequest, key: str) -> IssuedCard:
        """See `Issuer.order`."""
        if request.replaces and not request.reason.keeps_number:
            self.close(request.replaces, request.reason, f"{key}:close")
        params: dict[str, Any] = {
            "type": "physical",
            "status": "inactive",
            "currency": self._currency,
            "metadata": {CASE: request.case_id},
            "shipping": _letter(request.shipping, tracked=request.tracked),
        }
        if request.replaces:
            params |= {"replacement_for": request.replaces, "replacement_reason": request.reason.value}
        if request.cardholder:
            params["cardholder"] = request.cardholder
        return _card(_ask(lambda: self._cards.create(params, {"idempotency_key": key})))  # type: ignore[arg-type]

    def ordered(self, replaces: str, case_id: str) -> IssuedCard | None:
        """See `Issuer.ordered`."""
        old = _ask(lambda: self._cards.retrieve(replaces, {"expand": ["replaced_by"]}))
        new = old.replaced_by
        if not isinstance(new, StripeCard):
            return None
        found = _card(new)
        return found if found.case_id == case_id else None

    def reship(self, undelivered: str, request: OrderRequest, key: str) -> IssuedCard:
        """See `Issuer.reship`."""
        again = OrderRequest(
            reason=Replacement.LOST,
            shipping=request.shipping,
            case_id=request.case_id,
            replaces=undelivered,
            tracked=request.tracked,
        )
        return self.order(again, key)

    def look(self, token: str) -> IssuedCard:
        """See `Issuer.look`."""
        return _card(_ask(lambda: self._cards.retrieve(token)))

    def payments(self, token: str, since: datetime) -> Sequence[CardPayment]:
        """See `Issuer.payments`."""
        told: Any = {"card": token, "created": {"gte": int(since.timestamp())}, "type": "capture", "limit": A_PAGE}
        return [payment(one) for one in _ask(lambda: _first(self._transactions.list(told), MOST_PAYMENTS))]

    def wallet_tokens(self, token: str) -> Sequence[WalletToken]:
        """See `Issuer.wallet_tokens`."""
        told: Any = {"card": token, "limit": A_PAGE, "expand": ["data.network_data"]}
        return [wallet_token(one) for one in _ask(lambda: _first(self._tokens.list(told), MOST_WALLETS))]

    def suspend_wallet_token(self, wallet_token_id: str, key: str) -> WalletToken:
        """See `Issuer.suspend_wallet_token`. The API refuses to change a deleted one."""
        found = wallet_token(_ask(lambda: self._tokens.retrieve(wallet_token_id)))
        if found.status in (WalletStatus.SUSPENDED, WalletStatus.DELETED):
            return found
        change, options = {"status": "suspended"}, {"idempotency_key": key}
        return wallet_token(_ask(lambda: self._tokens.update(wallet_token_id, change, options)))  # type: ignore[arg-type]

    def _set_status(
        self, token: str, change: CardUpdateParams, key: str, *, canceled_will_do: bool = False
    ) -> IssuedCard:
        try:
            return _card(_ask(lambda: self._cards.update(token, change, {"idempotency_key": key})))
        except IssuerRefusal as refusal:
            if refusal.code == "unknown_card":
                raise
            now = self.look(token)
            if now.status is not IssuerStatus.CANCELED:
                raise
            if canceled_will_do:
                return now
            raise _refusal("card_closed") from None


def read_webhook(*, body: bytes, signature: str | None, now: datetime | None = None) -> IssuerEvent:
    """The event in a webhook of the issuer; see `read_signed` for what it takes and raises."""
    forged = _("This event is not signed by the issuer.")
    secret = settings.ISSUER_WEBHOOK_SECRET
    return read_signed(body, signature, secret=secret, now=now, forged=forged, read=_event)


def _event(content: dict[str, Any]) -> IssuerEvent:
    """Only what we act on is needed: which card, how its letter is, and when. A status that the API may add one day, or
    one that is missing, must not keep news of a letter from its case."""
    created = datetime.fromtimestamp(content["created"], UTC)
    card = content["data"]["object"]
    if content["type"] not in (EventKind.CARD_CREATED, EventKind.CARD_UPDATED):
        kind, token, status, shipping, case_id = EventKind.OTHER, "", IssuerStatus.INACTIVE, Shipping.NONE, ""
    else:
        kind, token = EventKind(content["type"]), plain_id(str(card["id"]))
        told = card.get("status")
        status = IssuerStatus(told) if told in list(IssuerStatus) else IssuerStatus.INACTIVE
        letter, metadata = card.get("shipping"), card.get("metadata")
        shipping = _SHIPPING.get(letter.get("status") if isinstance(letter, dict) else None, Shipping.NONE)
        case_id = plain_id(str(metadata.get(CASE, ""))) if isinstance(metadata, dict) else ""
    return IssuerEvent(
        id=plain_id(str(content["id"])),
        kind=kind,
        token=token,
        status=status,
        shipping=shipping,
        created=created,
        sequence=(int(content["created"]), _PROGRESS[shipping]),
        case_id=case_id,
    )


def _card(found: StripeCard) -> IssuedCard:
    letter = found.shipping
    return IssuedCard(
        token=found.id,
        brand=kept(found.brand)[:LONGEST_BRAND],
        last_four=found.last4,
        expiry_month=found.exp_month,
        expiry_year=found.exp_year,
        status=IssuerStatus(found.status),
        shipping=_SHIPPING[letter.status if letter else None],
        tracked=bool(letter and letter.tracking_number),
        case_id=str(found.metadata[CASE]) if CASE in found.metadata else "",
        replaces=_token(found.replacement_for),
        replaced_by=_token(found.replaced_by),
    )


def _first(found: stripe.ListObject[Any], most: int) -> list[Any]:
    """The first so many of a list; the library asks for its further pages."""
    return list(islice(found.auto_paging_iter(), most))


def _token(card: StripeCard | str | None) -> str:
    return card.id if isinstance(card, StripeCard) else card or ""


def _letter(address: ShippingAddress, *, tracked: bool) -> CardCreateParamsShipping:
    parts = {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "postal_code": address.postal_code,
        "state": address.state,
        "country": address.country,
    }
    return {
        "name": address.name,
        "address": {name: part for name, part in parts.items() if part},  # type: ignore[typeddict-item]
        "service": "express" if tracked else "standard",
    }


def _lost_or_stolen(reason: Replacement | None) -> Literal["lost", "stolen"]:
    return "lost" if reason is Replacement.LOST else "stolen"


def _ask(call: Callable[[], _Answer]) -> _Answer:
    """Turns the library's errors into those of the port, without the issuer's text, which may quote an address."""
    try:
        return call()
    except stripe.APIConnectionError as error:
        raise IssuerUnavailable(kept(error.user_message or "")[:LONGEST_ID] or "connection") from None
    except stripe.RateLimitError:
        raise IssuerUnavailable("busy") from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("The issuer does not accept our key (HTTP %s).", error.http_status)
        raise IssuerUnavailable("key_not_accepted") from None
    except stripe.IdempotencyError:
        raise _refusal("idempotency_error") from None
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise _refusal(_code(error)) from None
    except stripe.StripeError as error:
        raise IssuerUnavailable(f"http_{error.http_status or 0}") from None


def _code(error: stripe.InvalidRequestError | stripe.CardError) -> str:
    code, about = str(error.code or ""), str(error.param or "")
    if error.http_status == 404:
        return "unknown_card"
    if about.startswith("shipping"):
        return "address_refused"
    if about == "replacement_for":
        return "unknown_card" if code == "resource_missing" else "old_card_open"
    return code if re.fullmatch(r"[a-z][a-z0-9_]{1,60}", code) else "refused"


def _refusal(code: str) -> IssuerRefusal:
    return IssuerRefusal(code, str(_SENTENCES.get(code, _ANY_OTHER)))
