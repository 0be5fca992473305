"""The endpoints of the Stripe API that payments need."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from devstack.payments.cards import Cards
from devstack.payments.checkout import Sessions
from devstack.payments.intents import Intents
from devstack.payments.refunds import Disputes, Refunds
from devstack.payments.setups import Setups
from devstack.payments.store import Kind, Store
from devstack.payments.transfers import Accounts, Fees, Transfers
from devstack.stripe_api.endpoint import Endpoint


class Api:
    """The routes under `/v1`."""

    def __init__(
        self,
        *,
        endpoint: Endpoint,
        store: Store,
        cards: Cards,
        intents: Intents,
        setups: Setups,
        refunds: Refunds,
        disputes: Disputes,
        sessions: Sessions,
        fees: Fees,
        accounts: Accounts,
        transfers: Transfers,
    ) -> None:
        self._route, self._store, self._cards, self._intents = endpoint.route, store, cards, intents
        self._setups, self._refunds, self._disputes, self._sessions = setups, refunds, disputes, sessions
        self._fees, self._accounts, self._transfers = fees, accounts, transfers

    def routes(self) -> list[Route]:
        """Every endpoint that is spoken here."""
        return [
            *self._of_cards(),
            *self._of_payments(),
            *self._of_money_back(),
            *self._of_sessions(),
            *self._of_merchants(),
        ]

    def _of_cards(self) -> list[Route]:
        route, cards, setups = self._route, self._cards, self._setups
        method, customer = "/v1/payment_methods", "/v1/customers"
        return [
            route("POST", method, "card", lambda _, told: cards.create(told)),
            route("GET", method + "/{id}", "look", lambda r, _: self._store.find(Kind.CARD, _id(r))),
            route("POST", method + "/{id}/attach", "card", lambda r, told: cards.attach(_id(r), told)),
            route("POST", method + "/{id}/detach", "card", lambda r, told: cards.detach(_id(r), told)),
            route("POST", "/v1/tokens", "card", lambda _, told: cards.token(told)),
            route("POST", customer, "card", lambda _, told: cards.new_customer(told)),
            route("GET", customer + "/{id}", "look", lambda r, _: cards.customer(_id(r))),
            route("GET", customer + "/{id}/payment_methods", "look", lambda r, told: cards.of_customer(_id(r), told)),
            route("POST", "/v1/setup_intents", "verify", lambda _, told: setups.create(told)),
            route("GET", "/v1/setup_intents/{id}", "look", lambda r, _: setups.find(_id(r))),
        ]

    def _of_payments(self) -> list[Route]:
        route, intents, path = self._route, self._intents, "/v1/payment_intents"
        return [
            route("GET", path, "look", lambda _, told: intents.list(told)),
            route("POST", path, "authorise", lambda _, told: intents.create(told)),
            route("GET", path + "/{id}", "look", lambda r, told: self._fees.expanded(intents.find(_id(r)), told)),
            route("POST", path + "/{id}/confirm", "authorise", lambda r, told: intents.confirm(_id(r), told)),
            route("POST", path + "/{id}/capture", "capture", lambda r, told: intents.capture(_id(r), told)),
            route("POST", path + "/{id}/cancel", "cancel", lambda r, told: intents.cancel(_id(r), told)),
            route("GET", "/v1/balance_transactions", "look", lambda _, told: self._fees.list(told)),
            route("GET", "/v1/charges/{id}", "look", lambda r, _: self._store.find(Kind.CHARGE, _id(r))),
        ]

    def _of_money_back(self) -> list[Route]:
        route, refunds, disputes = self._route, self._refunds, self._disputes
        return [
            route("GET", "/v1/refunds", "look", lambda _, told: refunds.list(told)),
            route("POST", "/v1/refunds", "refund", lambda _, told: refunds.create(told)),
            route("GET", "/v1/refunds/{id}", "look", lambda r, _: refunds.find(_id(r))),
            route("GET", "/v1/disputes", "look", lambda _, told: disputes.list(told)),
            route("GET", "/v1/disputes/{id}", "look", lambda r, _: disputes.find(_id(r))),
        ]

    def _of_sessions(self) -> list[Route]:
        route, sessions, path = self._route, self._sessions, "/v1/checkout/sessions"
        return [
            route("POST", path, "checkout", lambda r, told: sessions.create(told, origin=str(r.base_url))),
            route("GET", path + "/{id}", "look", lambda r, _: sessions.find(_id(r))),
            route("POST", path + "/{id}/expire", "checkout", lambda r, _: sessions.expire(_id(r))),
        ]

    def _of_merchants(self) -> list[Route]:
        route, accounts, transfers, path = self._route, self._accounts, self._transfers, "/v1/transfers"
        return [
            route("POST", "/v1/accounts", "account", lambda _, told: accounts.create(told)),
            route("GET", "/v1/accounts/{id}", "look", lambda r, _: accounts.find(_id(r))),
            route("GET", path, "look", lambda _, told: transfers.list(told)),
            route("POST", path, "transfer", lambda _, told: transfers.create(told)),
            route("GET", path + "/{id}", "look", lambda r, _: transfers.find(_id(r))),
            route("GET", path + "/{id}/reversals", "look", lambda r, told: transfers.reversals(_id(r), told)),
            route("POST", path + "/{id}/reversals", "reverse", lambda r, told: transfers.reverse(_id(r), told)),
        ]


def _id(request: Request) -> str:
    return str(request.path_params["id"])
