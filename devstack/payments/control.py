"""What only a simulator has: disputes, refunds and states of accounts by command, and a page to look around."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from devstack.payments import page
from devstack.payments.refunds import Disputes, Refunds
from devstack.payments.store import Kind, Store
from devstack.payments.transfers import Accounts
from devstack.stripe_api import control
from devstack.stripe_api.errors import missing
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.webhooks import Webhooks

SHOWN = 100


class Control:
    """The routes beside `/v1`."""

    def __init__(
        self,
        *,
        store: Store,
        faults: Faults,
        disputes: Disputes,
        refunds: Refunds,
        accounts: Accounts,
        webhooks: Webhooks,
        tick: Callable[[], None],
    ) -> None:
        self._store, self._faults, self._webhooks, self._tick = store, faults, webhooks, tick
        self._disputes, self._refunds, self._accounts = disputes, refunds, accounts

    def routes(self) -> list[Route]:
        """Every one of them."""
        return [
            *control.commands(
                store=self._store, faults=self._faults, webhooks=self._webhooks, tick=self._tick, counts=self._counts
            ),
            control.command("/_sim/disputes", self._dispute),
            control.command("/_sim/accounts", self._account),
            control.command("/_sim/refunds", self._refund),
            Route("/", self._page, methods=["GET"]),
        ]

    def _counts(self) -> dict[str, dict[str, int]]:
        return {"things": self._store.counts()}

    async def _dispute(self, told: Any) -> Any:
        """`{"payment_intent": id, "reason": "fraudulent"}` opens one; `{"dispute": id, "status": "lost"}` closes it."""
        if not isinstance(told, dict) or not (told.get("payment_intent") or told.get("dispute")):
            raise missing("payment_intent")
        with self._store.together():
            if name := told.get("dispute"):
                done = self._disputes.close(str(name), str(told.get("status")))
            else:
                intent = self._store.find(Kind.INTENT, str(told["payment_intent"]))
                done = self._disputes.open(intent, str(told.get("reason") or "fraudulent"))
        self._webhooks.wake()
        return done

    async def _account(self, told: Any) -> Any:
        """`{"account": id, "transfers": "inactive"}`: from then on no transfer reaches it.
        `{"account": id, "empty": true}` pays all that it holds to the merchant's bank."""
        if not isinstance(told, dict) or not told.get("account"):
            raise missing("account")
        with self._store.together():
            if told.get("empty"):
                return self._accounts.empty(str(told["account"]))
            return self._accounts.turn(str(told["account"]), str(told.get("transfers")))

    async def _refund(self, told: Any) -> Any:
        """`{"payment_intent": id, "amount": 500}` gives back as somebody does on the provider's own pages, all of it
        without an amount; `{"refund": id, "status": "failed"}` lets one not arrive."""
        if not isinstance(told, dict) or not (told.get("payment_intent") or told.get("refund")):
            raise missing("payment_intent")
        with self._store.together():
            name = told.get("refund")
            done = self._refunds.fail(str(name)) if name else self._refunds.create(told)
        self._webhooks.wake()
        return done

    async def _page(self, _request: Request) -> Response:
        state = control.state(store=self._store, faults=self._faults, counts=self._counts())
        shown = self._store.all(Kind.INTENT)[:SHOWN]
        transfers = self._store.all(Kind.TRANSFER)[:SHOWN]
        return HTMLResponse(page.render(shown, transfers, state), headers=control.SAFE_PAGE)
