"""What only a simulator has: who picks up the telephone, faults, its state, and a page to look around."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from devstack.telephony import page
from devstack.telephony.faults import Faults
from devstack.telephony.lines import LIVE, Json, Lines, shown
from devstack.telephony.webhooks import Webhooks

SHOWN = 50


class Control:
    """The routes beside the API. They need no key: everybody who reaches loopback may play."""

    def __init__(self, *, lines: Lines, faults: Faults, webhooks: Webhooks) -> None:
        self._lines, self._faults, self._webhooks = lines, faults, webhooks

    def routes(self) -> list[Route]:
        """Every one of them."""
        return [
            Route("/healthz", self._healthy, methods=["GET"]),
            Route("/_sim/state", self._state, methods=["GET"]),
            Route("/_sim/calls", self._calls, methods=["GET"]),
            Route("/_sim/calls/{which}/{step}", self._step, methods=["POST"]),
            Route("/_sim/faults", self._switch_on, methods=["POST"]),
            Route("/_sim/faults", self._switch_off, methods=["DELETE"]),
            Route("/", self._page, methods=["GET"]),
            Route("/", self._press, methods=["POST"]),
            Route("/page.css", self._style, methods=["GET"]),
        ]

    async def _healthy(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _state(self, _request: Request) -> Response:
        return JSONResponse({"faults": self._faults.on, "webhooks": self._webhooks.counts})

    async def _calls(self, request: Request) -> Response:
        """The newest first; `?to=` only those to a number."""
        return JSONResponse({"calls": [shown(call) for call in self._found(request.query_params.get("to", ""))]})

    async def _step(self, request: Request) -> Response:
        """`/_sim/calls/<sid>/answer`, or a number instead of the id: then the newest call to it that is not over."""
        which, step = request.path_params["which"], request.path_params["step"]
        if request.headers.get("origin"):
            return JSONResponse({"message": "Not from a page."}, 403)
        live = [call["sid"] for call in self._found(which) if call["status"] in LIVE]
        try:
            return JSONResponse(shown(self._lines.step(live[0] if live else which, step)))
        except KeyError:
            return JSONResponse({"message": "There is no such call."}, 404)
        except ValueError as impossible:
            return JSONResponse({"message": str(impossible)}, 409)

    def _found(self, to: str) -> list[Json]:
        return [call for call in reversed(self._lines.calls.values()) if to in ("", call["to"])]

    async def _switch_on(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return JSONResponse({"message": "Send application/json."}, 415)
        try:
            wanted: Any = json.loads(await request.body())
            self._faults.switch_on(wanted)
        except ValueError as wrong:
            return JSONResponse({"message": str(wrong)}, 400)
        return JSONResponse(self._faults.on)

    async def _switch_off(self, _request: Request) -> Response:
        self._faults.switch_off()
        return JSONResponse({})

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(
            page.render(self._found("")[:SHOWN], self._faults.on, self._webhooks.counts),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'"},
        )

    async def _press(self, request: Request) -> Response:
        """A button of the page. It works only from the page itself, as the browser reports it."""
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            return Response("This button is on another page.", status_code=403)
        told = parse_qs((await request.body()).decode(errors="replace"))
        try:
            self._lines.step(told.get("call", [""])[0], told.get("step", [""])[0])
        except KeyError:
            return Response("There is no such call.", status_code=404)
        except ValueError as impossible:
            return Response(str(impossible), status_code=409, media_type="text/plain")
        return RedirectResponse("/", status_code=303)

    async def _style(self, _request: Request) -> Response:
        return Response(page.STYLE, media_type="text/css")
