"""The payment provider's contract: what we ask of any company that takes payments by card.

Every change carries a key of the caller, of a case and a step. The same key with the same request is done once and gets
the same answer each time. A caller without an answer asks again with the same key, and never with another one. The
provider remembers keys for a day, and where it failed on its side it repeats that failure; then `find` says what became
of the payment. A caller that comes back after more than a day calls `find` first.

Amounts are in the smallest unit of their currency (ISO 4217: none for JPY, two decimals for EUR, three for KWD).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from django.conf import settings


class ProviderFailed(Exception):
    """A request did not do what was asked. `reason` is for machines and logs, and holds nothing personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSent(ProviderFailed):
    """It was surely not done: there was no connection, the provider was too busy, or does not accept our key. Try again
    later."""


class NoAnswer(ProviderFailed):
    """Nobody knows whether it was done: the answer was lost, or is an error of the provider's. Ask again with the same
    key; where that fails as well, `find` or `look`."""


class Refusal(StrEnum):
    """Why the provider refuses something for good, other than by a decline."""

    UNKNOWN = "unknown"
    """It knows no such payment, card or customer."""
    KEY_USED = "key_used"
    """It has had another request under the same key."""
    CARD_NOT_USABLE = "card_not_usable"
    """The card belongs to another customer, was forgotten, or was told for one payment only."""
    CODE_NOT_USABLE = "code_not_usable"
    """The security code was used before, or is not known."""
    AMOUNT = "amount"
    """Too little, too much, or not possible in this currency."""
    STATE = "state"
    """The payment is in a state in which this is not possible; `look` tells which."""
    MORE_THAN_CAPTURED = "more_than_captured"
    DISPUTED = "disputed"
    """Its cardholder has disputed it, so the bank gives the money back."""
    ACCOUNT_NOT_USABLE = "account_not_usable"
    """It knows no such account of a merchant, or pays nothing out to it."""
    BALANCE = "balance"
    """There is not enough on the account that it would come from."""
    OTHER = "other"


class ProviderRefused(ProviderFailed):
    """The provider refuses it, and would refuse it again. Nothing was done."""

    def __init__(self, because: Refusal) -> None:
        super().__init__(because.value)
        self.because = because


class Decline(StrEnum):
    """Why a card's issuer declines. Only the cardholder is told which."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    STOLEN = "stolen"
    LOST = "lost"
    EXPIRED = "expired"
    WRONG_NUMBER = "wrong_number"
    WRONG_CODE = "wrong_code"
    """The security code."""
    LIMIT = "limit"
    NOT_PERMITTED = "not_permitted"
    """Not this kind of payment, merchant or currency with this card."""
    SUSPECTED_FRAUD = "suspected_fraud"
    NEEDS_CARDHOLDER = "needs_cardholder"
    """The issuer wants to ask the cardholder itself, which cannot be done here."""
    TRY_LATER = "try_later"
    """The issuer could not be reached; the card may be good."""
    DO_NOT_HONOUR = "do_not_honour"
    """No reason was given."""


class PaymentStatus(StrEnum):
    OPEN = "open"
    """Nothing is held yet, and the provider has not made up its mind."""
    DECLINED = "declined"
    AUTHORISED = "authorised"
    """The amount is held on the card for some days."""
    CAPTURED = "captured"
    CANCELED = "canceled"
    """What was held was released."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card as we may know it. `reference` is the provider's. Cards with one number have one `fingerprint`, whoever
    told them. `expiry_year` has four digits; `customer` is the provider's reference of who saved it, or empty."""

    reference: str
    brand: str
    last_four: str
    expiry_month: int
    expiry_year: int
    fingerprint: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be held on a card. `card` and `customer` are the provider's references; `security_code` is its
    reference of a code that was just told. `by_telephone` exempts the payment from asking the cardholder on a page
    (mail order and telephone order)."""

    amount: int
    currency: str
    card: str
    customer: str = ""
    security_code: str = field(default="", repr=False)
    by_telephone: bool = True


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the provider has it now. `id` is the provider's, `key` the one that it was ordered under; `captured`
    is what was taken of `amount`; `decline` says why, and only where it was declined. `created` is aware UTC."""

    id: str
    key: str
    status: PaymentStatus
    amount: int
    currency: str
    created: datetime
    captured: int = 0
    decline: Decline | None = None


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to the card that a payment was taken from."""

    id: str
    key: str
    payment: str
    amount: int
    currency: str
    status: RefundStatus


@dataclass(frozen=True, slots=True)
class Fee:
    """What the provider keeps of a captured `payment`, its id there, in the payment's currency."""

    payment: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """What goes to a merchant of a captured `payment`, the provider's id. `account` is the merchant's there. `group` is
    a word of ours under which all payouts of one payment are found again."""

    payment: str
    account: str
    amount: int
    currency: str
    group: str


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that went on to a merchant, as the provider has it now; `returned` is what was taken back of `amount`.
    `created` is aware UTC."""

    id: str
    key: str
    group: str
    account: str
    amount: int
    currency: str
    created: datetime
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Reversal:
    """A part of a payout that was taken back; `key` is empty where somebody did it at the provider's own pages."""

    id: str
    key: str
    amount: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What a card's issuer says when it is asked without a payment; `decline` is None where the card is good."""

    id: str
    decline: Decline | None


