"""The issuer's contract: what we ask of any company that makes, ships and blocks cards. Every change carries a key of
the caller. The same key with the same request is done once and gets the same answer each time, so a caller without an
answer asks again with the same key. The issuer remembers keys for at least a day; a caller that comes back later first
calls `ordered`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from django.conf import settings

from backoffice.cards.models import Reason, Shipping
from backoffice.refusals import Refused


class IssuerUnavailable(Exception):
    """No usable answer: it is down, slow, busy, or does not accept our key. Try again later with the same key. The
    outcome is unknown: the issuer may have acted. `reason` is for machines and logs, and holds nothing personal.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the issuer gave no answer: {reason}")
        self.reason = reason


class IssuerRefusal(Refused):
    """The issuer refused, and would refuse again. `code` is the issuer's code; `sentence` is ours and holds no data."""


class IssuerStatus(StrEnum):
    """Whether payments are possible. For the issuer, a blocked card and one that was never activated look the same."""

    INACTIVE = "inactive"
    ACTIVE = "active"
    CANCELED = "canceled"


class Replacement(StrEnum):
    """Why a card is replaced, in the words of the card networks."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRED = "expired"

    @classmethod
    def of(cls, reason: Reason | str) -> Replacement:
        """The network's word for the reason of our case. Fraud counts as stolen, because others have the number."""
        return _WORDS[Reason(reason)]

    @property
    def keeps_number(self) -> bool:
        """Damaged and expiring cards keep their number; activating the new card closes the old one at the issuer."""
        return self in (Replacement.DAMAGED, Replacement.EXPIRED)


_WORDS: Mapping[Reason, Replacement] = {
    Reason.LOST: Replacement.LOST,
    Reason.STOLEN: Replacement.STOLEN,
    Reason.FRAUD: Replacement.STOLEN,
    Reason.DAMAGED: Replacement.DAMAGED,
    Reason.EXPIRING: Replacement.EXPIRED,
}


@dataclass(frozen=True, slots=True, repr=False)
class ShippingAddress:
    """Where the letter with the card goes, as it stands on the carrier's label: at most 45 characters a part. `country`
    is ISO 3166-1 alpha-2; `postal_code` is empty where the country has none. Personal data: it has no repr.
    """

    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    line2: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A new physical card. `replaces` is the old card's token; a first card needs `cardholder` instead.

    `case_id` is our case's opaque id, and the only data of ours that the issuer stores.
    """

    reason: Replacement
    shipping: ShippingAddress
    case_id: str
    replaces: str | None = None
    cardholder: str | None = None
    """The issuer's own opaque reference of the holder. A replacement has the holder of the card that it replaces."""
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A card as the issuer has it now. `expiry_year` has four digits; `shipping` is empty for a card never sent."""

    token: str
    brand: str
    last_four: str
    expiry_month: int
    expiry_year: int
    status: IssuerStatus
    shipping: Shipping
    tracked: bool
    """There is a tracking number, so the letter can be followed."""
    case_id: str = ""
    replaces: str = ""
    replaced_by: str = ""


class EventKind(StrEnum):
    CARD_CREATED = "issuing_card.created"
    CARD_UPDATED = "issuing_card.updated"
    OTHER = "other"
    """Really from the issuer, but not about a card: acknowledge it and do nothing."""


@dataclass(frozen=True, slots=True)
class IssuerEvent:
    """What the issuer reports about a card, as it was when the event was made. Events may come twice, late, and in any
    order.

    `id` is the same each time it comes. `created` is aware UTC, exact to the second. `sequence` orders the events of
    one card: by time, then by how far the letter is; ignore an event that is not after the last one that you applied.
    In doubt, `Issuer.look` tells the current state.
    """

    id: str
    kind: EventKind
    token: str
    status: IssuerStatus
    shipping: Shipping
    created: datetime
    sequence: tuple[int, int]
    case_id: str = ""


class WalletStatus(StrEnum):
    """Whether a wallet can pay with the card. Networks point wallets to a new card by themselves, when it replaces
    another one."""

    REQUESTED = "requested"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class WalletToken:
    """A card in a wallet: `wallet` is whose it is ("apple_pay"), `device` what it is in ("phone"); either may be empty.
    `card` is the issuer's token of the card that it pays with now."""

    id: str
    card: str
    status: WalletStatus
    wallet: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class CardPayment:
    """A payment that was taken from a card. `amount` is in the smallest unit of `currency` (ISO 4217, in lower case);
    `merchant_id` is the merchant's number at the card network, `category` its code (ISO 18245). `at` is aware UTC."""

    merchant: str
    merchant_id: str
    category: str
    amount: int
    currency: str
    at: datetime


class Issuer(Protocol):
    """What an adapter does. Each function raises `IssuerUnavailable` or `IssuerRefusal`, and nothing else.

    Each returns the card as it is afterwards, and succeeds if the card was already as requested.
    """

    def block(self, token: str, key: str) -> IssuedCard:
        """Payments stop at once; `unblock` undoes it. A closed card stays closed, and counts as blocked."""
        ...

    def unblock(self, token: str, key: str) -> IssuedCard:
        """Payments go on. Refused with `card_closed` for a closed card."""
        ...

    def close(self, token: str, reason: Replacement | None, key: str) -> IssuedCard:
        """Closes the card for good. `reason` is None when it is not lost, not stolen and not replaced for another
        reason."""
        ...

    def order(self, request: OrderRequest, key: str) -> IssuedCard:
        """Orders a new card, not active, to be sent to `request.shipping`. Damaged and expired cards keep their number.
        For lost and stolen cards the issuer demands that the old card is closed first: this is done here, with a key
        made from `key`. `expiry` is always new.
        """
        ...

    def ordered(self, replaces: str, case_id: str) -> IssuedCard | None:
        """The card that this case has already ordered to replace `replaces`, closed or not; None if there is none."""
        ...

    def reship(self, undelivered: str, request: OrderRequest, key: str) -> IssuedCard:
        """Closes a card that came back or was lost in the post as lost, and orders a new one, with a new number.
        `request.replaces` and `request.reason` are not used. If the first card is still open, it stays open: `close`
        it.
        """
        ...

    def cancel_order(self, token: str, key: str) -> IssuedCard:
        """Takes back an order: the new card is closed, and not sent if it was not sent yet."""
        ...

    def activate(self, token: str, key: str) -> IssuedCard:
        """Makes the new card usable. If it has the number of the old card, the issuer closes the old one at the same
        time."""
        ...

    def look(self, token: str) -> IssuedCard:
        """The card as it is now. Refused with `unknown_card` if there is no such card."""
        ...

    def payments(self, token: str, since: datetime) -> Sequence[CardPayment]:
        """What was taken from a card since then, without what was given back; the newest first, at most some
        thousand."""
        ...

    def wallet_tokens(self, token: str) -> Sequence[WalletToken]:
        """The wallets that have this card, those that were suspended or deleted too."""
        ...

    def suspend_wallet_token(self, wallet_token: str, key: str) -> WalletToken:
        """One wallet can no longer pay with the card that it has. Deleted ones stay deleted."""
        ...


def issuer() -> Issuer:
    """The adapter that the settings name: one for each OS process, shared by its threads."""
    return _adapter(settings.ISSUER_KEY, settings.ISSUER_URL, settings.ISSUER_CURRENCY)


@lru_cache(maxsize=4)
def _adapter(key: str, url: str, currency: str) -> Issuer:
    from backoffice.cards.adapters.stripe_issuing import StripeIssuer

    return StripeIssuer(key=key, url=url, currency=currency)
