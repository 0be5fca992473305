"""The HTTP side: pages for people, JSON for the tests and the demonstration, and the URL that takes text messages and
letters."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import pages, receiving
from .store import Message, Store

_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A mail is foreign content: no script, no form, nothing from outside; only its own inline styles."""
_MOST = 1000


def make_app(store: Store, *, smtp_port: int | None) -> Starlette:
    """The application. If a port is given, it also listens for mail while it runs."""

    @contextlib.asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        server = await receiving.serve(store, smtp_port) if smtp_port else None
        yield
        if server is not None:
            server.close()
        store.close()

    app = Starlette(
        routes=[
            Route("/", _list),
            Route("/messages/{number:int}", _show),
            Route("/messages/{number:int}/html", _html),
            Route("/messages/{number:int}/raw", _raw),
            Route("/inbox.css", _style),
            Route("/sms", _take, methods=["POST"]),
            Route("/api/messages", _api_list),
            Route("/api/messages/{number:int}", _api_show),
            Route("/livez", _live),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        lifespan=running,
    )
    app.state.store = store
    return app


async def _list(request: Request) -> Response:
    words, kind = request.query_params.get("q", ""), request.query_params.get("kind", "")
    found = _store(request).find(words=words, kind=kind)
    return _page(pages.listing(found, words=words, kind=kind))


async def _show(request: Request) -> Response:
    message = _message(request)
    return _page(pages.message(message)) if message else _page(pages.missing(), 404)


async def _html(request: Request) -> Response:
    message = _message(request)
    headers = {"Content-Security-Policy": _MAIL_POLICY}
    return HTMLResponse(message.html, headers=headers) if message else _page(pages.missing(), 404)


async def _raw(request: Request) -> Response:
    raw = _store(request).raw(request.path_params["number"])
    return PlainTextResponse(raw) if raw is not None else _page(pages.missing(), 404)


async def _style(request: Request) -> Response:
    return FileResponse(Path(__file__).with_name("inbox.css"), media_type="text/css")


async def _take(request: Request) -> Response:
    try:
        body = await request.json()
    except ValueError:
        return JSONResponse({"error": "The body is not JSON."}, 400)
    given = body if isinstance(body, dict) else {}
    wanted = ("to", "text", "reference")
    missing = [name for name in wanted if not (isinstance(given.get(name), str) and given[name])]
    if missing:
        return JSONResponse({"error": f"Give {', '.join(missing)} as text."}, 400)
    sent = {**{name: given[name] for name in wanted}, "date": request.headers.get("date", "")}
    if given.get("kind") == "letter":
        number = _store(request).add_letter(subject=str(given.get("subject") or ""), **sent)
    else:
        number = _store(request).add_sms(**sent)
    return JSONResponse({"id": number}, 202)


async def _api_list(request: Request) -> Response:
    asked = request.query_params
    try:
        after, limit = int(asked.get("after", "0")), min(int(asked.get("limit", "100")), _MOST)
    except ValueError:
        return JSONResponse({"error": "after and limit are numbers."}, 400)
    found = _store(request).find(
        words=asked.get("q", ""), kind=asked.get("kind", ""), recipient=asked.get("to", ""), after=after, limit=limit
    )
    return JSONResponse({"messages": [asdict(message) for message in found]})


async def _api_show(request: Request) -> Response:
    message = _message(request)
    return JSONResponse(asdict(message)) if message else JSONResponse({"error": "No such message."}, 404)


async def _live(request: Request) -> Response:
    return PlainTextResponse("alive")


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _message(request: Request) -> Message | None:
    return _store(request).one(request.path_params["number"])


def _page(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers={"Content-Security-Policy": _PAGE_POLICY})
