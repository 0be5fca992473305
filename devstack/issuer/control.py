"""What only a simulator has: seeding, faults, the clock, its state, and a page to look around."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from devstack.issuer import form, page
from devstack.issuer.cards import STEPS, Cards
from devstack.issuer.errors import ApiError, missing
from devstack.issuer.faults import Faults
from devstack.issuer.store import Json, Store
from devstack.issuer.uses import Uses
from devstack.issuer.webhooks import Webhooks

SHOWN = 100
FURTHEST = 10 * 365 * 86400


class Control:
    """The routes beside `/v1`. They need no key: everybody who reaches loopback may play."""

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
            Route("/healthz", self._healthy, methods=["GET"]),
            Route("/_sim/state", self._read_state, methods=["GET"]),
            Route("/_sim/faults", self._read_faults, methods=["GET"]),
            Route("/_sim/faults", self._switch_on, methods=["POST"]),
            Route("/_sim/faults", self._switch_off, methods=["DELETE"]),
            Route("/_sim/clock", self._advance, methods=["POST"]),
            Route("/_sim/cards", self._seed, methods=["POST"]),
            Route("/_sim/payments", self._seed_payments, methods=["POST"]),
            Route("/_sim/wallets", self._seed_wallets, methods=["POST"]),
            Route("/", self._page, methods=["GET"]),
            Route("/", self._press, methods=["POST"]),
            Route("/page.css", self._style, methods=["GET"]),
        ]

    def _state(self) -> dict[str, Any]:
        return {
            "now": self._store.now(),
            "faults": self._faults.on(),
            "webhooks": self._store.webhook_counts(),
            "cards": self._store.card_counts(),
        }

    async def _healthy(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _read_state(self, _request: Request) -> Response:
        return JSONResponse(self._state())

    async def _style(self, _request: Request) -> Response:
        return Response(page.STYLE, media_type="text/css")

    async def _read_faults(self, _request: Request) -> Response:
        return JSONResponse(self._faults.on())

    async def _switch_on(self, request: Request) -> Response:
        try:
            self._faults.switch_on(await _read_json(request))
        except ApiError as error:
            return JSONResponse(error.body, status_code=error.status)
        return JSONResponse(self._faults.on())

    async def _switch_off(self, _request: Request) -> Response:
        self._faults.switch_off()
        return JSONResponse({})

    async def _advance(self, request: Request) -> Response:
        try:
            told = await _read_json(request)
            seconds = told.get("advance") if isinstance(told, dict) else None
            if (
                isinstance(seconds, bool)
                or not isinstance(seconds, int | float)
                or not 0 <= seconds <= 10 * 365 * 86400
            ):
                raise ApiError("advance is a number of seconds, forwards, at most ten years.", param="advance")
        except ApiError as error:
            return JSONResponse(error.body, status_code=error.status)
        self._store.advance(seconds)
        self._tick()
        return JSONResponse({"now": self._store.now()})

    async def _seed(self, request: Request) -> Response:
        """One card, or `{"cards": [...]}`; a card that is known stays as it is."""
        try:
            told = await _read_json(request)
            if not isinstance(told, dict):
                raise missing("token")
            wanted = told.get("cards", [told])
            with self._store.together():
                made = [self._cards.seed(card)["id"] for card in wanted]
        except ApiError as error:
            return JSONResponse(error.body, status_code=error.status)
        return JSONResponse({"cards": made})

    async def _seed_payments(self, request: Request) -> Response:
        """`{"payments": [...]}`, each with `card`, `merchant`, `network_id`, `amount` and `days_ago`."""
        return await self._seed_each(request, "payments", self._uses.seed_payment)

    async def _seed_wallets(self, request: Request) -> Response:
        """`{"wallets": [...]}`, each with `card`."""
        return await self._seed_each(request, "wallets", self._uses.seed_token)

    async def _seed_each(self, request: Request, name: str, seed: Callable[[Json], Json]) -> Response:
        try:
            told = await _read_json(request)
            if not isinstance(told, dict) or not isinstance(told.get(name), list):
                raise missing(name)
            with self._store.together():
                made = [seed(one)["id"] for one in told[name]]
        except ApiError as error:
            return JSONResponse(error.body, status_code=error.status)
        return JSONResponse({name: made})

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(
            page.render(self._store.cards(limit=SHOWN), self._state()),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'"},
        )

    async def _press(self, request: Request) -> Response:
        """A button of the page. It works only from the page itself, as the browser reports it."""
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            return Response("This button is on another page.", status_code=403)
        try:
            told = form.read(await request.body())
            token, step = str(told.get("card", "")), str(told.get("step", ""))
            if step not in STEPS:
                raise missing("step")
            with self._store.together():
                self._cards.step(token, step)
        except ApiError as error:
            return Response(error.body["error"]["message"], status_code=error.status, media_type="text/plain")
        self._webhooks.wake()
        return RedirectResponse("/", status_code=303)


async def _read_json(request: Request) -> Any:
    """The body, which must be declared as JSON: a page of another site cannot send that without permission."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ApiError("Send application/json.", status=415)
    try:
        return json.loads(await request.body())
    except ValueError:
        raise ApiError("This is not JSON.") from None
