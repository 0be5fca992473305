"""The routes: request files in, billers' systems, and what only a simulator has."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backoffice.cards.autopay import files
from devstack.no_answer import NoAnswer
from devstack.updater.answering import Answering, post_signed
from devstack.updater.faults import Faults
from devstack.updater.store import Store

_FIND = {"card", "biller", "name", "answer"}


@dataclass(frozen=True, slots=True, repr=False)
class Options:
    """`answer_after` is seconds of the updater's clock. `public_url` is the product's; answers are sent there."""

    data: Path
    public_url: str
    secret: str
    answer_after: float


class Updater:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.store = Store(options.data / "updater.sqlite3")
        self.faults = Faults(self.store)
        url = options.public_url.rstrip("/") + "/api/v1/webhooks/account-updater"
        self.answering = Answering(self.store, self.faults, url=url, secret=options.secret)
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=10), retries=False)

    def routes(self) -> list[Route]:
        return [
            Route("/batches", self._batch, methods=["POST"]),
            Route("/billers/{biller}", self._hook, methods=["POST"]),
            Route("/healthz", self._healthy, methods=["GET"]),
            Route("/_sim/state", self._state, methods=["GET"]),
            Route("/_sim/faults", self._switch_on, methods=["POST"]),
            Route("/_sim/faults", self._switch_off, methods=["DELETE"]),
            Route("/_sim/clock", self._advance, methods=["POST"]),
            Route("/_sim/codes", self._codes, methods=["POST"]),
            Route("/_sim/finds", self._finds, methods=["POST"]),
            Route("/_sim/billers", self._billers, methods=["POST"]),
            Route("/_sim/release", self._release, methods=["POST"]),
            Route("/_sim/confirm", self._confirm, methods=["POST"]),
        ]

    async def _batch(self, request: Request) -> Response:
        """202 for a batch, also for the same one again; 409 for another under the same id."""
        body = await request.body()
        if not _is_signed(body, request, self.options.secret):
            return Response(status_code=401)
        if self.faults.take("down"):
            return Response(status_code=503)
        try:
            text = body.decode("ascii")
            asked = files.read_request(text)
        except (files.Unreadable, UnicodeDecodeError) as damaged:
            return JSONResponse({"error": str(damaged)}, status_code=400)
        due = self.store.now() + self.options.answer_after
        kept = self.store.add_batch(asked.batch.hex, text, due=due)
        if lost := self.faults.take("lost_answer"):
            return NoAnswer(lost["seconds"])
        return Response(status_code=202 if kept == text else 409)

    async def _hook(self, request: Request) -> Response:
        """A webhook to a biller; 401 where it is not signed with the secret that the biller has."""
        biller, body = request.path_params["biller"], await request.body()
        if not _is_signed(body, request, self.store.remember("secrets", {}).get(biller, "")):
            return Response(status_code=401)
        if self.faults.take("biller_down"):
            return Response(status_code=503)
        self.store.got(biller, request.headers["webhook-id"], body.decode())
        return Response(status_code=204)

    async def _healthy(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _state(self, _request: Request) -> Response:
        told = {"now": self.store.now(), "faults": self.faults.on(), "responses": self.store.counts()}
        return JSONResponse({**told, "batches": self.store.batches(), "hooks": self.store.hooks()})

    async def _switch_on(self, request: Request) -> Response:
        try:
            self.faults.switch_on(await _read(request))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(self.faults.on())

    async def _switch_off(self, _request: Request) -> Response:
        self.faults.switch_off()
        return JSONResponse({})

    async def _advance(self, request: Request) -> Response:
        told = await _read(request)
        seconds = told.get("advance") if isinstance(told, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            return JSONResponse({"error": "advance is a number of seconds, forwards."}, status_code=400)
        self.store.advance(seconds)
        self.answering.answer_due()
        return JSONResponse({"now": self.store.now()})

    async def _codes(self, request: Request) -> Response:
        """`{"<number at the network>": "A"}`: how a biller is answered; "" stays silent."""
        self.store.memorise("codes", {**self.store.remember("codes", {}), **await _read(request)})
        return JSONResponse(self.store.remember("codes", {}))

    async def _finds(self, request: Request) -> Response:
        """`[{"card": token, "biller": "<number at the network>", "name": "Example Gym", "answer": "A"}]`: billers that
        have a card on file, and are told of with the first batch about it that does not ask about them."""
        told = await _read(request)
        if not isinstance(told, list) or any(not isinstance(one, dict) or set(one) != _FIND for one in told):
            return JSONResponse({"error": f"Send a list of objects with {', '.join(sorted(_FIND))}."}, status_code=400)
        self.store.memorise("finds", [*self.store.remember("finds", []), *told])
        return JSONResponse({})

    async def _billers(self, request: Request) -> Response:
        """`{"<biller>": "whsec_…"}`: with which secret our webhooks to a biller are signed."""
        self.store.memorise("secrets", {**self.store.remember("secrets", {}), **await _read(request)})
        return JSONResponse({})

    async def _release(self, _request: Request) -> Response:
        self.store.release()
        return JSONResponse({})

    async def _confirm(self, request: Request) -> Response:
        """A biller says that it has the new card: `{"biller": id, "secret": "whsec_…", "line": id}`."""
        told = await _read(request)
        url = f"{self.options.public_url.rstrip('/')}/api/v1/webhooks/billers/{told['biller']}"
        body, name = json.dumps({"line": told["line"]}), f"confirm_{told['line']}"
        status = await asyncio.to_thread(post_signed, self._http, url, body, name=name, secret=told["secret"])
        return JSONResponse({"status": status})


def build(options: Options) -> Starlette:
    """The ASGI application."""
    updater = Updater(options)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(updater.answering.run())
            yield
            task.cancel()
        updater.store.close()

    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", "testserver"])
    return Starlette(routes=updater.routes(), middleware=[hosts], lifespan=lifespan)


def _is_signed(body: bytes, request: Request, secret: str) -> bool:
    try:
        Webhook(secret).verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, RuntimeError, ValueError, KeyError):
        return False
    return True


async def _read(request: Request) -> Any:
    """JSON, or an empty object."""
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
