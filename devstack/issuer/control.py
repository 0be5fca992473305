"""What only a simulator has: seeding, a page to look around, and what moves letters on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from devstack.issuer import page
from devstack.issuer.cards import STEPS, Cards
from devstack.issuer.store import Store
from devstack.issuer.uses import Uses
from devstack.stripe_api import control, form
from devstack.stripe_api.errors import missing
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.store import Json
from devstack.stripe_api.webhooks import Webhooks

SHOWN = 100


class Control:
    """The routes beside `/v1`."""

    def __init__(
        self,
        *,
        store: Store,
        faults: Faults,
        cards: Cards,
        uses: Uses,
        webhooks: Webhooks,
        tick: Callable[[], None],
    ) -> None:
        self._store, self._faults, self._cards, self._webhooks, self._tick = store, faults, cards, webhooks, tick
        self._uses = uses

    def routes(self) -> list[Route]:
        """Every one of them."""
        return [
            *control.commands(
                store=self._store, faults=self._faults, webhooks=self._webhooks, tick=self._tick, counts=self._counts
            ),
            control.command("/_sim/cards", self._seed),
            control.command("/_sim/payments", self._seed_payments),
            control.command("/_sim/wallets", self._seed_wallets),
            Route("/", self._page, methods=["GET"]),
            Route("/", control.button(self._press), methods=["POST"]),
        ]

    def _counts(self) -> dict[str, dict[str, int]]:
        return {"cards": self._store.card_counts()}

    async def _seed(self, told: Any) -> Any:
        """One card, or `{"cards": [...]}`; a card that is known stays as it is."""
        if not isinstance(told, dict):
            raise missing("token")
        return self._seed_each({"cards": told.get("cards", [told])}, "cards", self._cards.seed)

    async def _seed_payments(self, told: Any) -> Any:
        """`{"payments": [...]}`, each with `card`, `merchant`, `network_id`, `amount` and `days_ago`."""
        return self._seed_each(told, "payments", self._uses.seed_payment)

    async def _seed_wallets(self, told: Any) -> Any:
        """`{"wallets": [...]}`, each with `card`."""
        return self._seed_each(told, "wallets", self._uses.seed_token)

    def _seed_each(self, told: Any, name: str, seed: Callable[[Json], Json]) -> Json:
        if not isinstance(told, dict) or not isinstance(told.get(name), list):
            raise missing(name)
        with self._store.together():
            return {name: [seed(one)["id"] for one in told[name]]}

    async def _page(self, _request: Request) -> Response:
        state = control.state(store=self._store, faults=self._faults, counts=self._counts())
        return HTMLResponse(page.render(self._store.cards(limit=SHOWN), state), headers=control.SAFE_PAGE)

    def _press(self, body: bytes) -> None:
        told = form.read(body)
        token, step = str(told.get("card", "")), str(told.get("step", ""))
        if step not in STEPS:
            raise missing("step")
        with self._store.together():
            self._cards.step(token, step)
        self._webhooks.wake()
