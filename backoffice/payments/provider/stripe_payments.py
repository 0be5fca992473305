"""The payment provider behind the port, through the Stripe API and its official library:
https://docs.stripe.com/api/payment_intents, https://docs.stripe.com/payments/place-a-hold-on-a-payment-method,
https://docs.stripe.com/payments/without-card-authentication (orders by telephone),
https://docs.stripe.com/connect/separate-charges-and-transfers (what goes on to merchants).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import stripe

from backoffice.payments.provider import amounts, reading
from backoffice.payments.provider.failures import ask, ask_without_decline, decline_of
from backoffice.payments.provider.ports import (
    Bill,
    Card,
    Decline,
    Fee,
    HostedPage,
    NoAnswer,
    Order,
    Payment,
    PaymentStatus,
    Payout,
    PayoutOrder,
    ProviderRefused,
    Refund,
    Refusal,
    Reversal,
    Verification,
)
from backoffice.stripe_api.pooled_http import PooledClient

API_VERSION = "2026-10-28.endive"
"""Pinned: what the account has as its default must not change what we read."""
A_PAGE, MOST_LISTED = 100, 5000
CLOCKS_DIFFER = 300
"""Seconds by which the provider's clock may be behind ours."""


_One = TypeVar("_One")
_Read = TypeVar("_Read")


