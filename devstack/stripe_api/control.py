"""What every simulator of the Stripe API has besides: its health, faults, clock and state. Nothing here needs a key:
everybody who reaches loopback may play."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from devstack import plain_page
from devstack.stripe_api.errors import ApiError
from devstack.stripe_api.faults import Faults
from devstack.stripe_api.store import Store
from devstack.stripe_api.webhooks import Webhooks

FURTHEST = 10 * 365 * 86400
"""Seconds that the clock moves on at once, at most."""
SAFE_PAGE = {"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'"}


def commands(
    *,
    store: Store,
    faults: Faults,
    webhooks: Webhooks,
    tick: Callable[[], None],
    counts: Callable[[], dict[str, dict[str, int]]],
) -> list[Route]:
    """The routes. `tick` is called when the clock was moved; `counts` is what else the state shows."""

    async def healthy(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def read_state(_request: Request) -> Response:
        return JSONResponse(state(store=store, faults=faults, counts=counts()))

    async def read_faults(_request: Request) -> Response:
        return JSONResponse(faults.on())

    async def switch_on(wanted: Any) -> Any:
        faults.switch_on(wanted)
        return faults.on()

    async def switch_off(_request: Request) -> Response:
        faults.switch_off()
        return JSONResponse({})

    async def advance(told: Any) -> Any:
        seconds = told.get("advance") if isinstance(told, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= FURTHEST:
            raise ApiError("advance is a number of seconds, forwards, at most ten years.", param="advance")
        store.advance(seconds)
        tick()
        webhooks.wake()
        return {"now": store.now()}

    async def style(_request: Request) -> Response:
        return Response(plain_page.STYLE, media_type="text/css")

    return [
        Route("/healthz", healthy, methods=["GET"]),
        Route("/_sim/state", read_state, methods=["GET"]),
        Route("/_sim/faults", read_faults, methods=["GET"]),
        command("/_sim/faults", switch_on),
        Route("/_sim/faults", switch_off, methods=["DELETE"]),
        command("/_sim/clock", advance),
        Route("/page.css", style, methods=["GET"]),
    ]


def state(*, store: Store, faults: Faults, counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {"now": store.now(), "faults": faults.on(), "webhooks": store.webhook_counts(), **counts}


def command(path: str, act: Callable[[Any], Awaitable[Any]]) -> Route:
    """A POST of JSON, answered in JSON; `act` may raise `ApiError`. The content must be declared as JSON: a page of
    another site cannot send that without permission."""

    async def endpoint(request: Request) -> Response:
        try:
            if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                raise ApiError("Send application/json.", status=415)
            try:
                told = json.loads(await request.body())
            except ValueError:
                raise ApiError("This is not JSON.") from None
            return JSONResponse(await act(told))
        except ApiError as error:
            return JSONResponse(error.body, status_code=error.status)

    return Route(path, endpoint, methods=["POST"])


def button(act: Callable[[bytes], None]) -> Callable[[Request], Awaitable[Response]]:
    """What answers the buttons of the page at `/`. They work only from that page, as the browser reports it."""

    async def endpoint(request: Request) -> Response:
        if is_from_another_page(request):
            return Response("This button is on another page.", status_code=403)
        try:
            act(await request.body())
        except ApiError as error:
            return Response(error.body["error"]["message"], status_code=error.status, media_type="text/plain")
        return RedirectResponse("/", status_code=303)

    return endpoint


def is_from_another_page(request: Request) -> bool:
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc != request.headers.get("host")