@dataclass(frozen=True, slots=True)
class Bill:
    """What somebody pays on the provider's page. `title` is the only text of ours on it, such as the code of a case;
    `paid_url` and `back_url` are where the page leads to. `ends_at` (aware) is 30 minutes to a day from now."""

    amount: int
    currency: str
    title: str
    paid_url: str
    back_url: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class HostedPage:
    """A page of the provider on which somebody pays. `url` is a secret of whoever pays, and empty where the page has
    ended. `payment` is empty until somebody has tried."""

    id: str
    url: str = field(repr=False)
    ends_at: datetime
    is_paid: bool
    payment: str = ""


class PaymentProvider(Protocol):
    """What an adapter does; safe to share between threads, each request with a time-out of some seconds. Each function
    raises `NotSent`, `NoAnswer` or `ProviderRefused`, and nothing else."""

    def authorise(self, order: Order, *, key: str) -> Payment:
        """Holds the amount. A decline is an outcome, not an error: the payment is `DECLINED`, and the same key gives
        the same again."""
        ...

    def find(self, *, key: str, since: datetime, customer: str = "") -> Payment | None:
        """The payment that was ordered under the key since then (aware), by the customer that the order named; None
        where there is surely none. Raises `NoAnswer` where there are too many to say."""
        ...

    def look(self, payment: str) -> Payment:
        """The payment as it is now."""
        ...

    def capture(self, payment: str, *, key: str, amount: int | None = None) -> Payment:
        """Takes what is held, or less; the rest is released. Succeeds where exactly that was taken already."""
        ...

    def cancel(self, payment: str, *, key: str) -> Payment:
        """Releases what is held, or ends a payment that was declined. Succeeds where it was canceled already."""
        ...

    def refund(self, payment: str, *, key: str, amount: int | None = None) -> Refund:
        """Gives back all that is left of what was captured, or a part."""
        ...

    def refunds(self, payment: str) -> Sequence[Refund]:
        """What was given back of a payment, the newest first: also the way to find a refund whose answer was lost."""
        ...

    def fee(self, payment: str) -> int:
        """What the provider keeps of a captured payment, in the payment's currency. Raises `NoAnswer` where it does not
        know yet."""
        ...

    def fees(self, *, since: datetime) -> Sequence[Fee]:
        """Those of all payments that were captured since then (aware), the newest first. Raises `NoAnswer` where there
        are too many to say."""
        ...

    def pay_out(self, order: PayoutOrder, *, key: str) -> Payout:
        """Sends a part of a captured payment to a merchant. All payouts of a payment together are never more than it
        took, whatever their keys."""
        ...

    def payouts(self, *, group: str = "", since: datetime | None = None) -> Sequence[Payout]:
        """Those of a group, or all since then (aware), the newest first: also the way to find one whose answer was
        lost. Raises `NoAnswer` where there are too many to say."""
        ...

    def take_back(self, payout: str, *, key: str, amount: int) -> Payout:
        """Takes back so much of a payout from the merchant's account, and gives the payout as it is then."""
        ...

    def taken_back(self, payout: str) -> Sequence[Reversal]:
        """What was taken back of a payout, the newest first: also the way to find one whose answer was lost."""
        ...

    def verify(self, card: str, *, key: str, customer: str = "", by_telephone: bool = True) -> Verification:
        """Asks the card's issuer whether the card is good, without a payment. With a customer, a good card is saved."""
        ...

    def card(self, reference: str) -> Card:
        """The card behind a reference."""
        ...

    def new_customer(self, *, key: str) -> str:
        """The provider's reference of a new customer, of whom it learns nothing but the key."""
        ...

    def save_card(self, reference: str, *, customer: str, key: str) -> Card | Decline:
        """Saves the card with the customer, unless its issuer declines."""
        ...

    def saved_cards(self, customer: str) -> Sequence[Card]:
        """The newest first, at most a hundred."""
        ...

    def forget_card(self, reference: str, *, key: str) -> None:
        """The card is no longer saved, and its reference can never pay again. Succeeds where that is so already."""
        ...

    def open_page(self, bill: Bill, *, key: str) -> HostedPage:
        """A page of the provider on which anybody who has its address pays the bill. The payment there has our key."""
        ...

    def look_at_page(self, page: str) -> HostedPage:
        """The page as it is now."""
        ...

    def close_page(self, page: str, *, key: str) -> HostedPage:
        """Nobody can pay there any more; a page on which somebody has paid stays paid."""
        ...


def provider() -> PaymentProvider | None:
    """The adapter that the settings name, one for each OS process; None where no payments are taken."""
    return _adapter(settings.PAYMENTS_KEY, settings.PAYMENTS_URL) if settings.PAYMENTS_URL else None


@lru_cache(maxsize=4)
def _adapter(key: str, url: str) -> PaymentProvider:
    from backoffice.payments.provider.stripe_payments import StripePayments

    return StripePayments(key=key, url=url)