class StripePayments:
    """`ports.PaymentProvider` on the Stripe API; safe to share between threads. `connect` and `read` are seconds. The
    library repeats nothing: who calls keeps the key, and decides."""

    def __init__(self, *, key: str, url: str, connect: float = 2, read: float = 20) -> None:
        self._api = stripe.StripeClient(
            key,
            base_addresses={"api": url.rstrip("/")},
            http_client=PooledClient(url=url, connect=connect, read=read),
            max_network_retries=0,
            stripe_version=API_VERSION,
        ).v1

    def __repr__(self) -> str:
        return "<StripePayments>"

    def authorise(self, order: Order, *, key: str) -> Payment:
        """See `PaymentProvider.authorise`."""
        params: dict[str, Any] = {
            "amount": amounts.told(order.amount, order.currency),
            "currency": order.currency.lower(),
            "payment_method": order.card,
            "payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "metadata": {reading.KEY: key},
            **_card_options(by_telephone=order.by_telephone, security_code=order.security_code),
        }
        if not order.by_telephone:
            params["error_on_requires_action"] = True
        if order.customer:
            params["customer"] = order.customer
        try:
            return ask(lambda: reading.payment(self._api.payment_intents.create(params, _under(key))))  # type: ignore[arg-type]
        except stripe.CardError as error:
            found = reading.declined(error).payment_intent
        if found is None:
            raise ProviderRefused(Refusal.CARD_NOT_USABLE)
        return ask_without_decline(lambda: reading.payment(found))

    def find(self, *, key: str, since: datetime, customer: str = "") -> Payment | None:
        """See `PaymentProvider.find`. The API's search is of what it knew a minute ago, so its list is read instead."""
        told: Any = {"limit": A_PAGE, **_since(since)}
        if customer:
            told["customer"] = customer

        def first() -> Payment | None:
            for number, found in enumerate(self._api.payment_intents.list(told).auto_paging_iter()):
                if reading.key_in(found.metadata) == key:
                    return reading.payment(found)
                if number + 1 >= MOST_LISTED:
                    raise NoAnswer("too_many_payments")
            return None

        return ask_without_decline(first)

    def look(self, payment: str) -> Payment:
        """See `PaymentProvider.look`."""
        return ask_without_decline(lambda: reading.payment(self._api.payment_intents.retrieve(payment)))

    def capture(self, payment: str, *, key: str, amount: int | None = None) -> Payment:
        """See `PaymentProvider.capture`."""
        held = None if amount is None else self.look(payment)
        told: Any = {"amount_to_capture": amounts.told(amount, held.currency)} if amount is not None and held else {}
        try:
            return ask_without_decline(
                lambda: reading.payment(self._api.payment_intents.capture(payment, told, _under(key)))
            )
        except ProviderRefused as refused:
            return self._already(payment, refused, PaymentStatus.CAPTURED, amount)

    def cancel(self, payment: str, *, key: str) -> Payment:
        """See `PaymentProvider.cancel`."""
        try:
            return ask_without_decline(
                lambda: reading.payment(self._api.payment_intents.cancel(payment, {}, _under(key)))
            )
        except ProviderRefused as refused:
            return self._already(payment, refused, PaymentStatus.CANCELED, None)

    def _already(self, payment: str, refused: ProviderRefused, wanted: PaymentStatus, amount: int | None) -> Payment:
        """The payment, if it is already what was wanted; without an amount, all of it is."""
        if refused.because is not Refusal.STATE:
            raise refused
        now = self.look(payment)
        if now.status is not wanted or (
            wanted is PaymentStatus.CAPTURED and now.captured != (now.amount if amount is None else amount)
        ):
            raise refused
        return now

    def refund(self, payment: str, *, key: str, amount: int | None = None) -> Refund:
        """See `PaymentProvider.refund`."""
        told: dict[str, Any] = {"payment_intent": payment, "metadata": {reading.KEY: key}}
        if amount is not None:
            told["amount"] = amounts.told(amount, self.look(payment).currency)
        try:
            return ask_without_decline(lambda: reading.refund(self._api.refunds.create(told, _under(key))))  # type: ignore[arg-type]
        except ProviderRefused as refused:
            more = refused.because is Refusal.AMOUNT and amount is not None
            raise ProviderRefused(Refusal.MORE_THAN_CAPTURED) if more else refused from None

    def refunds(self, payment: str) -> Sequence[Refund]:
        """See `PaymentProvider.refunds`."""
        told: Any = {"payment_intent": payment, "limit": A_PAGE}
        listed = self._api.refunds
        return ask_without_decline(lambda: [reading.refund(one) for one in listed.list(told).auto_paging_iter()])

    def fee(self, payment: str) -> int:
        """See `PaymentProvider.fee`."""
        told: Any = {"expand": ["latest_charge.balance_transaction"]}
        return ask_without_decline(lambda: reading.fee(self._api.payment_intents.retrieve(payment, told)))

    def fees(self, *, since: datetime) -> Sequence[Fee]:
        """See `PaymentProvider.fees`."""
        told: Any = {"type": "charge", "expand": ["data.source"], "limit": A_PAGE, **_since(since)}
        listed = self._api.balance_transactions
        return _all(lambda: listed.list(told).auto_paging_iter(), reading.fee_moved, "too_many_fees")

    def pay_out(self, order: PayoutOrder, *, key: str) -> Payout:
        """See `PaymentProvider.pay_out`. A transfer that names its charge may be made before the money is there, and
        the API counts how much of the charge is transferred."""
        charge = ask_without_decline(lambda: self._api.payment_intents.retrieve(order.payment).latest_charge)
        told: Any = {
            "amount": amounts.told(order.amount, order.currency),
            "currency": order.currency.lower(),
            "destination": order.account,
            "source_transaction": charge if isinstance(charge, str) else getattr(charge, "id", ""),
            "transfer_group": order.group,
            "metadata": {reading.KEY: key},
        }
        return ask_without_decline(lambda: reading.payout(self._api.transfers.create(told, _under(key))))

    def payouts(self, *, group: str = "", since: datetime | None = None) -> Sequence[Payout]:
        """See `PaymentProvider.payouts`."""
        told: Any = {"limit": A_PAGE}
        if group:
            told["transfer_group"] = group
        if since is not None:
            told |= _since(since)
        listed = self._api.transfers
        return _all(lambda: listed.list(told).auto_paging_iter(), reading.payout, "too_many_payouts")

    def take_back(self, payout: str, *, key: str, amount: int) -> Payout:
        """See `PaymentProvider.take_back`."""
        now = ask_without_decline(lambda: reading.payout(self._api.transfers.retrieve(payout)))
        told: Any = {"amount": amounts.told(amount, now.currency), "metadata": {reading.KEY: key}}
        ask_without_decline(lambda: self._api.transfers.reversals.create(payout, told, _under(key)))
        return ask_without_decline(lambda: reading.payout(self._api.transfers.retrieve(payout)))

    def taken_back(self, payout: str) -> Sequence[Reversal]:
        """See `PaymentProvider.taken_back`."""
        listed = self._api.transfers.reversals
        told: Any = {"limit": A_PAGE}
        return _all(lambda: listed.list(payout, told).auto_paging_iter(), reading.reversal, "too_many_reversals")

    def verify(self, card: str, *, key: str, customer: str = "", by_telephone: bool = True) -> Verification:
        """See `PaymentProvider.verify`."""
        params: dict[str, Any] = {
            "payment_method": card,
            "payment_method_types": ["card"],
            "confirm": True,
            "usage": "off_session",
            "metadata": {reading.KEY: key},
            **_card_options(by_telephone=by_telephone),
        }
        if customer:
            params["customer"] = customer
        try:
            return ask(lambda: reading.verification(self._api.setup_intents.create(params, _under(key))))  # type: ignore[arg-type]
        except stripe.CardError as error:
            told = reading.declined(error)
            return Verification(told.setup_intent.id if told.setup_intent else "", _decline(told))

    def card(self, reference: str) -> Card:
        """See `PaymentProvider.card`."""
        return ask_without_decline(lambda: reading.card(self._api.payment_methods.retrieve(reference)))

    def new_customer(self, *, key: str) -> str:
        """See `PaymentProvider.new_customer`."""
        told: Any = {"metadata": {reading.KEY: key}}
        return ask_without_decline(lambda: self._api.customers.create(told, _under(key)).id)

    def save_card(self, reference: str, *, customer: str, key: str) -> Card | Decline:
        """See `PaymentProvider.save_card`."""
        try:
            told: Any = {"customer": customer}
            return ask(lambda: reading.card(self._api.payment_methods.attach(reference, told, _under(key))))
        except stripe.CardError as error:
            return _decline(reading.declined(error))

    def saved_cards(self, customer: str) -> Sequence[Card]:
        """See `PaymentProvider.saved_cards`."""
        listed = self._api.customers.payment_methods
        told: Any = {"type": "card", "limit": A_PAGE}
        return ask_without_decline(lambda: [reading.card(one) for one in listed.list(customer, told).data])

    def forget_card(self, reference: str, *, key: str) -> None:
        """See `PaymentProvider.forget_card`."""
        try:
            ask_without_decline(lambda: self._api.payment_methods.detach(reference, {}, _under(key)))
        except ProviderRefused as refused:
            if refused.because is not Refusal.CARD_NOT_USABLE or self.card(reference).customer:
                raise

    def open_page(self, bill: Bill, *, key: str) -> HostedPage:
        """See `PaymentProvider.open_page`."""
        price = {
            "unit_amount": amounts.told(bill.amount, bill.currency),
            "currency": bill.currency.lower(),
            "product_data": {"name": bill.title},
        }
        told: dict[str, Any] = {
            "mode": "payment",
            "payment_method_types": ["card"],
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": {"metadata": {reading.KEY: key}},
            "metadata": {reading.KEY: key},
            "success_url": bill.paid_url,
            "cancel_url": bill.back_url,
            "expires_at": int(bill.ends_at.timestamp()),
        }
        return ask_without_decline(lambda: reading.page(self._api.checkout.sessions.create(told, _under(key))))  # type: ignore[arg-type]

    def look_at_page(self, page: str) -> HostedPage:
        """See `PaymentProvider.look_at_page`."""
        return ask_without_decline(lambda: reading.page(self._api.checkout.sessions.retrieve(page)))

    def close_page(self, page: str, *, key: str) -> HostedPage:
        """See `PaymentProvider.close_page`. The API refuses to end a page that has ended."""
        try:
            return ask_without_decline(lambda: reading.page(self._api.checkout.sessions.expire(page, {}, _under(key))))
        except ProviderRefused as refused:
            now = self.look_at_page(page)
            if now.url:
                raise refused from None
            return now


def _since(moment: datetime) -> dict[str, Any]:
    return {"created": {"gte": int(moment.timestamp()) - CLOCKS_DIFFER}}


def _all(listed: Callable[[], Iterable[_One]], read: Callable[[_One], _Read], too_many: str) -> list[_Read]:
    """What is listed, on all of its pages."""

    def all_of_them() -> list[_Read]:
        found: list[_Read] = []
        for one in listed():
            if len(found) >= MOST_LISTED:
                raise NoAnswer(too_many)
            found.append(read(one))
        return found

    return ask_without_decline(all_of_them)


def _under(key: str) -> stripe.RequestOptions:
    return {"idempotency_key": key}


def _decline(told: stripe.ErrorObject) -> Decline:
    return decline_of(told.decline_code or told.code)


def _card_options(*, by_telephone: bool, security_code: str = "") -> dict[str, Any]:
    card: dict[str, Any] = {"moto": True} if by_telephone else {}
    if security_code:
        card["cvc_token"] = security_code
    return {"payment_method_options": {"card": card}} if card else {}
